"""Redis URLs: which servers they name, how Celery is told of them, and what is wrong with those that name none."""

from __future__ import annotations

import pytest

from newswire.addresses import parse_address
from newswire.errors import ConfigurationError
from newswire.hints import broker_settings
from newswire.settings import load_settings


@pytest.mark.parametrize(
    ("url", "kind", "first", "nodes", "service"),
    [
        ("redis://u:p@h:1/2?x=y", "single", "redis://u:p@h:1/2?x=y", (), ""),
        ("unix:///run/redis.sock", "single", "unix:///run/redis.sock", (), ""),
        ("redis+cluster://a:1,b:2", "cluster", "redis://a:1/0", (("a", 1), ("b", 2)), ""),
        ("redis+cluster://a", "cluster", "redis://a:6379/0", (("a", 6379),), ""),
        ("redis+cluster://u:p%40@a,b/", "cluster", "redis://u:p%40@a:6379/0", (("a", 6379), ("b", 6379)), ""),
        (
            "rediss+cluster://[::1]:7/?ssl_ca_certs=/c",
            "cluster",
            "rediss://[::1]:7/0?ssl_ca_certs=/c",
            (("::1", 7),),
            "",
        ),
        ("redis+sentinel://a,b:2/main", "sentinel", "redis://a:26379/0", (("a", 26379), ("b", 2)), "main"),
        ("rediss+sentinel://:p@a:1/main/3", "sentinel", "rediss://:p@a:1/3", (("a", 1),), "main"),
    ],
)
def test_address_names_its_servers(url, kind, first, nodes, service):
    """Hosts, login and options come apart; ports have their usual values."""
    found = parse_address(url)

    assert (found.kind, found.url, found.nodes, found.service) == (kind, first, nodes, service)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("redis+cluster:a", "must be redis+cluster://"),
        ("redis+cluster://", "a host is missing"),
        ("redis+cluster://a:1,", "a host is missing"),
        ("redis+cluster://a:0", "port 0 is not within 1 and 65535"),
        ("redis+cluster://a:65536", "port 65536 is not within 1 and 65535"),
        ("redis+cluster://a:b", "a port that is no number"),
        ("redis+cluster://a/1", "a cluster has one database"),
        ("redis+sentinel:a", "must be redis+sentinel://"),
        ("redis+sentinel://a", "the name of the service"),
        ("redis+sentinel://a/x/y", "the name of the service"),
        ("redis+elsewhere://a", "must be redis+cluster://"),
    ],
)
def test_unusable_address_is_refused_with_what_is_wanted(url, said):
    """The line names the variable and the remedy."""
    with pytest.raises(ConfigurationError) as caught:
        load_settings({"NEWSWIRE_REDIS_URL": url, "NEWSWIRE_BROKER_URL": "redis://b"})

    assert str(caught.value).startswith(f"NEWSWIRE_REDIS_URL={url}")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "url", ["redis+cluster://u:secret@a:b", "redis+cluster://u:sec@ret@a", "redis+sentinel://u:secret@a"]
)
def test_refusal_shows_no_password(url):
    """Not a piece of it."""
    with pytest.raises(ConfigurationError) as caught:
        load_settings({"NEWSWIRE_REDIS_URL": url, "NEWSWIRE_BROKER_URL": "redis://b"})

    assert "sec" not in str(caught.value).partition("see docs")[0]


def test_cluster_needs_a_broker_of_its_own():
    """Without one nothing starts: the line names the setting and shows a value."""
    with pytest.raises(
        ConfigurationError, match=r"^NEWSWIRE_BROKER_URL: must be a single Redis.*redis://127.0.0.1:6379/0"
    ):
        load_settings({"NEWSWIRE_REDIS_URL": "redis+cluster://a"})


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("redis+cluster://b", "must be a single Redis"),
        ("embedded:", "must be a server"),
        ("amqp://b", "must be embedded: or a server"),
    ],
)
def test_what_is_no_broker_is_refused(url, said):
    """A cluster, a server that nobody else can reach, another kind of broker."""
    with pytest.raises(ConfigurationError) as caught:
        load_settings({"NEWSWIRE_BROKER_URL": url})

    assert str(caught.value).startswith(f"NEWSWIRE_BROKER_URL={url}: ")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("redis_url", "broker_url", "celerys", "more"),
    [
        ("redis://h:1/2", "", "redis://h:1/2", {}),
        ("unix:///run/redis.sock", "", "redis+socket:///run/redis.sock", {}),
        ("redis+cluster://a", "redis://b/0", "redis://b/0", {}),
        ("rediss://a?ssl_ca_certs=/c", "", "rediss://a?ssl_ca_certs=/c", {"broker_use_ssl": {"ssl_ca_certs": "/c"}}),
        ("redis+sentinel://u:p@a,[::1]:2/main/3", "", "sentinel://u:p@a:26379/3;sentinel://u:p@[::1]:2/3", {}),
        (
            "rediss+sentinel://a/main?ssl_ca_certs=/c",
            "",
            "sentinel://a:26379/0",
            {"broker_use_ssl": {"ssl_ca_certs": "/c"}},
        ),
    ],
)
def test_celery_is_told_in_its_own_spelling(redis_url, broker_url, celerys, more):
    """The broker is `broker_url`, or else `redis_url`."""
    settings = load_settings({}, redis_url=redis_url, broker_url=broker_url)

    found = broker_settings(settings)
    options = found.pop("broker_transport_options")

    assert found == {"broker_url": celerys, **more}
    assert options.get("master_name") == ("main" if "sentinel" in redis_url else None)
