"""A Redis server with the stack's own users, and processes that log in as theirs."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import redis

ADMIN = "user admin on >admin ~* &* +@all\n"
TOP = Path(__file__).parents[2]


def free_port():
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def get(port, path, **headers):
    """The text that a server of this machine answers with; AssertionError when it is no 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        assert answer.status == 200, f"{path}: {answer.status} {text[:200]}"
    finally:
        connection.close()
    return text


def answers(port):
    """True once the process listens: its heartbeat may come before."""
    try:
        return bool(get(port, "/healthcheck"))
    except OSError:
        return False


def version_of(binary):
    """`(7, 0)` of `Redis server v=7.0.15 …`."""
    text = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True).stdout
    major, minor, *_ = text.split("v=")[1].split(" ")[0].split(".")
    return int(major), int(minor)


class Server:
    """Redis with users.acl; with TLS and the stack's own redis.conf where the server knows TLS."""

    def __init__(self, binary, folder, *, users, certs=None):
        self.folder = folder
        self.port = free_port()
        self.certs = certs
        (folder / "users.acl").write_text(users + ADMIN)
        self._command = [binary, *(self._tls(folder) if certs else self._plain(folder))]
        self._process = None

    def _tls(self, folder):
        """The stack's own configuration, with this machine's paths in it."""
        text = (TOP / "deploy/redis/redis.conf").read_text().replace("/certs/", f"{self.certs}/")
        text = text.replace("/run/secrets/", f"{folder}/").replace("dir /data", f"dir {folder}")
        (folder / "redis.conf").write_text(text.replace("tls-port 6379", f"tls-port {self.port}"))
        return [folder / "redis.conf"]

    def _plain(self, folder):
        return ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", folder, "--aclfile", folder / "users.acl"]

    def url(self, user, password):
        """Address with a user's name in it."""
        scheme, options = ("rediss", f"?ssl_ca_certs={self.certs}/ca.crt") if self.certs else ("redis", "")
        return f"{scheme}://{user}:{password}@localhost:{self.port}/0{options}"

    def admin(self):
        """A client that may do everything."""
        return redis.Redis.from_url(self.url("admin", "admin"), decode_responses=True)

    def __enter__(self):
        with (self.folder / "redis.log").open("wb") as output:
            command = [str(word) for word in self._command]
            self._process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                with self.admin() as client:
                    client.ping()
            except redis.RedisError:
                time.sleep(0.02)
            else:
                return self
        message = f"Redis does not answer: {(self.folder / 'redis.log').read_text()}"
        raise AssertionError(message)

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()


@contextmanager
def running(python, environments, folder):
    """`newswire run ROLE` for each role with its environment, stopped in order at the end; gives their logs."""
    logs = {role: folder / f"{role}.log" for role in environments}
    foreign = {key: value for key, value in os.environ.items() if not key.startswith(("NEWSWIRE_", "PYTHON"))}
    with ExitStack() as stack:
        for role, environment in environments.items():
            with logs[role].open("wb") as output:
                process = subprocess.Popen(
                    [str(python), "-m", "newswire", "run", role],
                    cwd=folder,
                    env=foreign | environment,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            stack.callback(_stop, process)
        yield logs


def _stop(process):
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def find_redis():
    """A Redis server of the system, with TLS; None where there is none."""
    return os.environ.get("REDIS_SERVER") or shutil.which("redis-server")


PYTHON = Path(sys.executable)
