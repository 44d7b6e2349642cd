"""What a site repeats is left out of its articles, and nothing that is a story's own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newswire.messages import Article, Block, Outlink, Provenance, Span
from newswire.urls import article_id
from workers.labeller.compiled import read_page
from workers.page import parse_page
from workers.sitememory import (
    FIRST,
    LAST,
    MAX_WORDS,
    SHIPPED,
    Sighting,
    SiteMemory,
    sighting_of,
    unpack,
    without_repeats,
)

NOTICE = "All rights in the texts of this paper are reserved, and who wants to print them must ask the publisher first."
TITLES = (
    "Harbour Opens Again",
    "Council Votes on Budget",
    "Museum Shows Old Maps",
    "Storm Damages Bridge",
    "School Gets New Roof",
    "Farmers Wait for Rain",
)


def paragraph(text: str) -> Block:
    """A paragraph."""
    return Block(kind="paragraph", text=text)


def story(title: str, *blocks: Block | str, url: str = "") -> Article:
    """An article with three paragraphs of its own and then the given blocks."""
    address = url or f"https://news.example/{title.replace(' ', '-').lower()}"
    own = [
        paragraph(f"{title}: sentence {n} tells what happened there, as no other story of the paper does.")
        for n in "abc"
    ]
    return Article(
        article_id=article_id(address),
        url=address,
        canonical_url=address,
        source_id="news",
        crawl_id="crawl",
        trace_id="trace",
        page_id="0-1",
        fetched_at=datetime(2026, 11, 25, tzinfo=UTC),
        title=title,
        blocks=(*own, *(block if isinstance(block, Block) else paragraph(block) for block in blocks)),
    )


def stories(n: int, *blocks: Block | str) -> list[Article]:
    """Articles of different stories with the same blocks below."""
    return [story(title, *blocks) for title in TITLES[:n]]


def cleaned(article: Article, others: list[Article]) -> Article:
    """The article once its site's others are known."""
    return without_repeats(article, sighting_of(article), [sighting_of(other) for other in others])


@pytest.mark.parametrize(("n_others", "is_left_out"), [(2, False), (3, True), (5, True)])
def test_block_that_enough_other_stories_have_is_left_out(n_others, is_left_out):
    """Three others are needed; the rest of the text stays as it was."""
    *others, own = stories(n_others + 1, NOTICE)

    found = cleaned(own, others)

    assert (NOTICE not in found.text) is is_left_out
    assert found.blocks[:3] == own.blocks[:3]


def test_warning_says_how_many_blocks_went_and_which():
    """Nothing is left out in silence, and an article that loses nothing is the same object."""
    *others, own = stories(4, NOTICE, "Write to the editors if you have found a mistake in this text.")

    found = cleaned(own, others)

    (warning,) = found.warnings
    assert warning == (
        "blocks: 2 left out that 3 or more other pages of the site have: "
        "'All rights in the texts of this paper are reserved, and who wants to print them '; "
        "'Write to the editors if you have found a mistake in this text.'"
    )
    assert cleaned(own, others[:2]) is own


def test_many_blocks_make_one_short_warning():
    """Ten are named, the others counted."""
    lines = [f"This is line number {'i' * n} of a very long legal notice of the paper." for n in range(1, 16)]
    *others, own = stories(4, *lines)

    (warning,) = cleaned(own, others).warnings

    assert warning.startswith("blocks: 15 left out")
    assert warning.endswith(" and 5 more")
    assert len(warning) < 1000


def test_spelling_and_spaces_do_not_hide_a_repeat():
    """Texts are compared by their letters and digits."""
    others = stories(3, NOTICE.upper())
    own = story(TITLES[3], NOTICE.replace(" ", "  ").replace(",", " –"))

    assert len(cleaned(own, others).blocks) == 3


def test_copies_under_other_addresses_keep_their_text():
    """Five addresses of one article are one article, whatever each adds at its end."""
    copies = [story("Harbour Opens Again", NOTICE, url=f"https://news.example/{n}") for n in range(5)]

    assert cleaned(copies[0], copies[1:]) is copies[0]


def test_versions_of_an_article_keep_their_text():
    """The same article with a new headline each time."""
    versions = [story(title, NOTICE, url="https://news.example/live") for title in TITLES[:5]]

    assert cleaned(versions[0], versions[1:]) is versions[0]


@pytest.mark.parametrize(
    "titles",
    [
        pytest.param([f"Ferry Strike in Northern Harbour: {word}" for word in TITLES], id="series"),
        pytest.param([f"Weather {town}" for town in ("Berlin", "Hamburg", "Bremen", "Kiel", "Essen")], id="short"),
        pytest.param([f"Забастовка паромщик{end} в порту" for end in ("ов", "ам", "и", "ами", "ах")], id="inflected"),
        pytest.param([f"北京西直门突发大火{end}" for end in ("扑灭", "原因", "现场", "视频", "伤者")], id="unspaced"),
    ],
)
def test_follow_ups_of_one_story_keep_their_background(titles):
    """What stories of one headline's words share is background or a series' introduction, and theirs."""
    own, *others = [story(title, NOTICE, url=f"https://news.example/{n}") for n, title in enumerate(titles[:5])]

    assert cleaned(own, others) is own


def test_follow_ups_count_once_for_another_story():
    """Four articles of one story and one of a second are two stories, and two are not enough."""
    series = [story(f"Ferry Strike in Northern Harbour: {word}", NOTICE) for word in TITLES[1:5]]
    others = [*series, story("Museum Shows Old Maps", NOTICE)]
    own = story("School Gets New Roof", NOTICE)

    assert cleaned(own, others) is own
    assert cleaned(own, [*others, story("Farmers Wait for Rain", NOTICE)]) is not own


def test_notice_that_is_longer_than_the_news_goes():
    """nr2.ru of the set daniel has seven paragraphs of law below three of news."""
    notice = [f"{NOTICE} This is part {'i' * n} of what the law asks of those who read it." for n in range(1, 9)]
    *others, own = stories(4, *notice)

    assert len(cleaned(own, others).blocks) == 3


def test_nothing_goes_where_too_little_would_be_left():
    """An article must stay one: here all of it but a line repeats."""
    whole = [replace(article, blocks=(paragraph("One short line."), paragraph(NOTICE))) for article in stories(4)]

    assert cleaned(whole[0], whole[1:]) is whole[0]


@pytest.mark.parametrize("kind", ["table_row", "caption"])
def test_parts_of_tables_and_pictures_stay(kind):
    """A table without its first row, or a picture's caption, is not the site's to repeat."""
    *others, own = stories(4, Block(kind=kind, text=NOTICE))

    assert cleaned(own, others) is own


def test_labels_and_headings_stay_where_they_stand_alone():
    """“Pros:” in each review is the review's; so is the heading above a text of its own."""
    reviews = [
        replace(article, blocks=(*article.blocks, Block(kind="heading", text=NOTICE), *blocks))
        for article in stories(4)
        for blocks in [(paragraph(f"{article.title} has this below it, and this alone."), paragraph("Pros:"))]
    ]

    assert cleaned(reviews[0], reviews[1:]) is reviews[0]


def test_labels_and_headings_go_with_what_goes():
    """The heading above a notice, and the short line below it."""
    *others, own = stories(4, Block(kind="heading", text="Rights"), NOTICE, "Thank you.")

    assert cleaned(own, others).blocks == own.blocks[:3]


def test_heading_below_what_goes_stays_with_its_own_text():
    """Only what a heading heads takes it along."""
    blocks = [NOTICE, Block(kind="heading", text="Background")]
    *others, own = [
        replace(article, blocks=(*article.blocks, paragraph(f"{article.title} has another past.")))
        for article in stories(4, *blocks)
    ]

    assert [block.text for block in cleaned(own, others).blocks[3:]] == ["Background", f"{own.title} has another past."]


def test_links_and_dateline_of_what_goes_go_with_it():
    """Outlinks are those of the text that is left; a link that stands elsewhere too stays."""
    gone, both = "https://shop.example/", "https://law.example/"
    spans = tuple(Span(start=n, end=n + 1, kind="link", url=url) for n, url in enumerate((gone, both)))
    dateline = Span(start=0, end=3, kind="dateline")
    *others, own = stories(4, Block(kind="paragraph", text=NOTICE, spans=(dateline, *spans)))
    own = replace(
        own,
        blocks=(replace(own.blocks[0], spans=spans[1:]), *own.blocks[1:]),
        outlinks=tuple(Outlink(url=url, text="x") for url in (gone, both, "https://unmarked.example/")),
        dateline="All",
        provenance={"dateline": Provenance(origin="text"), "title": Provenance(origin="h1")},
    )

    found = cleaned(own, others)

    assert [link.url for link in found.outlinks] == [both, "https://unmarked.example/"]
    assert (found.dateline, list(found.provenance)) == (None, ["title"])
    assert found.blocks[0].spans == spans[1:]


def test_dateline_of_what_stays_stays():
    """The same article, its dateline in its first paragraph."""
    *others, own = stories(4, NOTICE)
    marked = replace(own.blocks[0], spans=(Span(start=0, end=6, kind="dateline"),))
    own = replace(own, blocks=(marked, *own.blocks[1:]), dateline="Museum")

    assert cleaned(own, others).dateline == "Museum"


def test_texts_beside_the_article_count_but_not_alone():
    """Where the labeller takes a notice once and leaves it out twice, three pages have it; a teaser nobody takes."""
    page = read_page(parse_page(f"<body><p>{NOTICE}</p></body>".encode()))
    beside = [sighting_of(story(title), page) for title in TITLES[:3]]
    own = story(TITLES[4], NOTICE)

    def left_out(*others: Sighting) -> bool:
        return without_repeats(own, sighting_of(own), others) is not own

    assert not left_out(*beside)
    assert left_out(*beside[:2], sighting_of(story(TITLES[3], NOTICE)))


def test_what_is_remembered_of_a_page_is_what_could_be_an_articles():
    """Links, short texts and teasers below a linked headline are not; the article's own blocks stand apart."""
    own = story(TITLES[0])
    html = f"""<body><p>{own.blocks[0].text}</p><p>{NOTICE}</p><p>Short.</p><a href=/x>{NOTICE} Read on</a>
        <h3><a href=/y>A headline of another story of the day</a></h3><p>What that story says in its first sentence.</p>
        <p>And a text that follows upon the teaser, which may be anything.</p></body>"""

    found = sighting_of(own, read_page(parse_page(html.encode())))

    texts = (NOTICE, "And a text that follows upon the teaser, which may be anything.")
    assert found.asides == sighting_of(replace(own, blocks=tuple(map(paragraph, texts)))).blocks
    assert len(found.blocks) == 3


def test_sighting_is_bounded_whatever_the_article():
    """Of a book its ends are remembered; 555 bytes hold it."""
    texts = [f"Chapter {'i' * n} of a book that has very many of them." for n in range(1, 2000)]
    book = story(" ".join(f"Word{chr(97 + n)}" for n in range(26)), *texts)
    page = read_page(parse_page("".join(f"<p>{text} It is on the page.</p>" for text in texts).encode()))

    found = sighting_of(book, page)

    assert len(found.words) == MAX_WORDS
    assert len(found.blocks) == len(found.asides) == FIRST + LAST
    assert len(found.pack()) <= 555


sightings = st.builds(
    Sighting,
    article=st.binary(min_size=8, max_size=8),
    title=st.binary(min_size=8, max_size=8),
    words=st.frozensets(st.integers(0, 2**16 - 1), max_size=MAX_WORDS),
    blocks=st.frozensets(st.integers(0, 2**32 - 1), max_size=FIRST + LAST),
    asides=st.frozensets(st.integers(0, 2**32 - 1), max_size=FIRST + LAST),
)


@given(sightings)
def test_sighting_is_read_back_as_it_was(sighting):
    """What Redis keeps is what was seen."""
    assert unpack(sighting.pack()) == sighting


@given(st.binary(max_size=200))
def test_bytes_that_are_no_sighting_are_refused_or_read(packed):
    """Never an error: another version of the code wrote them."""
    found = unpack(packed)

    assert found is None or found.article == packed[:8]


def test_sighting_of_another_format_is_not_read():
    """A changed format forgets the old ones."""
    packed = bytearray(sighting_of(story(TITLES[0])).pack())
    packed[16] += 1

    assert unpack(bytes(packed)) is None


_TEXTS = st.sampled_from([NOTICE, "Pros:", "Rights", *(f"{NOTICE} Part {n}." for n in "abcd")])
_KINDS = st.sampled_from(["paragraph", "heading", "list_item", "quote", "table_row"])


@given(st.lists(st.lists(st.builds(Block, kind=_KINDS, text=_TEXTS), max_size=6), min_size=4, max_size=6))
def test_what_is_left_is_a_part_of_the_article_and_enough(all_blocks):
    """Order, title and own text stay, headings never go last, and the warning counts what went."""
    own, *others = [story(title, *blocks) for title, blocks in zip(TITLES, all_blocks, strict=False)]

    found = cleaned(own, others)

    left = iter(own.blocks)
    assert all(block in left for block in found.blocks)
    assert found.blocks[:3] == own.blocks[:3]
    assert found.title == own.title
    n_gone = len(own.blocks) - len(found.blocks)
    assert [warning.split()[1] for warning in found.warnings] == ([str(n_gone)] if n_gone else [])
    assert cleaned(found, others).blocks == found.blocks


def test_memory_of_a_process_is_bounded_and_counts_an_article_once():
    """Only the last articles of the last sites; a version takes its first's place."""
    memory = SiteMemory(n_articles=3, n_sites=2)
    seen = [sighting_of(story(title)) for title in TITLES]

    for sighting in [*seen, seen[5], seen[4]]:
        found = memory.see("one.example", sighting)
    memory.see("two.example", seen[0])
    memory.see("three.example", seen[0])

    assert found == [seen[5], seen[3]]
    assert memory.see("one.example", seen[0]) == []


def test_rules_are_those_that_were_measured():
    """A change of them is a new measurement (docs/adr/0027)."""
    assert (SHIPPED.n_others, SHIPPED.n_in_text, SHIPPED.short, SHIPPED.related_words) == (3, 1, 30, 2)
