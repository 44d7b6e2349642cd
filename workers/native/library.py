"""The compiled library of this folder's C files, where it was built for this machine.

Every function in it has a twin in Python that gives the same, and that is taken where the library is missing: slower,
and told by `why_missing`.
"""

from __future__ import annotations

import ctypes
from functools import lru_cache
from pathlib import Path
from typing import Final

ABI: Final = 3  # raise with native.h: a library of another number was built from other files
_SUFFIXES: Final = frozenset({".so", ".dylib", ".pyd"})


@lru_cache(maxsize=1)
def _found() -> tuple[ctypes.CDLL | None, str]:
    files = sorted(file for file in Path(__file__).parent.glob("_native*") if file.suffix in _SUFFIXES)
    if not files:
        return None, "not built"
    try:
        library = ctypes.CDLL(str(files[0]))
    except OSError as error:
        return None, str(error)
    if (abi := int(library.nw_abi())) != ABI:
        return None, f"{files[0].name} was built from other files: ABI {abi}, wanted {ABI}"
    return library, ""


def library() -> ctypes.CDLL | None:
    """The library; None where there is none that fits."""
    return _found()[0]


def why_missing() -> str:
    """Why `library` is None; "" where it is not."""
    return _found()[1]
