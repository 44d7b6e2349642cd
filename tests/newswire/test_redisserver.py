"""The server that newswire brings: how its memory is taken, and that the user's own word on that counts."""

from __future__ import annotations

from pathlib import Path

from newswire.datafolder import read_run
from newswire.embedded import Supervisor
from newswire.redisserver import redis_environment
from newswire.settings import load_settings


def test_tunables_of_the_user_stay():
    """Nothing is added to them: the loader takes the first of two values, and both in one text are hard to read."""
    own = {"GLIBC_TUNABLES": "glibc.malloc.arena_max=1", "PATH": "/bin"}
    assert redis_environment(own) == own
    assert redis_environment({"PATH": "/bin"}).keys() == {"PATH", "GLIBC_TUNABLES"}


def test_running_server_keeps_freed_pieces_at_hand(tmp_path, monkeypatch):
    """As /proc tells it of the real server."""
    monkeypatch.delenv("GLIBC_TUNABLES", raising=False)
    settings = load_settings({}, data_dir=str(tmp_path / "data"), log_level="warning")
    with Supervisor(settings):
        run = read_run(tmp_path / "data")
        assert run is not None
        environ = Path(f"/proc/{run.redis_pid}/environ").read_bytes().split(b"\0")
    assert any(entry.startswith(b"GLIBC_TUNABLES=glibc.malloc.tcache_count=") for entry in environ)
