"""The data folder: a path in, a lock, its free space and who runs on it out."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from newswire.errors import ConfigurationError, FailureError
from newswire.settings import Settings

_LOCK: Final = "run.lock"
_RUN: Final = "run.json"
_LOCK_PATIENCE_S: Final = 2.0


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """The run that holds the folder now; its file is left behind when the run was killed."""

    pid: int
    redis_url: str
    redis_pid: int
    child_pids: list[int]


@contextmanager
def locked_folder(settings: Settings) -> Iterator[Path]:
    """Make the folder and hold its lock.

    Raises ConfigurationError when it cannot be written, FailureError when another run has it or its
    disk is too full.
    """
    folder = settings.data_path
    handle = _open_lock(folder)
    try:
        _take_lock(handle, folder)
        check_space(settings)
        with writing(folder):
            os.ftruncate(handle, 0)
            os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield folder
    finally:
        os.close(handle)


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Turn an OSError of the block into ours, naming the folder: FailureError where its disk is full.

    ConfigurationError where it cannot be written at all.
    """
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise FailureError(f"data folder {folder}: its disk is full") from error
        raise ConfigurationError(
            f"data folder {folder} (NEWSWIRE_DATA_DIR or --data) cannot be written: {error.strerror}"
        ) from error


def is_locked(folder: Path) -> bool:
    """True while a run holds the folder."""
    path = folder / _LOCK
    with writing(folder):
        if not path.exists():
            return False
        handle = os.open(path, os.O_RDONLY)  # enough for a lock, and possible on a disk that is read only
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def check_space(settings: Settings) -> None:
    """FailureError when the folder's disk has less than `min_free_bytes` left."""
    free = shutil.disk_usage(settings.data_path).free
    if free < settings.min_free_bytes:
        raise FailureError(
            f"data folder {settings.data_path}: its disk has {free} bytes free, "
            f"at least {settings.min_free_bytes} are needed (NEWSWIRE_MIN_FREE_BYTES)"
        )


def write_run(folder: Path, run: Run) -> None:
    """Tell other commands where this run's Redis is, and the next run what a kill may leave behind."""
    part = folder / f"{_RUN}.part"
    with writing(folder):
        part.write_bytes(msgspec.json.encode(run))
        part.replace(folder / _RUN)


def read_run(folder: Path) -> Run | None:
    """The last run's file; None when there is none or it was torn."""
    try:
        return msgspec.json.decode((folder / _RUN).read_bytes(), type=Run)
    except (OSError, msgspec.MsgspecError):
        return None


def forget_run(folder: Path) -> None:
    """Remove the run's file at a clean end."""
    (folder / _RUN).unlink(missing_ok=True)


def _open_lock(folder: Path) -> int:
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        return os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)


def _take_lock(handle: int, folder: Path) -> None:
    """Wait for a moment: `is_locked` of another command holds the lock for an instant, a short command for a second."""
    deadline = time.monotonic() + _LOCK_PATIENCE_S
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > deadline:
                raise FailureError(
                    f"data folder {folder} is in use by another run (process {_holder(folder)})"
                ) from error
            time.sleep(0.05)
        else:
            return


def _holder(folder: Path) -> str:
    try:
        return (folder / _LOCK).read_text() or "unknown"
    except OSError:
        return "unknown"
