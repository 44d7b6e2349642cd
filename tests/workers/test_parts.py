"""The article's parts on small pages: roles, speakers, links, pictures; the text itself stays as it is."""

from __future__ import annotations

import pytest

from newswire.messages import Article, Block, Image
from workers.labeller.compiled import read_page
from workers.labeller.nodes import Nodes
from workers.page import parse_page
from workers.parts import _without_captions
from workers.quotes import tell_speakers

SITE = "https://news.example"


def paragraphs(*texts: str) -> str:
    """Each text as a paragraph."""
    return "".join(f"<p>{text}</p>" for text in texts)


def roles(article: Article) -> dict[str, str]:
    """The role of each block that has one, by its text."""
    return {block.text: block.role for block in article.blocks if block.role}


def test_lead_is_told_by_its_class(extract_page, prose):
    """A standfirst in the text stays a paragraph of it."""
    lead = "After a week of storms the town's harbour is open, and nobody knows for how long it will be."

    article = extract_page(f'<p class="article-lead">{lead}</p>' + paragraphs(*prose))

    assert article.blocks[0].text == lead
    assert roles(article) == {lead: "lead"}


def test_only_bold_paragraph_at_the_start_is_the_lead(extract_page, prose):
    """As many papers set it; a page with bold paragraphs all over has no lead."""
    bold = [f"<b>{text}</b>" for text in prose]

    alone = extract_page(
        paragraphs(bold[0], *prose[1:], "The pilots met on Thursday in the harbour's old customs house.")
    )
    all_over = extract_page(paragraphs(*bold, "<b>The pilots met on Thursday in the harbour's old customs house.</b>"))

    assert roles(alone) == {prose[0]: "lead"}
    assert roles(all_over) == {}


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("Correction: An earlier version of this story gave a wrong number of cranes.", "correction"),
        ("This article was amended on 21 November 2026 to name the harbour master, Ida Brandt, rightly.", "correction"),
        ("Korrektur: In einer früheren Fassung stand, dass drei Kräne stillstehen. Es sind nur zwei.", "correction"),
        ("Rectificatif : une première version de cet article parlait de trois grues.", "correction"),
        ("Fe de errores: una versión anterior de este artículo hablaba de tres grúas en lugar de dos.", "correction"),
        ("Исправление: в предыдущей версии статьи говорилось о трёх кранах вместо двух, это неверно.", "correction"),
        ("Editor’s note: The harbour company is an advertiser of this paper.", "editors_note"),
        ("Anmerkung der Redaktion: Die Hafengesellschaft schaltet hier Anzeigen.", "editors_note"),
    ],
)  # fmt: skip
def test_label_tells_corrections_and_editors_notes(extract_page, prose, text: str, role: str):
    """At the end of the text, in several languages."""
    article = extract_page(paragraphs(*prose, text))

    assert roles(article) == {text: role}


def test_story_about_a_correction_is_none(extract_page, prose):
    """The word alone says nothing."""
    text = "Corrections to the harbour's accounts will take the auditors until March, said the town's treasurer."

    assert roles(extract_page(paragraphs(*prose, text))) == {}


def test_byline_and_bio_are_told_by_the_authors_name(extract_page, prose):
    """Lines that name the author that the page declares."""
    head = '<meta name="author" content="Ole Winter">'
    bio = "Ole Winter is a reporter of the Example News and writes about ships, harbours and the sea since 2011."

    article = extract_page(paragraphs(*prose, bio), head=head)

    assert article.authors == ("Ole Winter",)
    assert roles(article) == {bio: "bio"}


def test_quote_has_its_speaker(extract_page, prose):
    """From <cite>, <footer>, a class word, a line after a dash; a line that names the speaker is told apart."""
    said = "We have never seen such waves in this harbour, and I have been here for thirty years."
    marked = {
        "cite": f"<blockquote><p>{said}</p><cite>Ida Brandt</cite></blockquote>",
        "footer": f"<blockquote><p>{said}</p><footer>— Ida Brandt</footer></blockquote>",
        "class": f'<div class="pull-quote"><p>{said}</p><p class="pull-quote__author">Ida Brandt</p></div>',
        "dash": f"<blockquote><p>{said}</p><p>— Ida Brandt</p></blockquote>",
    }

    found = {
        name: extract_page(paragraphs(prose[0]) + quote + paragraphs(*prose[1:])).blocks
        for name, quote in marked.items()
    }

    assert {name: [b.speaker for b in blocks if b.text == said] for name, blocks in found.items()} == {
        name: ["Ida Brandt"] for name in marked
    }
    assert {b.role for blocks in found.values() for b in blocks if "Ida Brandt" in b.text and len(b.text) < 20} <= {
        "speaker"
    }


def test_figure_around_a_quote_names_its_speaker():
    """The caption of the figure, whatever is taken for the article's text."""
    tree = parse_page(
        '<figure class="quote"><blockquote><p>The piers have held.</p></blockquote>'
        "<figcaption>Ida Brandt, harbour master</figcaption></figure>"
    )
    page = read_page(tree)
    blocks = [Block(kind="quote", text="The piers have held.")]

    (quote,) = tell_speakers(blocks, [(0,)], page, Nodes(tree, page))

    assert quote.speaker == "Ida Brandt, harbour master"


def test_quote_without_a_mark_has_no_speaker(extract_page, prose):
    """Nobody is guessed from the sentence before."""
    quote = "<blockquote><p>We have never seen such waves in this harbour, not in thirty years.</p></blockquote>"

    article = extract_page(paragraphs(prose[1]) + quote + paragraphs(prose[0], prose[2]))

    assert [block.speaker for block in article.blocks if block.kind == "quote"] == [None]


def test_embedded_post_is_a_quote_of_its_author(extract_page, prose):
    """Name and handle, without the day."""
    post = (
        '<blockquote class="embedded-post"><p>The piers have held. Thank you all for a night that was long.</p>'
        '&mdash; Tannfurt Harbour (@tannfurtharbour) <a href="https://posts.example/1">November 20, 2026</a>'
        "</blockquote>"
    )

    article = extract_page(paragraphs(prose[0]) + post + paragraphs(*prose[1:]))

    assert [block.speaker for block in article.blocks if block.kind == "quote" and block.role is None] == [
        "Tannfurt Harbour (@tannfurtharbour)"
    ]


def test_dateline_is_marked_and_the_text_stays_whole(extract_page, prose):
    """A span over the beginning of the paragraph, and the article's dateline."""
    article = extract_page(paragraphs(f"TANNFURT (Reuters) — {prose[0]}", *prose[1:]))

    first = article.blocks[0]
    assert article.dateline == "TANNFURT (Reuters)"
    assert first.text == f"TANNFURT (Reuters) — {prose[0]}"
    assert [(span.kind, first.text[span.start : span.end]) for span in first.spans] == [
        ("dateline", "TANNFURT (Reuters)")
    ]
    assert article.provenance["dateline"].origin == "text"


def test_links_have_their_role_and_place(extract_page, prose):
    """In a sentence, as a pointer, as advertising; on the article's site or another."""
    body = paragraphs(
        prose[0],
        'The harbour master told <a href="https://other.example/report">a report</a> that the report was '
        '<a rel="sponsored" href="https://shop.example/boats">a boat shop</a> matter, not one of the port.',
        prose[2],
        f'See also: <a href="{SITE}/2026/11/19/storm">Storm closes the harbour for a week</a>',
        prose[1],
    )

    article = extract_page(body)

    by_url = {link.url: link for link in article.outlinks}
    assert by_url["https://other.example/report"].role == "citation"
    assert by_url["https://shop.example/boats"].role == "sponsored"
    assert not by_url["https://other.example/report"].is_same_site
    assert all(link.role == "related" and link.is_same_site for url, link in by_url.items() if url.startswith(SITE))
    block = next(block for block in article.blocks if "boat shop" in block.text)
    assert [(span.kind, block.text[span.start : span.end], span.url) for span in block.spans] == [
        ("link", "a report", "https://other.example/report"),
        ("link", "a boat shop", "https://shop.example/boats"),
    ]


def test_link_is_found_behind_the_same_words(extract_page, prose):
    """Of two equal words that one is the link which has the same text before it."""
    text = (
        f'The report came first. Then came <a href="{SITE}/report">The report</a> of the harbour, long awaited by all.'
    )

    article = extract_page(paragraphs(*prose, text))

    (span,) = article.blocks[-1].spans
    assert article.blocks[-1].text[: span.start].endswith("Then came ")


PHOTO = "https://pictures.example/2026/harbour"


def test_pictures_of_the_text_have_captions_and_credits(extract_page, prose):
    """Lead picture and figures of the text, in order; furniture and teasers are none of them."""
    body = (
        f'<figure><img src="{PHOTO}-lead.jpg" alt="Ferries in a row"><figcaption>Ferries wait. <span class="credit">'
        "Photo: Ole Winter</span></figcaption></figure>"
        f'<img src="{SITE}/img/logo.png" width="200"><img src="{SITE}/count.gif" width="1" height="1">'
        + paragraphs(prose[0])
        + f'<div class="image"><img src="{PHOTO}-crane.jpg"><p class="image-caption">Zwei Kräne. Foto: dpa</p></div>'
        + f'<aside class="related"><a href="{SITE}/b"><img src="{PHOTO}-other.jpg">Another story</a></aside>'
        + f'<a href="{SITE}/c"><img src="{PHOTO}-third.jpg"></a>'
        + paragraphs(*prose[1:])
        + f'<img src="{PHOTO}-behind.jpg">'
    )

    article = extract_page(body)

    assert [(image.url, image.alt, image.caption, image.credit) for image in article.images] == [
        (f"{PHOTO}-lead.jpg", "Ferries in a row", "Ferries wait.", "Ole Winter"),
        (f"{PHOTO}-crane.jpg", None, "Zwei Kräne.", "dpa"),
    ]
    assert article.provenance["images"].origin == "page"


def test_caption_is_told_once():
    """With its picture; one of no picture stays a block."""
    blocks = (
        Block(kind="caption", text="Ferries wait. Photo: Ole Winter"),
        Block(kind="caption", text="A chart of the tide"),
        Block(kind="paragraph", text="Ferries wait."),
    )
    images = [Image(url=f"{PHOTO}-lead.jpg", caption="Ferries wait.", credit="Ole Winter")]

    assert _without_captions(blocks, images) == blocks[1:]
    assert _without_captions(blocks, ()) == blocks


@pytest.mark.parametrize(
    "picture",
    [
        f'<img src="{PHOTO}-300.jpg" srcset="{PHOTO}-300.jpg 300w, {PHOTO}-1200.jpg 1200w, {PHOTO}-600.jpg 600w">',
        f'<img src="data:image/gif;base64,R0lGOD" data-src="{PHOTO}-1200.jpg">',
        f'<img src="/img/placeholder.gif" data-srcset="{PHOTO}-1200.jpg 1200w, {PHOTO}-600.jpg 600w">',
        f'<picture><source srcset="{PHOTO}-1200.jpg 1200w"><img src="{PHOTO}-300.jpg"></picture>',
        '<img src="data:," data-lazy-src="//pictures.example/2026/harbour-1200.jpg">',
        f'<img data-src="{PHOTO}-1200.jpg"><noscript><img src="{PHOTO}-1200.jpg"></noscript>',
    ],
)
def test_largest_size_is_taken(extract_page, prose, picture: str):
    """From srcset, <source> and what a script would load; one picture is told once."""
    article = extract_page(paragraphs(prose[0]) + f"<figure>{picture}</figure>" + paragraphs(*prose[1:]))

    assert [image.url for image in article.images] == [f"{PHOTO}-1200.jpg"]


def test_json_ld_completes_a_picture(extract_page, prose):
    """Its credit, where the page shows none; and the pictures of a page that shows none at all."""
    head = (
        '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Harbour Opens Again", "image": '
        f'{{"@type": "ImageObject", "url": "{PHOTO}-1200.jpg", '
        '"caption": "Ferries wait", "creditText": "Ole Winter"}}'
        "</script>"
    )

    shown = extract_page(f'<img src="{PHOTO}-600.jpg">' + paragraphs(*prose), head=head)
    hidden = extract_page(paragraphs(*prose), head=head)

    assert [(image.url, image.caption, image.credit) for image in shown.images] == [
        (f"{PHOTO}-600.jpg", "Ferries wait", "Ole Winter")
    ]
    assert [(image.url, image.caption, image.credit) for image in hidden.images] == [
        (f"{PHOTO}-1200.jpg", "Ferries wait", "Ole Winter")
    ]
    assert hidden.provenance["images"].origin == "json-ld:image"


def test_authors_portrait_is_no_picture_of_the_article(extract_page, prose):
    """Its alternative text is the author's name."""
    head = '<meta name="author" content="Ole Winter">'

    article = extract_page(f'<div><img src="{PHOTO}-ow.jpg" alt="Ole Winter"></div>' + paragraphs(*prose), head=head)

    assert article.images == ()


def test_pictures_of_amp_pages_are_found(extract_page, prose):
    """<amp-img> is a picture, wherever other pictures stand; one behind the text is none of the article's."""
    page = (
        f"<amp-img src=/i/pier.jpg width=1200 height=800 alt='The pier'></amp-img><p>{prose[0]}</p>"
        f"<figure><img src=/i/crane.jpg></figure><p>{prose[1]}</p><figure><amp-img src=/i/ferry.jpg width=900>"
        "<noscript><img src=/i/ferry.jpg></noscript></amp-img><figcaption>A ferry</figcaption></figure>"
        f"<p>{prose[2]}</p>"
        "<amp-img src=/i/other.jpg width=900 height=600></amp-img>"
    )

    images = extract_page(page).images

    assert [image.url.rsplit("/", 1)[1] for image in images] == ["pier.jpg", "crane.jpg", "ferry.jpg"]
    assert images[2].caption == "A ferry"


def test_too_many_pictures_are_cut_and_told(extract_page, prose):
    """The limit is named in the article's warnings."""
    gallery = "".join(f'<figure><img src="{SITE}/p/view{number}x.jpg"></figure>' for number in range(250))

    article = extract_page(paragraphs(prose[0]) + gallery + paragraphs(*prose[1:]))

    assert len(article.images) == 200
    assert "images: cut at 200" in article.warnings


def test_emphasis_is_marked_where_it_stands(extract_page, prose):
    """Spans in order, one in the other where they are so; an icon is none."""
    text = (
        "The <em>Sea Rose</em> was the <strong>first ship of the <i>Winter</i> line</strong> to leave "
        '<i class="icon"></i>the harbour after the storm.'
    )

    article = extract_page("".join(f"<p>{paragraph}</p>" for paragraph in (*prose, text)))

    block = article.blocks[-1]
    assert [(span.kind, block.text[span.start : span.end]) for span in block.spans] == [
        ("emphasis", "Sea Rose"),
        ("strong", "first ship of the Winter line"),
        ("emphasis", "Winter"),
    ]


def test_spans_are_found_in_a_text_with_soft_hyphens(extract_page, prose):
    """The page's own letters stay in the text, and what is marked in it is found."""
    text = f"<p>{prose[0]} Der <a href=/hafen>Hafen\xadmeister</a> sah <em>neun Fähr\xadboote</em> im Eis.</p>"

    block = extract_page(f"{text}<p>{prose[1]}</p><p>{prose[2]}</p>").blocks[0]

    assert [block.text[span.start : span.end] for span in block.spans] == ["Hafen\xadmeister", "neun Fähr\xadboote"]


def test_emphasis_beside_line_breaks_is_not_guessed(extract_page, prose):
    """Texts that <br> parts share one element, whose text is none of theirs."""
    text = "<br>".join([f"<em>{prose[0]}</em>", *prose[1:]])

    article = extract_page(f"<div>{text}</div>")

    assert [block.spans for block in article.blocks] == [()] * len(prose)
