"""URLs: equal resources come to one canonical URL, different ones stay apart, whatever the spelling."""

from __future__ import annotations

import random
import re

from hypothesis import assume, given
from hypothesis import strategies as st

from newswire.urls import _known_by_sight, _parsed, canonical_url

_WORDS = st.text("abcdeXYZ0123456789-_~", min_size=1, max_size=8)
_SEGMENTS = st.lists(
    _WORDS | st.sampled_from(["é", "%2F", "%20", "a%25b", "index.html", "(x)", "a:b@c", "100%"]), max_size=5
)
_HOSTS = st.sampled_from(
    ["news.example", "www.news.example", "a-b.news.example", "xn--b1amnebsh.example", "192.0.2.7", "[2001:db8::1]"]
)
_PAIRS = st.lists(st.tuples(_WORDS, st.none() | _WORDS | st.sampled_from(["", "%26", "t[n]", "a b"])), max_size=4)
_DROPPED = ["utm_source=x", "UTM_CAMPAIGN=a%20b", "fbclid=Iw", "gclid=1", "ref=rss", "srsltid=A", "PHPSESSID=ab12", ""]


@st.composite
def _resources(draw) -> tuple[str, str, list[str], list[str]]:
    """(origin, host, segments, pairs) of one resource."""
    host = draw(_HOSTS)
    scheme = draw(st.sampled_from(["http", "https"]))
    pairs = [name if value is None else f"{name}={value}" for name, value in draw(_PAIRS)]
    return scheme, host, draw(_SEGMENTS), pairs


def _plainly(resource) -> str:
    scheme, host, segments, pairs = resource
    return f"{scheme}://{host}/{'/'.join(segments)}" + ("?" + "&".join(pairs) if pairs else "")


def _escape_some(text: str, rng: random.Random) -> str:
    """Unreserved characters as escapes, escapes in either case: RFC 3986 section 6.2.2 says that nothing changes."""

    def one(match: re.Match[str]) -> str:
        found = match.group()
        if found.startswith("%"):
            return rng.choice([found, found.lower(), found.upper()])
        return rng.choice([found, found, f"%{ord(found):02X}", f"%{ord(found):02x}"])

    return re.sub(r"%[0-9A-Fa-f]{2}|(?<!%)(?<!%[0-9A-Fa-f])[A-Za-z0-9_~-]", one, text)


def _otherwise(resource, rng: random.Random) -> str:
    """Another spelling of the same resource: every change is one that the standards or our policy call none."""
    scheme, host, segments, pairs = resource
    port = rng.choice(["", ":", {"http": ":80", "https": ":443"}[scheme]])
    dot = "" if host[-1] in "]7" else rng.choice(["", "."])
    path = [_escape_some(segment, rng) for segment in segments]
    if path and rng.random() < 0.5:  # before a segment: at the end it would leave a slash
        at = rng.randrange(len(path))
        path[at:at] = rng.choice([["."], ["x", ".."], ["%2e"], ["y", ".%2E"]])
    mixed = [_escape_some(pair, rng) for pair in pairs]
    for extra in rng.sample(_DROPPED, rng.randrange(3)):
        mixed.insert(rng.randrange(len(mixed) + 1), extra)
    session = rng.choice(["", ";jsessionid=1A2B"]) if segments else ""
    query = "?" + "&".join(mixed) if mixed else rng.choice(["", "?"])
    fragment = rng.choice(["", "#", "#top", "#!/x"])
    spelled = "".join(rng.choice([c.upper(), c]) for c in f"{scheme}://{host}")
    return (
        rng.choice(["", " ", "\n"])
        + f"{spelled}{dot}{port}/{'/'.join(path)}{session}{query}{fragment}"
        + rng.choice(["", " "])
    )


@given(_resources(), st.randoms(use_true_random=False))
def test_equal_resources_have_one_url(resource, rng):
    """Case, ports, dots, escapes, sessions, campaigns and fragments make no second URL."""
    plain, other = _plainly(resource), _otherwise(resource, rng)

    assert canonical_url(other) == canonical_url(plain)


@given(_resources(), st.randoms(use_true_random=False))
def test_canonical_form_parses_to_itself(resource, rng):
    """Once more changes nothing, by sight or by the parser, alone or against a base."""
    canonical = canonical_url(_otherwise(resource, rng))

    assert canonical is not None
    assert canonical_url(canonical) == canonical
    assert canonical_url(canonical, "https://other.example/x/") == canonical
    assert _parsed(canonical, None) == canonical


def _decoded(resource) -> tuple:
    """What a server is told: the parts of a resource with unreserved characters unescaped."""
    scheme, host, segments, pairs = resource
    return scheme, host, tuple(segments), tuple(pairs)


@given(_resources(), _resources())
def test_different_resources_stay_apart(one, other):
    """Another host, path, order or value is another URL: nothing is merged that was not told to be the same."""
    assume(_decoded(one) != _decoded(other))

    assert canonical_url(_plainly(one)) != canonical_url(_plainly(other))


@given(_resources(), st.randoms(use_true_random=False))
def test_one_change_makes_another_url(resource, rng):
    """A change of scheme, port, path, slash, case, value or order is seen."""
    scheme, host, segments, pairs = resource
    swapped = list(reversed(pairs))
    changes = [
        _plainly(({"http": "https", "https": "http"}[scheme], host, segments, pairs)),
        _plainly((scheme, "other.example", segments, pairs)),
        _plainly((scheme, host, [*segments, "z"], pairs)),
        _plainly((scheme, host, segments, [*pairs, "q=1"])),
        _plainly((scheme, host, ["A", *segments], pairs)).replace(f"{host}/", f"{host}:8443/"),
    ]
    if swapped != pairs:
        changes.append(_plainly((scheme, host, segments, swapped)))

    canonical = [canonical_url(url) for url in (_plainly(resource), *changes)]

    assert None not in canonical
    assert len(set(canonical)) == len(canonical)


_BASES = st.sampled_from(
    [
        "https://news.example/world/",
        "https://news.example/world/today.html?next=/a/b",
        "http://news.example/",
        "https://news.example:8443/a/b",
        "http://[::1]/a/b",
        "https://news.example/a//b/c;v=1/d",
        "https://xn--b1amnebsh.example/x",
        "https://news.example",
        "https://news.example?a=/b/c",
        "about:blank",
        None,
    ]
)
_ODD = st.text("ab.:/?#&=;%~()[]|\\@ -_2eEF6SX'é\n", max_size=24)


@given(
    st.sampled_from(["", "http://a.example", "https://b.a.example/x", "http://1.example/", "//c.example"]), _ODD, _BASES
)
def test_what_is_known_by_sight_is_what_parsing_gives(start, rest, base):
    """The short cut agrees with the parser on whatever it takes."""
    url = start + rest

    seen = _known_by_sight(url, base)

    assert seen is None or seen == _parsed(url, base)


@given(_resources())
def test_most_urls_are_known_by_sight(resource):
    """The short cut takes plain resources: the test above would hold for one that takes none."""
    url = canonical_url(_plainly(resource))
    is_plain = resource[1].endswith("news.example") and "(x)" not in resource[2]

    assert url is not None
    assert (_known_by_sight(url, None) == url) or not is_plain
