"""Secrets and certificates: random, kept, readable where they must be, and never in git."""

from __future__ import annotations

import hashlib
import shutil
import stat
import subprocess

import pytest

from newswire.settings import load_settings


def test_secrets_are_random_and_kept(secrets_folder, deploy_module):
    """No two passwords are alike, and a second run changes nothing."""
    before = {path.name: path.read_text() for path in secrets_folder.iterdir()}

    deploy_module("make_secrets").make_secrets(secrets_folder)

    assert {path.name: path.read_text() for path in secrets_folder.iterdir()} == before
    passwords = [text for name, text in before.items() if name.endswith(("_password", "_key"))]
    assert len(set(passwords)) == len(passwords) >= 12
    assert all(len(text) == 48 and text.isalnum() for text in passwords)


def test_folder_of_secrets_is_its_owners_alone(secrets_folder):
    """Nobody else on the host gets at the files; containers read them under their own ids."""
    assert stat.S_IMODE(secrets_folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in secrets_folder.iterdir()} == {0o644}


def test_redis_users_are_kept_as_hashes(secrets_folder):
    """users.acl tells a password's digest, not the password."""
    text = (secrets_folder / "users.acl").read_text()
    password = (secrets_folder / "redis_worker_password").read_text()

    assert password not in text
    assert f"user worker on #{hashlib.sha256(password.encode()).hexdigest()} " in text
    assert password in (secrets_folder / "redis_worker_url").read_text()


def test_redis_without_tls_can_be_used(deploy_module, tmp_path):
    """`--redis redis://…` of a server that is already there gives URLs without a CA."""
    deploy_module("make_secrets").make_secrets(tmp_path / "s", redis="redis://old.internal:6379")

    url = (tmp_path / "s" / "redis_indexer_url").read_text().strip()
    assert url.startswith("redis://indexer:")
    assert url.endswith("@old.internal:6379/0")


def test_cluster_and_its_broker_have_the_same_users(deploy_module, tmp_path):
    """Each role's two URLs are read by its settings; options that the given URL has stay."""
    deploy_module("make_secrets").make_secrets(
        tmp_path / "s",
        redis="rediss+cluster://a.internal:6379,b.internal/?ssl_ca_certs=/their.crt",
        broker="rediss://redis:6379",
    )

    for role in ("crawler", "worker", "operator"):
        files = {
            f"NEWSWIRE_{name.upper()}_URL_FILE": str(tmp_path / "s" / f"{name}_{role}_url")
            for name in ("redis", "broker")
        }
        settings = load_settings(files)
        password = (tmp_path / "s" / f"redis_{role}_password").read_text()
        assert (
            settings.redis_url
            == f"rediss+cluster://{role}:{password}@a.internal:6379,b.internal/0?ssl_ca_certs=/their.crt"
        )
        assert settings.broker_url == f"rediss://{role}:{password}@redis:6379/0?ssl_ca_certs=/certs/ca.crt"


@pytest.mark.parametrize(
    "path", ["deploy/secrets/elastic_password", "deploy/kubernetes/secrets/users.acl", "sources.toml"]
)
def test_secrets_never_reach_git(top, path):
    """Git ignores what is made."""
    done = subprocess.run([shutil.which("git"), "check-ignore", "--quiet", path], cwd=top, check=False)

    assert done.returncode == 0


@pytest.fixture
def make_certs(top, tmp_path, need):
    """`make-certs` on a folder of this test's; returns what it said."""
    need("openssl", found=shutil.which("openssl"))

    def run(*servers):
        command = [top / "deploy/make-certs", tmp_path / "certs", *servers]
        return subprocess.run(command, check=True, capture_output=True, text=True).stderr

    return run


def test_certificates_are_signed_by_the_ca_and_name_their_server(make_certs, tmp_path):
    """Each server's certificate stands on the CA and holds its name."""
    make_certs()

    for name in ("redis", "elasticsearch", "kibana"):
        certificate = tmp_path / "certs" / f"{name}.crt"
        verify = ["openssl", "verify", "-CAfile", tmp_path / "certs/ca.crt", "-verify_hostname", name, certificate]
        assert subprocess.run(verify, capture_output=True, check=False).returncode == 0
        assert stat.S_IMODE(certificate.with_suffix(".key").stat().st_mode) == 0o400
    assert stat.S_IMODE((tmp_path / "certs/ca.key").stat().st_mode) == 0o600


def test_valid_certificates_are_kept(make_certs, tmp_path):
    """A second start of the stack makes none anew; one that is missing is made alone."""
    make_certs()
    before = (tmp_path / "certs/redis.crt").read_bytes()
    (tmp_path / "certs/kibana.crt").unlink()

    said = make_certs()

    assert said == "made a certificate for kibana\n"
    assert (tmp_path / "certs/redis.crt").read_bytes() == before
