"""A request waits in Redis as JSON and comes back as it was; what cannot is refused by its name."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scrapy import Field, FormRequest, Item, Request, Spider
from scrapy.http import JsonRequest

from crawler.plain.payload import LEASE_KEY, PARENT_KEY, Packer, UnserialisableError
from newswire.errors import PermanentError

URL = "https://example.org/a?b=c#d"


class Story(Item):
    title = Field()
    words = Field()


@dataclass
class Book:
    title: str
    pages: list[int] = field(default_factory=list)


class Reader(Spider):
    name = "reader"

    def parse_story(self, response):
        """A callback."""

    def failed(self, failure):
        """An errback."""


PACKER = Packer(Reader())

plain = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary()
plain = plain | st.datetimes() | st.dates()
keys = st.text() | st.integers() | st.tuples(st.text(), st.integers())
values = st.recursive(
    plain,
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(keys, inner)
        | st.tuples(inner, inner)
        | st.sets(st.text())
        | st.frozensets(st.integers())
        | st.builds(Book, title=st.text(), pages=st.lists(st.integers()))
    ),
    max_leaves=8,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # other tests have the cores
@given(meta=st.dictionaries(keys, values), cb_kwargs=st.dictionaries(st.text(), values), body=st.binary())
def test_what_a_request_holds_comes_back_exactly(meta, cb_kwargs, body):
    """Types too: a tuple is no list, bytes are no text, the key 1 is not the key "1"."""
    request = Request(URL, method="PUT", body=body, meta=meta, cb_kwargs=cb_kwargs, priority=-7, flags=["f"])

    back = PACKER.unpack(PACKER.pack(request))

    assert typed(back.to_dict()) == typed(request.to_dict())


def typed(value):
    """The value with the types in it: True is not 1, and a set's order does not count."""
    kind = type(value).__name__
    if isinstance(value, dict):
        return kind, [(typed(key), typed(item)) for key, item in value.items()]
    if isinstance(value, set | frozenset):
        return kind, sorted(repr(item) for item in value)
    if isinstance(value, list | tuple):
        return kind, [typed(item) for item in value]
    return kind, repr(value)


def test_kinds_and_methods_come_back():
    """Subclasses with their own fields, callbacks by name, headers with several values, both forms of cookies."""
    reader = PACKER._spider
    requests = [
        FormRequest(URL, formdata={"a": "ü"}, callback=reader.parse_story, errback=reader.failed),
        JsonRequest(URL, data={"a": [1]}, dumps_kwargs={"sort_keys": True}),
        Request(URL, headers={"A": ["1", "2"]}, cookies=[{"name": "n", "value": "v", "domain": "example.org"}]),
        Request(URL, cookies={"n": "v"}, encoding="latin-1", dont_filter=True),
    ]

    backs = [PACKER.unpack(PACKER.pack(request)) for request in requests]

    assert [type(back) for back in backs] == [FormRequest, JsonRequest, Request, Request]
    assert [back.to_dict(spider=reader) for back in backs] == [request.to_dict(spider=reader) for request in requests]


def test_items_and_times_come_back():
    """What spiders hand from page to page."""
    story = Story(title="a", words=("b",))
    at = datetime(2026, 11, 24, 22, 30, tzinfo=UTC) + timedelta(microseconds=5)

    back = PACKER.unpack(PACKER.pack(Request(URL, cb_kwargs={"story": story, "at": at, "on": date(2026, 11, 24)})))

    assert back.cb_kwargs == {"story": story, "at": at, "on": date(2026, 11, 24)}
    assert type(back.cb_kwargs["story"]) is Story


def test_numbers_without_a_word_in_json_come_back():
    """JSON has no NaN, and readers disagree on large integers."""
    back = PACKER.unpack(PACKER.pack(Request(URL, meta={"n": [math.nan, -math.inf, 2**70]})))

    assert math.isnan(back.meta["n"][0])
    assert back.meta["n"][1:] == [-math.inf, 2**70]


def test_marks_of_ours_are_not_carried():
    """A spider that copies an answer's meta copies no lease."""
    back = PACKER.unpack(PACKER.pack(Request(URL, meta={LEASE_KEY: "0:1", PARENT_KEY: "0:1", "mine": 1})))

    assert back.meta == {"mine": 1}


@pytest.mark.parametrize(
    ("field_name", "value", "told"),
    [
        pytest.param("meta", {"a": [1, {"f": io.BytesIO()}]}, "meta['a'][1]['f'] holds a _io.BytesIO", id="file"),
        pytest.param(
            "cb_kwargs", {"r": Request(URL)}, "cb_kwargs['r'] holds a scrapy.http.request.Request", id="request"
        ),
        pytest.param("meta", {("a", object()): 1}, "holds a builtins.object", id="key"),
        pytest.param("meta", {"a": "\ud800"}, "surrogates not allowed", id="surrogate"),
        pytest.param("callback", lambda response: response, "is not an instance method", id="lambda"),
    ],
)
def test_what_cannot_wait_is_named(field_name, value, told):
    """Request, field and type."""
    request = Request(URL, **{field_name: value})

    with pytest.raises(UnserialisableError) as caught:
        PACKER.pack(request)

    assert f"<GET {URL}>" in str(caught.value)
    assert told in str(caught.value)


def test_endless_nesting_is_refused():
    """A list that holds itself."""
    endless: list[object] = []
    endless.append(endless)

    with pytest.raises(UnserialisableError, match="nested deeper than"):
        PACKER.pack(Request(URL, meta={"endless": endless}))


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param("{", id="no-json"),
        pytest.param('{"url":"https://example.org/","callback":"gone"}', id="callback-of-another-version"),
        pytest.param('{"url":"https://example.org/","_class":"nowhere.Request"}', id="class-of-another-version"),
        pytest.param(
            '{"url":"https://example.org/","meta":{"a":{"$item":["os.system",{"command":"x"}]}}}', id="no-item"
        ),
        pytest.param('{"url":"https://example.org/","meta":{"a":{"$eval":"1"}}}', id="unknown-tag"),
        pytest.param('{"url":"https://example.org/","_class":"subprocess.Popen","args":["x"]}', id="no-request"),
    ],
)
def test_what_this_spider_cannot_take_is_refused(payload):
    """A record of another version of the project, or of somebody else, runs nothing."""
    with pytest.raises(PermanentError) as caught:
        PACKER.unpack(payload)

    assert caught.value.reason == "bad_message"
