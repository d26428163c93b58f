"""One side of a copy, as every client is told about it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Endpoint:
    host: str
    port: int
    user: str
    password: str
