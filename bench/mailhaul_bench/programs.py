"""Where the programs of this project are that the bench runs."""

import os
from pathlib import Path

from mailhaul_support.processes import NotInstalled

_CHECKOUT = Path(__file__).resolve().parents[2]


def build_folder() -> Path:
    """That of the binary which MAILHAUL names, or else build/release."""
    if "MAILHAUL" in os.environ:
        return Path(os.environ["MAILHAUL"]).resolve().parents[1]
    return _CHECKOUT / "build" / "release"


def require_built(relative_path: str) -> Path:
    path = build_folder() / relative_path
    if not path.exists():
        raise NotInstalled(
            f"{path} is not built: cmake --preset release && cmake --build --preset release"
        )
    return path
