"""Everything that is measured, in the order of the table's rows."""

from .dsync import Dsync
from .floor import Floor
from .interimap import Interimap
from .mailhaul import Mailhaul
from .mbsync import Mbsync

CLIENTS = (Floor("multiappend"), Floor("append"), Mailhaul(), Mbsync(), Interimap(), Dsync())
