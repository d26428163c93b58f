"""End to end: the binaries as processes between real servers. The environment's MAILHAUL is the
binary.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
