"""workers/native/*.c in, one shared library out, by `$CC` or by the zig that the wheel `ziglang` carries.

The library needs no header of Python: `workers/native/library.py` loads it by ctypes, so it fits every Python of its
platform. `make native` runs this file; `newswire_backend.py` does for `pip install` and `pip wheel`.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final, NoReturn

ROOT: Final = Path(__file__).parents[2]
LIBRARY: Final = Path("workers/native/_native.so")
LEFT_OUT: Final = "NEWSWIRE_WITHOUT_NATIVE"
ZIG: Final = "ziglang>=0.17"
# No fused multiply-add, which only some processors have: numbers are those of the twin in Python, bit for bit.
_FLAGS: Final = ("-O2", "-s", "-shared", "-fPIC", "-ffp-contract=off", "-Wall", "-Wextra")
# By zig the library runs on every processor of its architecture, and on the C libraries of the last twelve years.
_GLIBC: Final = {"x86_64": "2.17", "aarch64": "2.17"}


def place_library(target: Path) -> None:
    """Compile the library to `target`, or with NEWSWIRE_WITHOUT_NATIVE=1 see that none is there.

    Raises SystemExit with one line that names what was tried.
    """
    if is_left_out():
        target.unlink(missing_ok=True)
        print(f"{LEFT_OUT}=1: {target.name} is left out, extraction will be slower", file=sys.stderr)
        return
    compiler = _compiler()
    target.parent.mkdir(parents=True, exist_ok=True)
    # beside the target, so that it is put in place by one rename: a process may have the old one open
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="_native-") as folder:
        built = Path(folder) / target.name
        command = [*compiler, *_FLAGS, "-o", str(built), *map(str, sources("*.c")), "-lm"]
        try:
            done = subprocess.run(command, env={**os.environ, "ZIG_GLOBAL_CACHE_DIR": folder}, check=False)
        except OSError as error:
            _give_up(f"{compiler[0]}: {error.strerror}")
        if done.returncode or not built.exists():
            _give_up(f"`{shlex.join(compiler)}` made none, exit code {done.returncode}")
        built.replace(target)


def is_left_out() -> bool:
    """True when the user wants Python alone."""
    return os.environ.get(LEFT_OUT) == "1"


def is_zig_wanted() -> bool:
    """True when no other compiler is named."""
    return not is_left_out() and not os.environ.get("CC")


def is_fresh(target: Path) -> bool:
    """True when the library is there and younger than all that it is made of."""
    return target.exists() and all(file.stat().st_mtime <= target.stat().st_mtime for file in sources("*.[ch]"))


def sources(pattern: str) -> list[Path]:
    """Files of C, in the order of their names, so that the same files give the same library."""
    return sorted((ROOT / LIBRARY.parent).glob(pattern))


def _compiler() -> list[str]:
    if not is_zig_wanted():
        return shlex.split(os.environ["CC"])
    if importlib.util.find_spec("ziglang") is None:
        _give_up(f"CC is not set, and the package {ZIG} is not installed")
    oldest = _GLIBC.get(platform.machine()) if platform.libc_ver()[0] == "glibc" else None
    target = ("-target", f"native-linux-gnu.{oldest}") if oldest else ()
    return [sys.executable, "-m", "ziglang", "cc", "-mcpu=baseline", *target]


def _give_up(tried: str) -> NoReturn:
    sys.exit(
        f"newswire's native library cannot be built: {tried}. Set CC to a C compiler, install {ZIG}, or leave the "
        f"library out with {LEFT_OUT}=1: the same articles, more slowly"
    )


if __name__ == "__main__":
    place_library(ROOT / LIBRARY)
