"""The data folder: one run at a time, on a disk with room."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest

from newswire import datafolder
from newswire.datafolder import Run, forget_run, is_locked, locked_folder, read_run, write_run
from newswire.errors import ConfigurationError, FailureError

_RUN = Run(pid=1, redis_url="unix:///x/redis.sock", redis_pid=2, child_pids=[2, 3])


@pytest.fixture
def folder(settings) -> Path:
    """A folder that is there."""
    settings.data_path.mkdir(parents=True)
    return settings.data_path


def test_folder_is_made_and_locked_for_the_time_of_the_block(settings):
    """Parents are made too; the lock goes with the block."""
    settings = msgspec.structs.replace(settings, data_dir=settings.data_dir + "/a/b")

    with locked_folder(settings) as folder:
        during = is_locked(folder)

    assert during is True
    assert is_locked(folder) is False


def test_second_run_is_refused_and_told_who_has_it(settings, monkeypatch):
    """The line names the folder and the process that holds it."""
    monkeypatch.setattr(datafolder, "_LOCK_PATIENCE_S", 0.1)

    with locked_folder(settings), pytest.raises(FailureError) as caught, locked_folder(settings):
        pass

    assert str(caught.value) == f"data folder {settings.data_path} is in use by another run (process {os.getpid()})"


def test_lock_is_free_after_a_kill(settings):
    """The kernel gives the lock back however its holder went."""
    script = """
import os, signal, sys
from newswire.datafolder import locked_folder
from newswire.settings import load_settings
with locked_folder(load_settings({}, data_dir=sys.argv[1])):
    os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", script, settings.data_dir], check=False)

    with locked_folder(settings) as folder:
        assert is_locked(folder)


def test_children_do_not_inherit_the_lock(settings):
    """A child that outlives its run does not keep the folder from the next one."""
    with locked_folder(settings):
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, close_fds=False)

    with locked_folder(settings):
        is_alive = child.poll() is None
    child.communicate(b"\n")

    assert is_alive


@pytest.mark.parametrize("below", ["/dev/null/x", "/proc/x"])
def test_folder_that_cannot_be_made_is_a_configuration_error(settings, below):
    """The line names the folder, the setting and the system's reason."""
    settings = msgspec.structs.replace(settings, data_dir=below)

    with pytest.raises(ConfigurationError, match=rf"data folder {below} \(NEWSWIRE_DATA_DIR or --data\) cannot be"):
        locked_folder(settings).__enter__()


def test_full_disk_is_refused_before_anything_is_written(settings):
    """A run that could only fail half-way does not start."""
    settings = msgspec.structs.replace(settings, min_free_bytes=1 << 60)

    with pytest.raises(FailureError, match=r"its disk has \d+ bytes free, at least 1152921504606846976 are needed"):
        locked_folder(settings).__enter__()


def test_really_full_disk_is_one_line(settings, tmp_path):
    """On a disk with no byte left (a small tmpfs), with the check switched off, the write's own error is told."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["/bin/mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a tmpfs")
    try:
        with suppress(OSError):
            (disk / "filler").write_bytes(b"x" * 1_000_000)
        settings = msgspec.structs.replace(settings, data_dir=f"{disk}/data", min_free_bytes=0)

        with pytest.raises(FailureError, match=f"data folder {disk}/data: its disk is full"):
            locked_folder(settings).__enter__()
    finally:
        subprocess.run(["/bin/umount", str(disk)], check=True)


def test_run_is_told_to_other_commands(folder):
    """What a run writes about itself is what others read, until it forgets it."""
    write_run(folder, _RUN)
    told = read_run(folder)

    forget_run(folder)
    forget_run(folder)

    assert told == _RUN
    assert read_run(folder) is None


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b'{"pid": "x"}'])
def test_torn_run_file_reads_as_none(folder, text):
    """A file that a power cut left half-written stops nobody."""
    (folder / "run.json").write_bytes(text)

    assert read_run(folder) is None


def test_folder_that_may_not_be_looked_into_is_a_configuration_error(folder, monkeypatch):
    """The line names the folder and the setting; root may look anywhere, so the refusal is made here."""

    def refuse(path):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr("pathlib.Path.exists", refuse)

    with pytest.raises(ConfigurationError, match=rf"data folder {folder} \(NEWSWIRE_DATA_DIR or --data\)"):
        is_locked(folder)


def test_folder_without_a_run_is_not_locked(folder):
    """Asking creates nothing."""
    assert is_locked(folder) is False
    assert list(folder.iterdir()) == []
