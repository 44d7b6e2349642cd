"""Pages that render in the browser: the body in their scripts' state, in the forms that content systems write."""

from __future__ import annotations

import json

import pytest

from newswire.messages import NotArticle

TITLE = "Harbour Opens Again"
HEADING = "Two cranes stand idle"
DAY = '<meta property="article:published_time" content="2026-11-20T08:00:00Z">'
LOADING = '<div id="app">Loading…</div>'
MORE = (
    "The pilots had met on Thursday in the old customs house to agree on the order in which the ships may enter.",
    "Insurers count the damage at nine million, a third of it on the ferries that lay at the outer pier in the night.",
)


@pytest.fixture
def story(prose) -> tuple[str, ...]:
    """Five paragraphs."""
    return (*prose, *MORE)


def contentful(story):
    """Nodes with values."""
    parts = [{"nodeType": "paragraph", "content": [{"nodeType": "text", "value": text}]} for text in story]
    heading = {"nodeType": "heading-3", "content": [{"nodeType": "text", "value": HEADING}]}
    return {"nodeType": "document", "content": [parts[0], heading, *parts[1:]]}


def prosemirror(story):
    """A heading's level in its attributes; a paragraph in several runs."""
    runs = [{"type": "text", "text": word + " "} for word in story[0].split()]
    heading = {"type": "heading", "attrs": {"level": 3}, "content": [{"type": "text", "text": HEADING}]}
    parts = [{"type": "paragraph", "content": [{"type": "text", "text": text}]} for text in story[1:]]
    return {"type": "doc", "content": [{"type": "paragraph", "content": runs}, heading, *parts]}


def portable_text(story):
    """Blocks with a style and spans."""
    parts = [{"_type": "block", "style": "normal", "children": [{"_type": "span", "text": text}]} for text in story]
    heading = {"_type": "block", "style": "h3", "children": [{"_type": "span", "text": HEADING}]}
    return [parts[0], heading, *parts[1:]]


def elements(story):
    """Texts beside pictures, each with HTML of its own."""
    parts = [{"type": "text", "content": f"<b></b>{text}"} for text in story]
    heading = {"type": "header", "level": 3, "content": HEADING}
    picture = {"type": "image", "content": "A picture's caption that is no part of the text at all, as it should be."}
    return [parts[0], heading, picture, *parts[1:]]


def html(story):
    """One string of HTML."""
    paragraphs = "".join(f"<p>{text}</p>" for text in story[1:])
    return f"<p>{story[0]}</p><h3>{HEADING}</h3>{paragraphs}"


FORMS = [contentful, prosemirror, portable_text, elements, html]


def next_data(article) -> str:
    """The state of a framework, in a script of its own."""
    state = {"props": {"pageProps": {"article": article, "menu": [{"title": "Sport"}]}}}
    return f'<script id="__DATA__" type="application/json">{json.dumps(state)}</script>'


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_body_of_each_form_is_read(extract_page, story, form):
    """Paragraphs and sub-heading as they are; the origin says where they were found."""
    article = extract_page(LOADING + next_data({"title": TITLE, "body": form(story)}), head=DAY)

    assert [(block.kind, block.text, block.level) for block in article.blocks] == [
        ("paragraph", story[0], None),
        ("heading", HEADING, 3),
        *(("paragraph", text, None) for text in story[1:]),
    ]
    assert article.provenance["blocks"].origin.startswith("state:props.pageProps.article.body")


@pytest.mark.parametrize(
    "script",
    [
        "window.__STATE__ = {state};",
        'var later = 1; window["__APP__"]={state}; start();',
        "window.__STATE__ = JSON.parse({quoted});",
    ],
)
def test_state_is_read_from_assignments(extract_page, story, script: str):
    """As a value or as a string that the script parses."""
    state = json.dumps({"page": {"story": {"headline": TITLE, "paragraphs": list(story)}}})
    text = script.replace("{state}", state).replace("{quoted}", json.dumps(state))

    article = extract_page(f"{LOADING}<script>{text}</script>", head=DAY)

    assert [block.text for block in article.blocks] == list(story)


def test_chinese_body_is_read(extract_page):
    """A script without spaces between words."""
    paragraph = "港口在一周的风暴之后于星期五重新开放，第一批渡轮在中午时分驶向各个岛屿，旅客们在码头上等候。"
    body = [f"{number}日，{paragraph}{paragraph}" for number in range(1, 7)]

    article = extract_page(LOADING + next_data({"title": TITLE, "body": body}), head=DAY)

    assert [block.text for block in article.blocks] == body


@pytest.mark.parametrize(
    "article",
    [
        {"title": "Another Story", "body": "{html}"},
        {"title": TITLE, "related": [{"body": "{html}"}]},
        {"title": TITLE, "a": {"b": {"c": {"d": {"e": {"f": "{html}"}}}}}},
        {"title": TITLE, "body": "x" * 3000},
        {"title": TITLE, "body": "<p>A short teaser only.</p>"},
    ],
)
def test_nothing_is_guessed(extract_page, story, article):
    """Another title, another box, too far away, no prose, too short."""
    text = json.dumps(article).replace('"{html}"', json.dumps(html(story)))

    found = extract_page(LOADING + next_data(json.loads(text)), head=DAY)

    assert isinstance(found, NotArticle)


def test_page_that_shows_its_article_keeps_it(extract_page, story):
    """What is shown wins, also over a longer text in a script."""
    shown = "".join(f"<p>{text}</p>" for text in story) + "".join(f"<p>Also: {text}</p>" for text in story)
    hidden = "".join(f"<p>{text} And more of it, which nobody sees on the page.</p>" for text in story * 4)

    article = extract_page(shown + next_data({"title": TITLE, "body": hidden}), head=DAY)

    assert article.provenance["blocks"].origin == "labeller"


def test_paid_text_is_left_where_it_is(extract_page, story):
    """A page that says that it shows a part only gives that part, whatever its scripts carry."""
    head = (
        '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Harbour Opens Again", '
        '"isAccessibleForFree": false}</script>'
    )

    found = extract_page(LOADING + next_data({"title": TITLE, "body": html(story)}), head=head + DAY)

    assert isinstance(found, NotArticle)


def test_script_that_is_too_long_is_told(extract_page, prose):
    """It is not read, and the article says so."""
    script = '<script type="application/json">["' + "x" * 3_000_001 + '"]</script>'

    article = extract_page("".join(f"<p>{text}</p>" for text in prose) + script)

    assert any(warning.startswith("state: a script of 30000") for warning in article.warnings)


def test_fused_article_body_is_parted_as_the_state_has_it(extract_page, story):
    """JSON-LD has the whole text in one piece, the state its paragraphs; what the state escapes otherwise stays too."""
    linked = {"@type": "NewsArticle", "headline": TITLE, "articleBody": " ".join(story), "datePublished": "2026-11-20"}
    parts = [{"kind": "text", "text": text} for number, text in enumerate(story) if number != 1]
    state = json.dumps({"publication": {"blocks": parts, "edited": "?"}}).replace('"?"', "undefined")
    page = f"{LOADING}<script>window.DATA = {state}</script>"

    article = extract_page(page, head=f'<script type="application/ld+json">{json.dumps(linked)}</script>')

    assert [block.text for block in article.blocks] == list(story)
    assert article.provenance["blocks"].origin == "json-ld:articleBody"
    assert "blocks: paragraphs parted as in the page's state" in article.warnings


def test_body_without_any_other_evidence_stays_in_one_piece(extract_page, story):
    """No break is invented."""
    linked = {"@type": "NewsArticle", "headline": TITLE, "articleBody": " ".join(story), "datePublished": "2026-11-20"}
    state = json.dumps({"blocks": [story[0][:60], story[1][:30]]})
    page = f"{LOADING}<script>window.DATA = {state}</script>"

    article = extract_page(page, head=f'<script type="application/ld+json">{json.dumps(linked)}</script>')

    assert [block.text for block in article.blocks] == [" ".join(story)]
