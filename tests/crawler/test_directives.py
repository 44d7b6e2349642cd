"""X-Robots-Tag and robots meta elements: which words hold for us."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.directives import header_directives, meta_directives

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
PAST = "1 Jan 2020 10:00:00 GMT"


@pytest.mark.parametrize(
    ("header", "words"),
    [
        pytest.param("", "", id="none"),
        pytest.param("noindex", "noindex", id="one"),
        pytest.param("NoIndex, NOFOLLOW", "noindex nofollow", id="case"),
        pytest.param("none", "none noindex nofollow", id="none_is_both"),
        pytest.param("noarchive, nosnippet", "noarchive nosnippet", id="noarchive"),
        pytest.param("noai, noimageai", "noai noimageai", id="noai"),
        pytest.param("noindex nofollow", "noindex nofollow", id="spaces_for_commas"),
        pytest.param("noindexing, follow", "follow", id="whole_words"),
        pytest.param("newswire: noindex", "noindex", id="ours"),
        pytest.param("NEWSWIRE : noindex, nofollow", "noindex nofollow", id="ours_to_the_end"),
        pytest.param("newswirebot: noindex", "", id="not_quite_ours"),
        pytest.param("*: noindex", "noindex", id="everyone"),
        pytest.param("otherbot: noindex, nofollow", "", id="of_others"),
        pytest.param("otherbot: noindex, newswire: nofollow", "nofollow", id="of_others_then_ours"),
        pytest.param("nofollow, otherbot: noindex", "nofollow", id="everyone_then_others"),
        pytest.param("otherbot: noindex\nnofollow", "nofollow", id="a_name_ends_with_its_header"),
        pytest.param("max-snippet: 20, noindex", "noindex", id="value_is_no_name"),
        pytest.param("max-image-preview:large, noarchive", "noarchive", id="another_value"),
        pytest.param(f"unavailable_after: {PAST}", "noindex", id="over"),
        pytest.param(f"newswire: unavailable_after: {PAST}", "noindex", id="over_for_us"),
        pytest.param(f"otherbot: unavailable_after: {PAST}", "", id="over_for_others"),
        pytest.param("unavailable_after: 25 Jun 2030 15:00:00 PST, nofollow", "nofollow", id="not_yet"),
        pytest.param("unavailable_after: Wed, 01 Jan 2020 10:00:00 GMT, nofollow", "noindex nofollow", id="rfc_822"),
        pytest.param("unavailable_after: Friday, 25-Jun-10 15:00:00 EST", "noindex", id="rfc_850"),
        pytest.param("unavailable_after: Friday, 25-Jun-60 15:00:00 EST", "", id="rfc_850_not_yet"),
        pytest.param("unavailable_after: 2026-11-24", "noindex", id="iso_day"),
        pytest.param("unavailable_after: 2026-11-24t13:30:00+02:00", "noindex", id="iso"),
        pytest.param("unavailable_after: 2026-11-24t13:30:00+01:00", "", id="iso_not_yet"),
        pytest.param("unavailable_after: 24 Nov 2026 12:30:00 CET", "noindex", id="european_zone"),
        pytest.param("unavailable_after: some day, noarchive", "noarchive", id="no_time"),
        pytest.param("unavailable_after:", "", id="no_value"),
        pytest.param(",,:,: noindex", "", id="rubbish"),
    ],
)
def test_header_words(header, words):
    """For everyone or for us; others' are none of ours."""
    assert header_directives(header, "newswire", NOW) == set(words.split())


def test_time_that_is_now_is_over():
    """A page may be kept before the moment, not at it."""
    assert header_directives("unavailable_after: 2026-11-24T12:00:00Z", "newswire", NOW) == {"noindex"}


def test_meta_words_of_all_elements_hold():
    """Elements for robots and for our name add up; those for others do not count."""
    elements = [
        ("ROBOTS", "nofollow"),
        (" Newswire ", f"noarchive, unavailable_after: {PAST}"),
        ("googlebot", "noai"),
        ("description", "noimageai"),
    ]

    assert meta_directives(elements, "newswire", NOW) == {"nofollow", "noarchive", "noindex"}
