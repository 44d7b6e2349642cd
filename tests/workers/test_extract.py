"""From bytes to blocks: the two fixture pages exactly, and the rules one by one on small pages."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newswire.messages import Article, Block

CASES = Path(__file__).parent / "cases"


def kinds(article: Article) -> list[tuple[str, str]]:
    """The blocks as (kind, text)."""
    return [(block.kind, block.text) for block in article.blocks]


def test_seed_page_is_exact(shared: Path, extract_bytes):
    """The page that the project began with gives every field and block of expected.json."""
    expected = json.loads((shared / "data/seed/expected.json").read_text())

    article = extract_bytes((shared / "data/seed/page.html").read_bytes(), expected["url"])

    for name in ("url", "canonical_url", "title", "description", "language", "site_name"):
        assert getattr(article, name) == expected[name], name
    assert article.published_at.isoformat() == expected["published_at"]
    assert article.published_on.isoformat() == expected["published_on"]
    assert kinds(article) == [(block["kind"], block["text"]) for block in expected["blocks"]]
    assert not [text for text in expected["never_in_text"] if text in article.text]


def test_second_page_of_that_markup_is_exact(shared: Path, extract_bytes):
    """Short blocks, a quote, a list, cards, a summary and a second article below: only the article's text comes out."""
    expected = json.loads((shared / "data/sputnik_markup/expected.json").read_text())
    body = (shared / "data/sputnik_markup/new_markup.html").read_bytes()

    article = extract_bytes(body, expected["url"])

    assert article.title == expected["title"]
    assert article.description == expected["lead"]
    assert article.published_at == datetime.fromisoformat(expected["published"])
    assert article.modified_at == datetime.fromisoformat(expected["modified"])
    assert list(article.tags) == expected["tags"]
    assert [block.text for block in article.blocks] == expected["paragraphs"]
    assert [block.kind for block in article.blocks] == [
        "paragraph", "quote", "heading", "list_item", "list_item", "paragraph",
    ]  # fmt: skip
    assert not [text for text in expected["without"] if text in article.text]


@pytest.mark.parametrize("folder", sorted(CASES.iterdir()), ids=lambda folder: folder.name)
def test_case_folder(folder: Path, extract_bytes):
    """Each folder of cases/ holds a page and what must come out of it; add one without writing Python."""
    expected = json.loads((folder / "expected.json").read_text())

    article = extract_bytes((folder / "page.html").read_bytes(), expected["url"])

    assert isinstance(article, Article), article
    assert kinds(article) == [(kind, text) for kind, text in expected["blocks"]]
    for name, value in expected.get("fields", {}).items():
        found = getattr(article, name)
        assert (list(found) if isinstance(found, tuple) else found) == value, name


def test_blocks_in_one_run_of_divs_are_not_fused(extract_page, prose):
    """Block elements without white space between them part the text all the same."""
    page = "".join(f"<div class='b'><div class='t'>{text}</div></div>" for text in prose)

    article = extract_page(page)

    assert kinds(article) == [("paragraph", text) for text in prose]


def test_line_breaks_part_paragraphs(extract_page, prose):
    """Texts parted by <br> alone are paragraphs."""
    article = extract_page(f"<div>{'<br><br>'.join(prose)}</div>")

    assert kinds(article) == [("paragraph", text) for text in prose]


def test_headings_keep_their_level_and_bold_lines_are_headings(extract_page, prose):
    """h2-h6 have a level; a bold line alone in its paragraph is a heading without one."""
    page = (
        f"<p>{prose[0]}</p><h3>What the crews say</h3><p>{prose[1]}</p><p><b>What comes next</b></p><p>{prose[2]}</p>"
    )

    article = extract_page(page)

    assert article.blocks[1] == Block(kind="heading", text="What the crews say", level=3)
    assert article.blocks[3] == Block(kind="heading", text="What comes next")


def test_trailing_footnote_is_a_note(extract_page, prose):
    """Paragraphs at the end that begin with an asterisk or dagger are notes; the same sign in the middle is text."""
    page = "".join(
        f"<p>{text}</p>" for text in (prose[0], "* " + prose[1], prose[2], "* Not their real names.", "† In 2019.")
    )

    article = extract_page(page)

    assert [block.kind for block in article.blocks] == ["paragraph", "paragraph", "paragraph", "note", "note"]


def test_table_rows_are_blocks(extract_page, prose):
    """The cells of a row stand in one block."""
    table = "<table><tr><th>Pier</th><th>Ships</th></tr><tr><td>North</td><td>12</td></tr></table>"

    article = extract_page("".join(f"<p>{text}</p>" for text in prose) + table)

    assert kinds(article)[-2:] == [("table_row", "Pier | Ships"), ("table_row", "North | 12")]


def test_row_is_whole_though_its_names_are_links(extract_page, prose):
    """A cell that is a link belongs to its row, and a table's caption to the table."""
    rows = "".join(
        f"<tr><td>{place}</td><td><a href=/club/{place}>{club}</a></td><td>12</td><td>{points}</td></tr>"
        for place, club, points in ((1, "Brackwater", 28), (2, "Quayside", 25))
    )
    head = "<caption>After twelve rounds</caption><tr><th>Place</th><th>Club</th><th>P</th><th>Pts</th></tr>"

    article = extract_page(f"<p>{prose[0]}</p><table>{head}{rows}</table><p>{prose[1]}</p><p>{prose[2]}</p>")

    assert kinds(article)[1:-2] == [
        ("table_row", "After twelve rounds"),
        ("table_row", "Place | Club | P | Pts"),
        ("table_row", "1 | Brackwater | 12 | 28"),
        ("table_row", "2 | Quayside | 12 | 25"),
    ]


@pytest.mark.parametrize(
    "quote",
    [
        "<figure class='quote'><p>Nobody came before a trawler sank.</p></figure>",
        "<figure class='pull-quote'><blockquote><p>Nobody came before a trawler sank.</p></blockquote></figure>",
        "<figure><blockquote>Nobody came before a trawler sank.</blockquote><figcaption>A. B</figcaption></figure>",
    ],
    ids=["class", "block editor", "with its speaker"],
)
def test_short_quote_in_a_figure_is_kept(extract_page, prose, quote: str):
    """Among the article's paragraphs it is a quote, and no caption."""
    article = extract_page(f"<p>{prose[0]}</p>{quote}<p>{prose[1]}</p><p>{prose[2]}</p>")

    assert kinds(article)[1] == ("quote", "Nobody came before a trawler sank.")


def test_quote_that_repeats_the_text_adds_nothing(extract_page, prose):
    """A line drawn out of a paragraph, set between others, is no more text."""
    figure = "<figure class='quote'><p>The first ferries left for the islands!</p></figure>"

    article = extract_page(f"<p>{prose[0]}</p><p>{prose[1]}</p>{figure}<p>{prose[2]}</p>")

    assert kinds(article) == [("paragraph", text) for text in prose]


def test_footnotes_of_a_list_are_whole(extract_page, prose):
    """All of a list that is named footnotes, without the arrows that lead back."""
    notes = (
        "<ol class='footnotes'><li id='fn1'>Minutes, 17 November. <a href='#r1'>↩</a></li>"
        "<li id='fn2'>Ibid. <a href='#r2'>↩\ufe0e</a></li>"
        "<li id='fn3'>The fund is of 2019. <a href='#r3'>↩</a></li></ol>"
    )

    article = extract_page("".join(f"<p>{text}</p>" for text in prose) + notes)

    assert kinds(article)[3:] == [
        ("list_item", "Minutes, 17 November."),
        ("list_item", "Ibid."),
        ("list_item", "The fund is of 2019."),
    ]


def test_heading_parted_by_a_line_break_is_one(extract_page, prose):
    """The break is the page's layout; of three lines each may be a heading."""
    article = extract_page(f"<p>{prose[0]}</p><h2>Two hours<br>of evidence</h2><p>{prose[1]}</p><p>{prose[2]}</p>")

    assert kinds(article)[1] == ("heading", "Two hours of evidence")


@pytest.mark.parametrize("attribute", ["class='sr-only'", "hidden", "style='display: none'"])
def test_hidden_paragraph_is_left_out(extract_page, prose, attribute: str):
    """A paragraph that is hidden itself, by whatever means, is for no reader."""
    hidden = f"<p {attribute}>Note for the desk: ask the harbour office about the number of ships again.</p>"

    article = extract_page(f"<p>{prose[0]}</p>{hidden}<p>{prose[1]}</p><p>{prose[2]}</p>")

    assert kinds(article) == [("paragraph", text) for text in prose]


def test_same_text_is_not_taken_twice(extract_page, prose):
    """A paragraph that the page repeats is in the article once."""
    article = extract_page("".join(f"<p>{text}</p>" for text in (*prose, prose[0])))

    assert kinds(article) == [("paragraph", text) for text in prose]


def test_endless_scroll_ends_with_the_first_article(extract_page, prose):
    """A second article of the same make below the first is another article."""
    first = "".join(f"<p>{text}</p>" for text in prose)
    second = "".join(f"<p>Another story says {text}</p>" for text in prose)
    page = (
        f"<div class='item on'><h1>Harbour Opens Again</h1>{first}</div><div class='item'><h1>Other</h1>{second}</div>"
    )

    article = extract_page(page)

    assert kinds(article) == [("paragraph", text) for text in prose]


def test_next_story_below_a_linked_headline_is_another(extract_page, prose):
    """An article of the make of the first, whose headline leads to its own page, in whatever box it stands."""
    first = "".join(f"<p>{text}</p>" for text in prose)
    second = "".join(f"<p>Another story says {text}</p>" for text in prose)
    page = (
        f"<article class='story'><h1>Harbour Opens Again</h1>{first}</article><div class='up'><article class='story'>"
        f"<h2><a href='/orchestra'>School orchestra plays on driftwood</a></h2>{second}</article></div>"
    )

    article = extract_page(page)

    assert kinds(article) == [("paragraph", text) for text in prose]


@pytest.mark.parametrize("day", ["2026-11-18", "18.11.2026, 09:30 Uhr", "2026年11月18日 09:30"])
def test_day_alone_above_the_text_is_left_out(extract_page, prose, day: str):
    """It is a field; within the text a day may part a chronicle."""
    text = f"<time datetime='2026-11-18T09:30:00Z'>{day}</time><p>{prose[0]}</p><p>{day}</p><p>{prose[1]}</p>"

    article = extract_page(f"{text}<p>{prose[2]}</p>")

    assert kinds(article)[0] == ("paragraph", prose[0])


def test_words_for_browsers_that_show_no_film_are_left_out(extract_page, prose):
    """What stands in a <video> is for those alone."""
    film = "<video src=/v.mp4>Your browser does not show films, so you cannot watch the ferries leave here.</video>"

    article = extract_page(f"<p>{prose[0]}</p>{film}<p>{prose[1]}</p><p>{prose[2]}</p>")

    assert kinds(article) == [("paragraph", text) for text in prose]


def test_screen_reader_text_is_left_out(extract_page, prose):
    """What only a screen reader says is not in the text."""
    marked = prose[0].replace("Friday", "Friday<span class='visually-hidden'>, opens new tab</span>")

    article = extract_page(f"<p>{marked}</p><p>{prose[1]}</p><p>{prose[2]}</p>")

    assert article.blocks[0].text == prose[0]


def test_article_hidden_until_a_script_shows_it_is_kept(extract_page, prose):
    """What holds most of the page's text is no hidden box."""
    article = extract_page("<div style='display:none'>" + "".join(f"<p>{text}</p>" for text in prose) + "</div>")

    assert kinds(article) == [("paragraph", text) for text in prose]


def test_live_posts_have_their_times(extract_page, prose):
    """The blocks of a live blog's posts carry the time of their post, in the page's order."""
    posts = "".join(
        f"<div class='post'><time datetime='2026-11-20T1{n}:00:00+01:00'>1{n}:00</time><p>{text}</p></div>"
        for n, text in enumerate(prose)
    )

    article = extract_page(f"<div class='live'>{posts}</div>")

    assert [block.at.astimezone(UTC).hour for block in article.blocks] == [9, 10, 11]


def test_paragraphs_of_posts_in_a_list_are_paragraphs(extract_page, prose):
    """The list is one of posts; a list within a post has items."""
    posts = "".join(
        f"<li><time datetime='2026-11-20T1{n}:00:00+01:00'>1{n}:00</time><p>{text}</p></li>"
        for n, text in enumerate(prose)
    )

    article = extract_page(f"<ol class='live'>{posts}</ol>")

    assert kinds(article) == [("paragraph", text) for text in prose]


def test_body_only_in_json_ld_is_used(extract_page, prose):
    """Where the markup has no text, JSON-LD's articleBody is the body, in its own paragraphs, and says so."""
    data = {"@type": "NewsArticle", "headline": "Harbour Opens Again", "articleBody": "\n\n".join(prose)}

    article = extract_page("<div id=app></div>", head=f"<script type='application/ld+json'>{json.dumps(data)}</script>")

    assert kinds(article) == [("paragraph", text) for text in prose]
    assert article.provenance["blocks"].origin == "json-ld:articleBody"


def test_links_of_the_text_are_outlinks(extract_page, prose):
    """Only links in the article's own text are kept, absolute and each once."""
    linked = prose[0].replace("harbour", "<a href='/harbour?utm_source=x'>harbour</a>")
    page = f"<nav><a href='/world'>World</a></nav><p>{linked}</p><p>{prose[1]}</p><p>{prose[2]}</p>"

    article = extract_page(page)

    assert [(link.url, link.text) for link in article.outlinks] == [("https://news.example/harbour", "harbour")]
