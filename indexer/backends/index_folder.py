"""The folder of an embedded index: a path in, its schema's number and its writer's lock out."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from pathlib import Path
from typing import Final

import msgspec

from newswire.errors import ConfigurationError, FailureError, TransientError

_VERSION: Final = "newswire.json"
_LOCK: Final = "newswire-writer.lock"
_POLL_S: Final = 0.05
_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class FolderVersion(msgspec.Struct, frozen=True, kw_only=True):
    """What the folder was made with."""

    engine: str
    schema: int


def check_version(folder: Path, wanted: FolderVersion) -> None:
    """FailureError when the folder was made by another schema, or its file cannot be read."""
    path = folder / _VERSION
    try:
        found = msgspec.json.decode(path.read_bytes(), type=FolderVersion)
    except FileNotFoundError as error:
        raise FailureError(f"no index in {folder} yet; `newswire crawl` makes one") from error
    except (OSError, msgspec.MsgspecError) as error:
        raise FailureError(f"index folder {folder}: {path.name} cannot be read ({error})") from error
    if found != wanted:
        raise FailureError(
            f"index folder {folder} has schema {found.schema} of {found.engine}, this newswire reads "
            f"{wanted.schema} of {wanted.engine}: use the release that made it, or move the folder away "
            "and crawl again"
        )


def make_folder(folder: Path, wanted: FolderVersion) -> None:
    """Make the folder and its version file where they are missing; then `check_version`."""
    path = folder / _VERSION
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            part = path.with_suffix(f".{os.getpid()}.part")
            part.write_bytes(msgspec.json.encode(wanted))
            part.replace(path)
    except OSError as error:
        raise folder_error(folder, error) from error
    check_version(folder, wanted)


def folder_error(folder: Path, error: OSError) -> ConfigurationError | FailureError | TransientError:
    """An error of the file system as one of ours that names the folder."""
    if error.errno in _FULL:
        return TransientError(f"index folder {folder}: its disk is full")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST):
        return ConfigurationError(f"index folder {folder} cannot be written: {error.strerror}")
    return FailureError(f"index folder {folder}: {error.strerror or error}")


class WriterLock:
    """The right to write to the folder; the kernel takes it back when the process dies."""

    def __init__(self, folder: Path, *, wait_s: float) -> None:
        self._path = folder / _LOCK
        try:
            self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise folder_error(folder, error) from error
        try:
            self._take(folder, time.monotonic() + wait_s)
            os.ftruncate(self._handle, 0)
            os.pwrite(self._handle, str(os.getpid()).encode(), 0)
        except OSError as error:
            os.close(self._handle)
            raise folder_error(folder, error) from error
        except BaseException:
            os.close(self._handle)
            raise

    def release(self) -> None:
        """Give the right back."""
        os.close(self._handle)

    def _take(self, folder: Path, deadline: float) -> None:
        while True:
            try:
                fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                if time.monotonic() >= deadline:
                    holder = self._path.read_text() or "unknown"
                    raise FailureError(f"index folder {folder} is being written by process {holder}") from error
                time.sleep(_POLL_S)
            else:
                return
