"""Full and read-only disks, made as small tmpfs mounts: told in one line, nothing lost, the next run goes on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from driver import Newswire, ends_alone, newswire_on, wait_while_running

MEBIBYTE = 1024 * 1024
EXIT_FAILURE = 1
EXIT_USAGE = 2


@pytest.fixture
def disk(tmp_path):
    """An empty disk of 48 MiB; needs root on Linux."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={48 * MEBIBYTE}", "newswire-test", str(folder)]
    reason = "needs root on Linux to mount a tmpfs"
    if sys.platform != "linux" or os.geteuid() != 0 or subprocess.run(command, check=False).returncode:
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)  # noqa: S607  # wherever the system has it


def contents(folder: Path) -> str:
    """What is on the disk: blocks and inodes, then the largest files."""
    disk = os.statvfs(folder)
    files = sorted(((path.stat().st_size, path) for path in folder.rglob("*") if path.is_file()), reverse=True)
    totals = f"blocks {disk.f_bfree} of {disk.f_blocks} free, inodes {disk.f_ffree} of {disk.f_files} free"
    return "\n".join([totals, *(f"{size:>12} {path}" for size, path in files[:20])])


def fill(folder: Path, *, leave: int) -> Path:
    """Take the disk's space but for `leave` bytes; returns the file that holds it."""
    free = os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize
    path = folder / "filler"
    try:
        path.touch()
    except OSError as error:
        pytest.fail(f"{error}: the run itself has filled the disk\n{contents(folder)}")
    with path.open("wb", buffering=0) as file:  # else closing it would write, and fail, once more
        left = max(0, free - leave)
        try:
            while left > 0:
                left -= file.write(bytes(min(left, MEBIBYTE)))
        except OSError:
            pass  # full: others wrote meanwhile
    return path


def assert_told(newswire: Newswire, done, code: int) -> None:
    """One line that names the folder, the exit code, and nothing left running."""
    assert done.code == code, (done, newswire.logs())
    assert str(newswire.data) in done.error_line
    ends_alone(newswire, timeout_s=0.5)


def test_disk_that_is_nearly_full_stops_a_run_at_its_start(disk, half_list):
    """Fewer free bytes than NEWSWIRE_MIN_FREE_BYTES: exit code 1 before anything is started."""
    with newswire_on(disk / "data") as newswire:
        done = newswire.run("crawl", "--urls", half_list)

        assert_told(newswire, done, EXIT_FAILURE)
        assert "NEWSWIRE_MIN_FREE_BYTES" in done.error_line


def test_disk_that_is_full_stops_a_run_at_its_start(disk, half_list):
    """Not one byte left, and no free bytes asked for: exit code 1 all the same."""
    fill(disk, leave=0)
    with newswire_on(disk / "data", min_free_bytes=0) as newswire:
        done = newswire.run("crawl", "--urls", half_list)

        assert_told(newswire, done, EXIT_FAILURE)


@pytest.mark.parametrize("leave", [0, MEBIBYTE // 2], ids=["to the last byte", "below the limit"])
def test_disk_that_fills_up_stops_the_run_and_the_next_one_goes_on(leave, disk, half_list, undisturbed):
    """Exit code 1 and the reason; when there is space again, the same articles as in a calm run."""
    with newswire_on(disk / "data", min_free_bytes=2 * MEBIBYTE) as newswire:
        process = newswire.start("crawl", "--urls", half_list)
        wait_while_running(
            process, lambda: newswire.counts().get("extract/stored", 0) >= 20, what="the crawl is in its middle"
        )

        filler = fill(disk, leave=leave)
        done = newswire.wait(process)

        assert_told(newswire, done, EXIT_FAILURE)
        filler.unlink()
        again = newswire.run("crawl", "--urls", half_list)
        assert again.code == 0, (again, newswire.logs())
        assert newswire.articles() == undisturbed.articles_of(half_list)
        assert newswire.json("audit")["adds_up"]


def test_disk_that_is_read_only_is_told(disk):
    """The folder cannot be made: exit code 2."""
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)  # noqa: S607  # wherever the system has it
    newswire = Newswire(disk / "data")

    done = newswire.run("crawl", "http://127.1.9.3/")

    assert_told(newswire, done, EXIT_USAGE)
