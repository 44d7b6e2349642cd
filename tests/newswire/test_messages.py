"""Messages: frozen data classes to JSON and back, whatever they hold."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newswire.errors import PermanentError
from newswire.messages import (
    READABLE,
    SCHEMA,
    Article,
    Block,
    Candidate,
    DeadLetter,
    Image,
    Outlink,
    Provenance,
    RawPage,
    Span,
    decode,
    encode,
)

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
_ZONES = st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30)), timezone(timedelta(hours=-8))])
_TIMES = st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1), timezones=_ZONES)  # noqa: DTZ001  # Hypothesis adds the zone
_BLOCKS = st.builds(
    Block,
    kind=st.sampled_from(["heading", "paragraph", "list_item", "quote", "caption", "note", "table_row"]),
    text=_TEXT,
    level=st.none() | st.integers(1, 6),
    at=st.none() | _TIMES,
    role=st.none() | st.sampled_from(["lead", "byline", "bio", "correction", "editors_note", "footnote", "speaker"]),
    speaker=st.none() | _TEXT,
    spans=st.lists(
        st.builds(
            Span,
            start=st.integers(0, 9),
            end=st.integers(10, 99),
            kind=st.sampled_from(["dateline", "emphasis", "strong", "link"]),
            url=st.none() | _TEXT,
        ),
        max_size=2,
    ).map(tuple),
)
_ARTICLES = st.builds(
    Article,
    **dict.fromkeys(
        ["article_id", "url", "canonical_url", "source_id", "crawl_id", "trace_id", "page_id", "title", "extractor"],
        _TEXT,
    ),
    fetched_at=_TIMES,
    blocks=st.lists(_BLOCKS, max_size=4).map(tuple),
    authors=st.lists(_TEXT, max_size=3).map(tuple),
    published_at=st.none() | _TIMES,
    published_on=st.none() | st.dates(min_value=date(1990, 1, 1)),
    outlinks=st.lists(st.builds(Outlink, url=_TEXT, text=_TEXT), max_size=2).map(tuple),
    images=st.lists(st.builds(Image, url=_TEXT, caption=st.none() | _TEXT), max_size=2).map(tuple),
    is_paywalled=st.none() | st.booleans(),
    opt_outs=st.lists(_TEXT, max_size=3).map(tuple),
    provenance=st.dictionaries(_TEXT, st.builds(Provenance, origin=_TEXT, confidence=st.floats(0, 1)), max_size=3),
    schema=st.just(SCHEMA),
)
_CANDIDATES = st.builds(
    Candidate,
    **dict.fromkeys(["url", "source_id", "crawl_id", "trace_id"], _TEXT),
    priority=st.integers(-100, 100),
    found_on=st.none() | _TEXT,
    schema=st.just(SCHEMA),
)
_PAGES = st.builds(
    RawPage,
    **dict.fromkeys(["page_id", "url", "source_id", "crawl_id", "trace_id", "body_sha256"], _TEXT),
    fetched_at=_TIMES,
    headers=st.dictionaries(_TEXT, _TEXT, max_size=3),
    language_hint=st.none() | _TEXT,
    schema=st.just(SCHEMA),
)


@given(_ARTICLES | _CANDIDATES | _PAGES)
def test_message_reads_back_equal(message):
    """Any script, any zone, any empty field: what was written is what is read."""
    again = decode(encode(message), type(message))

    assert again == message


@given(_TIMES)
def test_time_keeps_its_zone(moment):
    """A publisher's local day can be read off its time."""
    block = Block(kind="paragraph", text="", at=moment)

    again = decode(encode(block), Block)

    assert again.at is not None
    assert again.at.utcoffset() == moment.utcoffset()


@pytest.mark.parametrize("kind", [Candidate, RawPage, Article])
def test_message_of_a_newer_schema_is_refused_whole(kind, make):
    """A reader that does not know a schema leaves the message to a dead letter instead of guessing."""
    page = make.page()
    known = {Candidate: make.candidate(), RawPage: page, Article: make.article(page)}[kind]
    values = json.loads(encode(known)) | {"schema": SCHEMA + 1, "new_field": 1}

    with pytest.raises(PermanentError, match=rf"bad_message: {kind.__name__}: schema {SCHEMA + 1}, readable:"):
        decode(json.dumps(values), kind)


@pytest.mark.parametrize("schema", READABLE)
def test_unknown_fields_of_a_readable_schema_are_left_out(schema, make):
    """A field that a newer writer added does not stop an older reader."""
    page = make.page()
    values = json.loads(encode(page)) | {"schema": schema, "new_field": [1]}

    assert decode(json.dumps(values), RawPage) == dataclasses.replace(page, schema=schema)


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"null", b"[]", b"{}", b'{"schema": 1}', b"\xff\xfe", b'{"url": 1}', b"<html>"],
)
def test_what_is_no_message_is_a_permanent_error(data):
    """Broken bytes are never retried: bad_message."""
    with pytest.raises(PermanentError) as caught:
        decode(data, RawPage)

    assert caught.value.reason == "bad_message"


def test_missing_field_is_named():
    """The detail says which field, so that a dead letter explains itself."""
    with pytest.raises(PermanentError, match="missing required field `page_id`"):
        decode(b"{}", RawPage)


def test_text_that_is_no_unicode_is_a_permanent_error(make):
    """Half a surrogate pair, as a JSON escape in a page can make it, cannot be written as UTF-8."""
    article = make.article(make.page(), title="\ud83d")

    with pytest.raises(PermanentError, match=r"bad_message: Article: .*surrogates not allowed"):
        encode(article)


def test_messages_cannot_be_changed(make):
    """A stage cannot edit what it received; a change is a new copy."""
    page = make.page()

    with pytest.raises(dataclasses.FrozenInstanceError):
        page.url = "https://other.example/"


def test_text_is_derived_from_the_blocks(make):
    """One block a line, in reading order."""
    blocks = (Block(kind="heading", text="H", level=2), Block(kind="paragraph", text="P"))

    assert make.article(make.page(), blocks=blocks).text == "H\nP"


def test_dead_letter_keeps_its_message_untouched(make):
    """The payload is text, so that even an unreadable message survives byte for byte."""
    letter = DeadLetter(
        letter_id="0-extract-x",
        stage="extract",
        reason="bad_message",
        detail="",
        attempts=1,
        died_at=make.page().fetched_at,
        url="",
        source_id="",
        trace_id="",
        payload='{"broken": ',
    )

    assert decode(encode(letter), DeadLetter) == letter
