"""The build backend of pyproject.toml: setuptools', with the library of workers/native in the wheel.

What it adds to setuptools: zig is asked for only where it is needed, which a list in pyproject.toml cannot say; the
library is compiled beside the modules; and the wheel's tag names the platform, since no other can load it.
"""

from __future__ import annotations

import platform
from pathlib import Path
from typing import Any, Final

from compile_library import LIBRARY, ROOT, ZIG, is_fresh, is_left_out, is_zig_wanted, place_library
from setuptools import build_meta
from setuptools.build_meta import (
    build_editable,
    build_sdist,
    build_wheel,
    get_requires_for_build_sdist,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]

# Where ziglang has wheels. Elsewhere the build itself says what can be done, and pip would only say that it found none.
_ZIG_MACHINES: Final = frozenset(
    {"x86_64", "aarch64", "arm64", "i686", "armv7l", "ppc64le", "riscv64", "s390x"},
)


def get_requires_for_build_wheel(config_settings: Any = None) -> list[str]:
    """What setuptools asks for, and zig where no other compiler is named."""
    return [*build_meta.get_requires_for_build_wheel(config_settings), *_zig()]


def get_requires_for_build_editable(config_settings: Any = None) -> list[str]:
    """The same for an editable install."""
    return [*build_meta.get_requires_for_build_editable(config_settings), *_zig()]


def _zig() -> list[str]:
    return [ZIG] if is_zig_wanted() and platform.machine() in _ZIG_MACHINES else []


class BuildModules(build_py):  # type: ignore[misc]  # setuptools has no types
    """Modules and their data, and the library beside them; an editable install has it in the checkout."""

    def run(self) -> None:
        """Copy and compile."""
        super().run()
        if not self.editable_mode:
            place_library(Path(self.build_lib) / LIBRARY)
        elif is_left_out() or not is_fresh(ROOT / LIBRARY):
            place_library(ROOT / LIBRARY)


class BuildWheel(bdist_wheel):  # type: ignore[misc]
    """A wheel for every Python 3 of one platform, or of all platforms without the library."""

    plat_name_supplied: bool

    def finalize_options(self) -> None:
        """Let `get_tag` name the platform of the library."""
        super().finalize_options()
        self.plat_name_supplied = self.plat_name_supplied or not is_left_out()
