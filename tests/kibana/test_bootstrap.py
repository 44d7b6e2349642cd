"""The bootstrap step against a server that answers as Kibana documents it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import uuid

import pytest
from bootstrap import main
from kibana_server import Kibana, serving


@pytest.fixture
def kibana():
    """A Kibana that is empty and open."""
    with serving(Kibana()) as opened:
        yield opened


def run(kibana, *more):
    """Run the command against it, without a long wait."""
    return main(["--url", kibana.url, "--wait-s", "0", *map(str, more)])


def test_empty_kibana_gets_everything(kibana, ndjson, kibana_folder):
    """All objects and all rules are there, and each is told on stdout."""
    rules = json.loads((kibana_folder / "rules.json").read_text(encoding="utf-8"))

    code = run(kibana)

    assert code == 0
    assert len(kibana.objects) == len(ndjson.splitlines())
    assert set(kibana.rules) == set(rules)


def test_second_run_changes_nothing(kibana, capsys):
    """Objects are written over with the same, rules are left alone."""
    run(kibana)
    before = json.dumps([list(kibana.objects.values()), kibana.rules])
    kibana.requests.clear()
    capsys.readouterr()

    code = run(kibana)

    assert code == 0
    assert json.dumps([list(kibana.objects.values()), kibana.rules]) == before
    assert not [path for method, path in kibana.requests if "rule" in path and method != "GET"]
    assert capsys.readouterr().out.count("unchanged") == len(kibana.rules)


def test_changed_rule_is_mended_and_keeps_its_actions(kibana, capsys):
    """What a team added to a rule stays, what differs from ours is set back."""
    run(kibana)
    rule = kibana.rules["newswire-rule-dead-letters"]
    rule["schedule"] = {"interval": "1h"}
    rule["actions"] = [{"id": "mail", "group": "query matched", "params": {}, "connector_type_id": ".email"}]
    capsys.readouterr()

    code = run(kibana)

    assert code == 0
    assert "newswire-rule-dead-letters: changed" in capsys.readouterr().out
    assert kibana.rules["newswire-rule-dead-letters"]["schedule"] == {"interval": "5m"}
    assert [action["id"] for action in kibana.rules["newswire-rule-dead-letters"]["actions"]] == ["mail"]


def test_objects_that_fail_are_named(kibana, kibana_folder, tmp_path, capsys):
    """Kibana answers 200 where references are missing; we do not."""
    lines = (kibana_folder / "newswire.ndjson").read_text(encoding="utf-8").splitlines()
    (tmp_path / "newswire.ndjson").write_text("\n".join(lines[1:]) + "\n", encoding="utf-8")
    shutil.copy(kibana_folder / "rules.json", tmp_path)

    code = run(kibana, "--folder", tmp_path)

    assert code == 1
    told = capsys.readouterr().err
    assert "search newswire-search-latest: missing_references" in told
    assert told.count("\n") == 1


def test_kibana_that_starts_is_waited_for():
    """503 until it is ready."""
    with serving(Kibana(n_not_ready=1)) as kibana:
        code = main(["--url", kibana.url, "--wait-s", "30"])

    assert code == 0
    assert kibana.rules


def test_kibana_that_is_not_there_is_one_line(capsys):
    """The address and why, exit 1."""
    with serving(Kibana()) as gone:
        url = gone.url

    code = main(["--url", url, "--wait-s", "0"])

    assert code == 1
    told = capsys.readouterr().err
    assert url in told
    assert told.count("\n") == 1


def test_password_comes_from_a_file(tmp_path, capsys):
    """With it everything is done, without it nothing."""
    secret = tmp_path / "password"
    password = uuid.uuid4().hex + "ä"
    secret.write_text(f"{password}\n", encoding="utf-8")
    with serving(Kibana(password=password)) as kibana:
        refused = run(kibana)
        nothing = not kibana.objects
        accepted = run(kibana, "--user", "elastic", "--password-file", secret)

    assert (refused, nothing, accepted) == (1, True, 0)
    assert "401" in capsys.readouterr().err


def test_certificate_is_checked(tmp_path, capsys):
    """An unknown certificate is refused at once; with its authority's file it is taken."""
    context = certified(tmp_path)
    with serving(Kibana(context=context)) as kibana:
        refused = main(["--url", kibana.url, "--wait-s", "30"])
        accepted = main(["--url", kibana.url, "--wait-s", "0", "--ca-file", str(tmp_path / "cert.pem")])

    assert (refused, accepted) == (1, 0)
    assert "CERTIFICATE_VERIFY_FAILED" in capsys.readouterr().err


def test_space_is_part_of_every_address(kibana):
    """Objects and rules land in the space that was named."""
    code = run(kibana, "--space", "newsroom")

    assert code == 0
    assert kibana.spaces == {"newsroom"}


def test_api_key_comes_from_a_file(kibana, tmp_path):
    """It is sent as it is in the file."""
    key = tmp_path / "key"
    key.write_text("a2V5\n", encoding="utf-8")

    code = run(kibana, "--api-key-file", key)

    assert code == 0
    assert kibana.authorizations == {"ApiKey a2V5"}


def test_address_that_is_none_is_wrong_use(capsys):
    """Exit 2."""
    code = main(["--url", "kibana:5601"])

    assert code == 2
    assert "is no web address" in capsys.readouterr().err


def test_script_needs_nothing_but_python(kibana, kibana_folder):
    """It runs isolated from installed packages and from the environment."""
    command = [sys.executable, "-I", "-S", str(kibana_folder / "bootstrap.py"), "--url", kibana.url, "--wait-s", "0"]

    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 0, done.stderr
    assert "newswire-rule-backlog-age: created" in done.stdout


def certified(folder):
    """A server's TLS with a fresh certificate for 127.0.0.1."""
    import ssl

    openssl = shutil.which("openssl")
    if openssl is None:
        if os.environ.get("CI") == "true":
            pytest.fail("needs openssl")
        pytest.skip("needs openssl")
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    subprocess.run(
        [openssl, "req", "-x509", *key, "-nodes", "-days", "2", *files, *subject], check=True, capture_output=True
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context
