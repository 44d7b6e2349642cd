"""The compiled library of this folder's C files, where it was built for this machine.

Every function in it has a twin in Python that gives the same, and that is taken where the library is missing: slower,
and told by `why_missing`.
"""

from __future__ import annotations

import ctypes
from functools import lru_cache
from pathlib import Path
from typing import Final

ABI: Final = 6  # raise with native.h: a library of another number was built from other files
_FILE: Final = Path(__file__).with_name("_native.so")  # as deploy/wheel/compile_library.py names it everywhere


@lru_cache(maxsize=1)
def _found() -> tuple[ctypes.CDLL | None, str]:
    if not _FILE.exists():
        return None, "not built"
    try:
        library = ctypes.CDLL(str(_FILE))
        abi = int(library.nw_abi())
    except (OSError, AttributeError) as error:  # of another platform, or no library of ours
        return None, str(error)
    if abi != ABI:
        return None, f"{_FILE.name} was built from other files: ABI {abi}, wanted {ABI}"
    return library, ""


def library() -> ctypes.CDLL | None:
    """The library; None where there is none that fits."""
    return _found()[0]


def why_missing() -> str:
    """Why `library` is None; "" where it is not."""
    return _found()[1]
