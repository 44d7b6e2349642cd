"""The body labeller: one pass over the tree, columns, weights, and what guards lexbor."""

from __future__ import annotations

import numpy as np
import pytest
from selectolax.lexbor import LexborHTMLParser

from newswire.errors import PermanentError
from workers.clean import is_boilerplate_text
from workers.labeller.assemble import assemble
from workers.labeller.columns import Hints
from workers.labeller.compiled import features_of, read_page
from workers.labeller.features import NAMES
from workers.labeller.forest import forest_of, read_forest, write_forest
from workers.labeller.gaps import is_clock
from workers.labeller.label import _is_pointer, label, shipped_forest
from workers.labeller.walk import Text
from workers.labeller.words import SAYS_RELATED, class_bits
from workers.mojibake import may_be_twice, repair
from workers.tree import check_page

PAGE = """<html><body><nav><a href=/>Home</a></nav><article class=story><h1>Harbour opens</h1>
<p>The harbour opened <b>again</b> on Friday, and the <a href=/ferries>first ferries</a> left at noon.</p>
<p>One line<br>Another line</p><pre>code one
code two</pre></article></body></html>"""


def texts_of(html: str) -> list[str]:
    """The stretches of text of a page."""
    return [text.text for text in read_page(LexborHTMLParser(html)).texts]


def test_texts_end_at_blocks_line_breaks_and_lines_of_code():
    """Each edge of a block element, each <br>, and each line of <pre> ends a text."""
    assert texts_of(PAGE) == [
        "Home",
        "Harbour opens",
        "The harbour opened again on Friday, and the first ferries left at noon.",
        "One line",
        "Another line",
        "code one",
        "code two",
    ]


def test_elements_hold_ranges_of_texts():
    """What lies below an element is a range, whose texts have it among their ancestors."""
    page = read_page(LexborHTMLParser(PAGE))

    article = next(element for element in page.elements if element.tag == "article")

    assert (article.start, article.end) == (1, 7)
    assert page.texts[2].link_length == len("first ferries")
    assert page.texts[2].bold_length == len("again")


def test_hidden_inline_text_is_no_text():
    """A word for screen readers alone stands in no text, whether class or style hides it."""
    assert texts_of("<p>Rain <span class='sr-only'>opens new tab</span>falls</p>") == ["Rain falls"]
    cut = "border:0;clip:rect(0 0 0 0);height:1px"
    assert texts_of(f"<p>Rain <span style='{cut}'>, opens new tab</span>falls</p>") == ["Rain falls"]
    assert texts_of("<p>Rain <a href=/rain>fell<em class='visually-hidden'> (new tab)</em></a></p>") == ["Rain fell"]
    assert texts_of("<p>Rain<sup class='sr-only'>note 1</sup><b hidden>draft</b> fell</p>") == ["Rain fell"]


def test_elements_of_a_sites_own_part_paragraphs():
    """Two side by side are two texts, in whatever they stand; one within a sentence is a part of it."""
    body = "<story-body><story-par>Rain fell.</story-par>\n<story-par>Snow <x-term>drifts</x-term> came.</story-par>"

    assert texts_of(f"<div>{body}<!-- ad --><x-box><x-line>Fog.</x-line></x-box></story-body></div>") == [
        "Rain fell.",
        "Snow drifts came.",
        "Fog.",
    ]


def test_readings_beside_characters_are_no_text():
    """A reading set above a word stands in no word; one with brackets for browsers that cannot set it is text."""
    assert texts_of("<p><ruby>港<rt>みなと</rt></ruby>が開く</p>") == ["港が開く"]
    assert texts_of("<p><ruby>港<rp>（</rp><rt>みなと</rt><rp>）</rp></ruby>が開く</p>") == ["港（みなと）が開く"]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        pytest.param("Hafen\xadmeister", "Hafen\xadmeister", id="soft hyphen"),
        pytest.param("\ufeffHafen\u200bmeister", "Hafen\u200bmeister", id="no width"),
        pytest.param("ភ្នំ\u200bពេញ", "ភ្នំ\u200bពេញ", id="parts words of a script without spaces"),
        pytest.param("می\u200cشود", "می\u200cشود", id="shape of a letter"),
    ],
)
def test_characters_that_nobody_sees_stay(html: str, text: str):
    """All but byte order marks: a search leaves them out of its words, and nothing else needs that."""
    assert texts_of(f"<p>{html}</p>") == [text]


def test_formulas_are_text_and_their_source_is_none():
    """What readers see of MathML, without the notation that it was made from."""
    formula = "<math><mi>h</mi><mo>=</mo><mn>2</mn><annotation encoding=tex>h=2</annotation></math>"
    assert texts_of(f"<p>Depth {formula} metres</p>") == ["Depth h=2 metres"]


def test_tooltip_is_no_text():
    """What a name shows when the pointer rests on it stands in no sentence; the name does."""
    tip = "<span class='tooltip'>Ada Byrne<span class='tooltip-text'>Ada Byrne: all stories</span></span>"
    assert texts_of(f"<p>The mayor, {tip}, has left.</p>") == ["The mayor, Ada Byrne, has left."]
    assert texts_of("<li><span class='icon-tooltip-text'>Recycled wool</span></li>") == ["Recycled wool"]


def test_counter_of_comments_is_no_text():
    """A paragraph's own count of readers' comments is left out, a linked number is not."""
    counter = "<a class='comments_count' href='#c3'>12</a>"
    assert texts_of(f"<p>{counter}Rain falls.</p>") == ["Rain falls."]
    assert texts_of("<p>Boeing <a href='/707'>707</a> flew.</p>") == ["Boeing 707 flew."]


ROW = "<tr><td>Plan {0}</td><td><ul><li>Calls {0}</li><li>Video {0}</li></ul></td></tr>"


@pytest.mark.parametrize(("rows", "kinds"), [("123", ["table_row"] * 3), ("12", ["table_row", *["list_item"] * 2] * 2)])
def test_cells_with_lists_stand_in_their_row(rows: str, kinds: list[str]):
    """The lines of a cell are one cell of a row; a table of one or two rows sets lists side by side."""
    page = read_page(LexborHTMLParser(f"<table>{''.join(ROW.format(number) for number in rows)}</table>"))

    blocks = assemble(page, [True] * len(page.texts), ()).blocks

    assert [block.kind for block in blocks] == kinds
    assert blocks[0].text == ("Plan 1 | Calls 1 Video 1" if len(rows) > 2 else "Plan 1")


@pytest.mark.parametrize(
    ("line", "is_pointer"),
    [
        ("<b>Read also:</b> <a href='/b'>Harbour board asks for more time</a>", True),
        ("(Leggi anche: <a href='/b'>Il porto riapre dopo sei settimane</a>)", True),
        ("Читайте также: <a href='/b'>Порт откроется весной</a>", True),
        ("<a href='/b'>延伸閱讀：港口將於春季重新開放，渡輪班次增加一倍</a>", True),
        (
            "Related problems were found in <a href='/b'>a report on the harbour board</a>, the mayor told reporters.",
            False,
        ),
        ("Read more about the harbour and its board <a href='/b'>in this book of 1921</a>.", False),
        ("Read also: the harbour board has no plan, as she told us.", False),
    ],
)
def test_pointer_to_another_story_is_no_text(line: str, is_pointer: bool):
    """A label such as "Read also" and a link after it; a sentence that begins with such words stays."""
    page = read_page(LexborHTMLParser(f"<p>{line}</p>"))

    assert _is_pointer(page.texts[0]) == is_pointer


@pytest.mark.parametrize(
    ("line", "is_furniture"),
    [
        ("Last updated at 10:55 AM on 12th January 2012", True),
        ("Обновлено 5 января в 14:32 мск", True),
        ("Publié le 3 mai 2021 à 10:10", True),
        ("Reading time: 11 minutes", True),
        ("3 Min. Lesezeit", True),
        ("Updated guidance was given in 2019 to schools.", False),
        ("Published in 1921, the book was read by many in the years after.", False),
    ],
)
def test_when_it_was_published_is_no_text(line: str, is_furniture: bool):
    """A label and a time, or how long it takes to read; a sentence that begins with such a word stays."""
    assert is_boilerplate_text(line) == is_furniture


@pytest.mark.parametrize(
    ("line", "is_furniture"),
    [
        ("Article continues after this advertisement", True),
        ("ADVERTISEMENT - CONTINUE READING BELOW", True),
        ("Der Artikel wird nach der Anzeige fortgesetzt.", True),
        ("La suite après cette publicité", True),
        ("Lees verder onder de advertentie", True),
        ("The story continues after the war, in a town that has lost its harbour.", False),
    ],
)
def test_word_around_an_advertisement_is_no_text(line: str, is_furniture: bool):
    """It tells where the text goes on, alone on its line."""
    assert is_boilerplate_text(line) == is_furniture


def test_question_may_be_asked_again():
    """An interview puts one long question to several people; a paragraph is said once."""
    question = "What made you leave the harbour board after eleven years, and what would bring you back to it one day?"
    answers = [
        "I was tired, and there were others who wanted my chair.",
        "Nothing would; I have my boats, my dog, my garden.",
    ]
    asked = "".join(f"<p><b>{question}</b></p><p>{answer}</p>" for answer in answers)
    page = read_page(LexborHTMLParser(f"<article>{asked}<p>{answers[0] * 2}</p><p>{answers[0] * 2}</p></article>"))

    found = [block.text for block in assemble(page, [True] * len(page.texts), ()).blocks]

    assert found.count(question) == 2
    assert found.count(answers[0] * 2) == 1


def test_words_set_apart_by_style_alone_are_two():
    """A capitalised word in an element of its own is not fused with the one before; code and drop caps stay."""
    assert texts_of("<p>strong on security<b>Cons:</b> dear</p>") == ["strong on security Cons: dear"]
    assert texts_of("<p>It sank in 2024.<a href='/x'>Read on</a></p>") == ["It sank in 2024. Read on"]
    assert texts_of("<p><span>T</span>he <b>Mo</b>on</p>") == ["The Moon"]
    assert texts_of("<pre>icu.<b>Collator</b></pre>") == ["icu.Collator"]


def test_each_column_has_its_line():
    """A line for each name, a value for each text that is no menu."""
    page, hints = read_page(LexborHTMLParser(PAGE)), Hints(titles=frozenset({"harbouropens"}))

    kept, lines = features_of(page, hints)

    assert len(set(NAMES)) == len(NAMES) == len(lines)
    assert kept.tolist() == list(range(len(page.texts)))
    assert lines[NAMES.index("is_title")].tolist() == [0, 1, 0, 0, 0, 0, 0]
    assert lines[NAMES.index("link_share")].tolist() == pytest.approx([1, 0, 13 / 59, 0, 0, 0, 0], abs=0.02)
    assert np.isfinite(lines).all()


def test_menus_are_left_out():
    """Links among links only; one beside a text stays."""
    menu = "".join(f"<li><a href=/{number}>Section {number}</a></li>" for number in range(30))
    page = read_page(LexborHTMLParser(f"<ul>{menu}</ul>{PAGE}"))

    kept, lines = features_of(page, Hints())

    assert kept.tolist() == list(range(kept[0], len(page.texts)))
    assert 15 < kept[0] < 30
    assert lines.shape == (len(NAMES), len(kept))


def test_page_of_menus_alone_has_no_article():
    """No text is left to judge."""
    page = read_page(LexborHTMLParser("<ul>" + "<li><a href=/>Home</a></li>" * 30 + "</ul>"))

    kept, lines = features_of(page, Hints())

    assert (len(kept), lines.shape) == (0, (len(NAMES), 0))
    assert not any(label(page, Hints()))


def test_shipped_weights_ask_for_columns_that_exist():
    """The weights and the features belong together."""
    assert shipped_forest().names == NAMES


def test_moved_forest_gives_the_same_chances():
    """Columns in another order, and more of them."""
    forest = forest_of(["a", "b"], 0.0, [([(1, 0.5)], np.array([-1.0, 1.0]))])
    lines = np.array([[9, 9], [0, 1]], dtype=np.float32)

    moved = forest.on(("z", "b", "a"))

    assert moved.chances(np.array([[5, 5], *lines[::-1]], dtype=np.float32)) == pytest.approx(forest.chances(lines[1:]))
    with pytest.raises(KeyError):
        forest.on(("a",))


@pytest.mark.parametrize("text", ["19:31", "7.31pm", "9:27 p.m.", "14h05", "7pm", "18:04 Uhr", "10:15 GMT"])
def test_times_alone_are_no_text(text: str):
    """The clock of a post."""
    assert is_clock(Text(text, 0, 0, 0, 0, 0, is_after_br=False))


@pytest.mark.parametrize("text", ["19", "2026", "3-1", "7 people", "100m", "9:27 he left"])
def test_figures_are_no_times(text: str):
    """Ages, scores and years stay."""
    assert not is_clock(Text(text, 0, 0, 0, 0, 0, is_after_br=False))


def test_words_two_by_two_and_in_camel_case():
    """A class says the same however it is written."""
    said = {class_bits(words) for words in ("read-more", "readMore", "ReadMore", "read_more")}
    assert len(said) == 1
    assert next(iter(said)) & SAYS_RELATED


def test_forest_is_the_same_after_writing_and_reading():
    """A tree's leaf is the number that its answers make, first question first; the file keeps it."""
    trees = [
        ([(2, 0.5), (0, 1.5)], np.array([-1.0, 0.0, 1.0, 2.0])),
        ([(1, 0.0), (0, 1.5)], np.array([0.0, 0.5, 0, 0])),
    ]
    forest = forest_of(["a", "b", "c"], 0.25, trees)
    lines = np.array([[1, 2], [-1, -1], [0, 1]], dtype=np.float32)

    chances = forest.chances(lines)

    logits = np.array([0.25 - 1.0 + 0.0, 0.25 + 2.0 + 0.5])
    assert chances == pytest.approx(1 / (1 + np.exp(-logits)))
    assert read_forest(write_forest(forest, ["a comment"])).chances(lines) == pytest.approx(chances)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("donâ\x80\x99t â\x80\x9cgoâ\x80\x9d", "don’t “go”"),
        ("Ã\x89tÃ©, Ã\x9cber", "Été, Über"),
        ("château à Âmes", "château à Âmes"),
        ("one slip â\x80\x99", "one slip â\x80\x99"),
        ("isnâ€™t it â€œgoodâ€\x9d cafÃ©", "isn’t it “good” café"),
        ("isn&acirc;&euro;&trade;t &acirc;&euro;&oelig;good&lt;", "isn’t “good&lt;"),
        ("вЂњthe UniversitГ¤tвЂќ, Гёте", "“the Universität”, Гёте"),
        ("CAFÉ” à “Ö–” 3 â€ Â£", "CAFÉ” à “Ö–” 3 â€ Â£"),
    ],
    ids=["quotes", "letters", "meant", "single", "windows-1252", "entities", "windows-1251", "capitals"],
)
def test_text_encoded_twice_is_put_right(text: str, expected: str):
    """Signs that nobody writes side by side prove that UTF-8 was read as another code; accents that were meant stay."""
    assert repair(text)[0] == expected
    assert may_be_twice(text.encode()) or expected == text


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        ("<div>" * 100_000, "too_deep"),
        ("".join(f"<b id={n}><p>x" for n in range(20_000)), "too_many_elements"),
        ("<p>" + "<i>x</i>" * 100_001, "too_many_elements"),
        ("</b>" * 5000 + "".join(f"<font size={n}><p>x" for n in range(5000)), "too_many_elements"),
    ],
    ids=["nested", "opened anew", "many", "closed before"],
)
def test_page_that_would_do_harm_is_refused(page: str, reason: str):
    """Lexbor is quadratic on these: they never reach it."""
    with pytest.raises(PermanentError) as refused:
        check_page(page)

    assert refused.value.reason == reason


def test_large_plain_page_passes():
    """Ten thousand closed paragraphs with emphasis and breaks do no harm."""
    assert check_page("<p>a <b>b</b><br> c</p>" * 10_000)
    assert not check_page(" \n ")
