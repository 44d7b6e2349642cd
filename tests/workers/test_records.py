"""Flat records of older crawls: how a file is parted, what the parts of a record are, what is restored of its body."""

from __future__ import annotations

import gzip
import io
import json
from contextlib import suppress
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newswire.errors import PermanentError
from newswire.messages import Article
from workers.enrich import enrich
from workers.records.article import parts_of, read_record, to_page
from workers.records.head import read_head
from workers.records.parts import read_parts
from workers.records.reader import Record, Unreadable, counted, open_records, read_records
from workers.records.restore import restore

NOW = datetime(2026, 11, 25, tzinfo=UTC)
URL = "https://courier.example/2021/03/04/ferry"
FERRY = "The ferry will sail again in May.The company said on Thursday that a new engine had come from Bergen."
RECORD = f"""date 2021-03-04 {URL}

Ferry to Return ‘in May’

Ferry to Return 'in May'

The ferry that lay in dock all winter sails again... 04.03.2021, Courier

{FERRY}
"""


def article_of(record: str | bytes) -> Article:
    """A record through everything that a worker does with it."""
    body = record if isinstance(record, bytes) else record.encode()
    page = to_page(body, parts_of(body)[0], crawl_id="test", latest=NOW)
    return enrich(read_record(page, body, now=NOW))


def records_of(data: bytes, *, max_bytes: int = 100_000) -> list[Record | Unreadable]:
    """Everything that a file holds."""
    stream = counted(io.BytesIO(data), lambda _n: None)
    return list(read_records(stream, "dump", max_bytes=max_bytes))


def texts_of(text: str) -> list[str]:
    """The restored blocks' texts."""
    return [block.text for block in restore([text]).blocks]


def test_seed_record_becomes_the_article_that_is_expected(shared):
    """The record that the project began with: every field and block, and each repair told."""
    seed = json.loads((shared / "data/seed/expected.json").read_text())

    article = article_of((shared / "data/seed/record.txt").read_bytes())

    for field in ("url", "canonical_url", "title", "description", "language", "site_name"):
        assert getattr(article, field) == seed[field], field
    assert article.published_on == date.fromisoformat(seed["published_on"])
    assert [{"kind": block.kind, "text": block.text} for block in article.blocks] == seed["blocks"]
    assert list(article.warnings) == [
        "title: told twice, in two spellings",
        "description: its ending was taken off: '22.09.2021, Sputnik International'",
        "fetched_at: not told by a record; its day stands for it, or the time of its file",
        "blocks: 10 paragraph breaks restored where the text had none",
        "blocks: 1 break restored inside a word",
        "blocks: 1 heading told from the paragraph after it by its form: block 6",
        "blocks: 1 note set apart from the text before it: block 13",
    ]


def test_fields_say_where_they_came_from():
    """Origins, and the spelling of the headline that was not taken."""
    article = article_of(RECORD)

    assert article.provenance["title"].candidates == ("record:headline=Ferry to Return 'in May'",)
    assert article.provenance["published_on"].origin == "record:head"
    assert article.provenance["site_name"].origin == "record:description"
    assert (article.title, article.site_name) == ("Ferry to Return ‘in May’", "Courier")


BREAKS = {
    "sentence": ("It sank in 2021.The crew was saved.", ["It sank in 2021.", "The crew was saved."]),
    "question": ("Who paid for it?Nobody knows.", ["Who paid for it?", "Nobody knows."]),
    "closing quote": ("He said “it is over.”She left.", ["He said “it is over.”", "She left."]),
    "opening quote": ("He left the room.“It is over,” he said.", ["He left the room.", "“It is over,” he said."]),
    "straight quotes": (
        '"It is over."She said so.Then he said: "I know."',
        ['"It is over."', "She said so.", 'Then he said: "I know."'],
    ),
    "straight quote opens": ('He left.Then: "Go."He went.', ["He left.", 'Then: "Go."', "He went."]),
    "German quotes": ("Er sagte: „Es ist vorbei.“Sie ging.", ["Er sagte: „Es ist vorbei.“", "Sie ging."]),
    "inverted quotes": ("Er ging.»Es ist vorbei«, sagte er.", ["Er ging.", "»Es ist vorbei«, sagte er."]),
    "dash of a speech": ("Он ушел.— Всё кончено.", ["Он ушел.", "— Всё кончено."]),
    "Cyrillic": ("Паром утонул.Команда спасена.", ["Паром утонул.", "Команда спасена."]),
    "Greek": ("Το πλοίο βυθίστηκε.Το πλήρωμα σώθηκε.", ["Το πλοίο βυθίστηκε.", "Το πλήρωμα σώθηκε."]),
    "quote without a stop": ("So much for “the plan”The crew left.", ["So much for “the plan”", "The crew left."]),
}


@pytest.mark.parametrize("case", BREAKS)
def test_break_is_restored(case):
    """Where a sentence ends and the next begins with a capital letter and no space."""
    text, wanted = BREAKS[case]

    assert texts_of(text) == wanted


WHOLE = {
    "abbreviated country": "He joined the U.S.Army in 1990 and left soon after.",
    "title": "The talk by Dr.Smith and St.John was short.",
    "company": "Shares of Yahoo.Inc fell, those of Booking.com rose.",
    "number": "It rose by 3.5 per cent to version 2.Beta in all.",
    "ordinal": "Am 3.Mai spielt er in der 2.Bundesliga.",
    "initials": "A book by J.K.Rowling and George W.Bush is out.",
    "ellipsis": "It was the end of it…The others left...They went home.",
    "address": "See https://news.example/a.Html or www.news.example.Org for more.",
    "account": "Write to press@news.example.Com for more.",
    "in brackets": "The ship (built in Bergen.Sold in Oslo) sank.",
    "name with a capital inside": "The new MacBook of McDonald was on LinkedIn and YouTube for a day.",
    "no capitals: Chinese": "渡轮五月复航。公司周四表示新引擎已经运到。",
    "no capitals: Arabic": "غرقت العبارة.وتم إنقاذ الطاقم.",
    "no capitals: Korean": "배가 침몰했다.선원은 구조됐다.",
    "two scripts": "渡轮（新）“五月”Ferry复航。",
    "dialogue with narrow dashes": "— Да,— сказал он.— Всё кончено.",
    "stock ticker": "The index .DJI fell by a point.",
}


@pytest.mark.parametrize("case", WHOLE)
def test_nothing_is_guessed(case):
    """Where a capital follows a stop for another reason, or the script has no capitals, the text stays whole."""
    text = WHOLE[case]

    found = restore([text])

    assert [block.text for block in found.blocks] == [text]
    assert found.warnings == ()


SENTENCE = "Both towns have waited for a new ferry since the old one sank in the storm of last year."
HEADINGS = {
    "title case": ("Ferries Come Back to Both Northern Towns", "A new one was built for them in the yard."),
    "small last word": ("What the harbour says", "The harbour says that the ferry is too long for its quay."),
    "known words": ("Neue Regeln am Hafen", "Das sagt die Stadt, und so steht das seit dem Jahr davor in den Regeln."),
    "quoted": ("A new ferry for “the north”", "It was built for them in the yard, and nobody knows who paid."),
}


@pytest.mark.parametrize("case", HEADINGS)
def test_sub_heading_is_restored(case):
    """A line without a stop between two paragraphs, told by its form and the text's own words."""
    heading, paragraph = HEADINGS[case]
    ending = "The city has rules for what the ferry does. Die Stadt am Hafen hat Regeln, und das ist gut so."

    found = restore([SENTENCE + heading + paragraph + ending])

    assert [(block.kind, block.level) for block in found.blocks if block.text == heading] == [("heading", 2)]
    assert any("heading" in told and "block 2" in told for told in found.warnings)


def test_footnote_at_the_end_is_a_note():
    """Text behind a star after the last sentence; a star inside a sentence is none."""
    found = restore(["The group* met on Monday.It was banned.* A group banned in two countries.** The other one too."])

    assert [(block.kind, block.text) for block in found.blocks] == [
        ("paragraph", "The group* met on Monday."),
        ("paragraph", "It was banned."),
        ("note", "* A group banned in two countries."),
        ("note", "** The other one too."),
    ]


def test_doubled_paragraph_is_dropped_and_told():
    """The same long text again goes; a question that is asked twice stays."""
    question = (
        "What did you do on the day when the ferry sank, and what do you remember of the people on board that day?"
    )
    long = SENTENCE + " " + SENTENCE.replace("Both", "Four")

    found = restore([long, question, "We swam.", long, question, "We ran."])

    assert [block.text for block in found.blocks] == [long, question, "We swam.", question, "We ran."]
    assert found.warnings == ("blocks: 1 text that stood there before dropped",)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=80), max_size=6))
def test_restoring_changes_no_character_but_white_space(texts):
    """Put together, the blocks are the body, whatever it holds; only what stood there before may be missing."""
    texts = [folded for text in texts if (folded := " ".join(text.split()))]

    found = restore(texts)

    if not any("dropped" in told for told in found.warnings) and not any(b.kind == "list_item" for b in found.blocks):
        assert "".join("".join(b.text for b in found.blocks).split()) == "".join("".join(texts).split())


HEADS = {
    " date 2021-03-04 https://a.example/x": ("2021-03-04", "https://a.example/x"),
    "2021-03-04 https://a.example/x": ("2021-03-04", "https://a.example/x"),
    "04.03.2021, 17:30 https://a.example/x": ("04.03.2021, 17:30", "https://a.example/x"),
    "2021-03-04T17:30:00+03:00 | https://a.example/x": ("2021-03-04T17:30:00+03:00", "https://a.example/x"),
    "Mar 4, 2021 https://a.example/x": ("Mar 4, 2021", "https://a.example/x"),
    "4 марта 2021 https://a.example/x": ("4 марта 2021", "https://a.example/x"),
    "date: https://a.example/x": ("", "https://a.example/x"),
    "date None https://a.example/x": ("None", "https://a.example/x"),
    "https://a.example/x 2021-03-04": ("2021-03-04", "https://a.example/x"),
    "date 2021-03-04": ("2021-03-04", ""),
    "date 2021-03-04 a.example/x": ("2021-03-04", "a.example/x"),
}


@pytest.mark.parametrize("line", HEADS)
def test_head_line_is_known(line):
    """A date and an address in either order, with or without the label."""
    head = read_head(line)

    assert head is not None
    assert (head.date, head.url) == HEADS[line]


@pytest.mark.parametrize(
    "line",
    [
        "https://a.example/x",
        "See https://a.example/x",
        "— NASA (@NASA) March 4, 2021 https://a.example/x",
        "The date of the vote is 2021-03-04 as https://a.example/x says",
        "Date of birth unknown",
        "date 2021-03-04 was a Thursday",
        "",
        "x" * 5000 + " https://a.example/x 2021-03-04",
    ],
)
def test_prose_is_no_head_line(line):
    """A web address in a text, with a day beside it or not."""
    assert read_head(line) is None


def test_file_of_many_records_is_parted_at_their_heads():
    """Each with its line; Windows' line breaks and a byte order mark make no difference."""
    data = b"\xef\xbb\xbf" + (RECORD + "\n\n" + RECORD.replace("ferry", "storm")).replace("\n", "\r\n").encode()

    found = records_of(data)

    assert [(record.place, type(record)) for record in found] == [("dump:1", Record), ("dump:12", Record)]
    assert article_of(found[0].body).blocks == article_of(RECORD).blocks


@pytest.mark.parametrize("encoding", ["utf-16", "cp1251"])
def test_other_encodings_are_read(encoding):
    """UTF-16 by its mark, an old code page by what its bytes look like, and then with a warning."""
    body = "Паром снова пойдёт в мае, сообщила компания.В четверг из Бергена привезли новый двигатель для него."
    data = f"date 2021-03-04 {URL}\n\nПаром вернётся в мае\n\n{body}\n".encode(encoding)

    article = article_of(records_of(data)[0].body)

    assert [block.text for block in article.blocks] == [
        body[: body.index("В четверг")],
        body[body.index("В четверг") :],
    ]
    assert ("encoding: not UTF-8, told by the bytes" in article.warnings) == (encoding == "cp1251")


def test_text_before_the_first_head_is_refused():
    """It belongs to no record; those after it are read."""
    first, second = records_of(f"some\ntext\n\n{RECORD}".encode())

    assert isinstance(first, Unreadable)
    assert (first.place, "before the first head line" in first.why) == ("dump:1", True)
    assert (second.place, type(second)) == ("dump:4", Record)


def test_record_over_the_limit_is_refused_without_being_held():
    """One line of a megabyte: what is kept of it is the limit, and the next record is read."""
    long = f"date 2021-03-04 {URL}\n\nTitle\n\n{'x' * 1_000_000}\n\n{RECORD}".encode()

    first, second = records_of(long, max_bytes=5000)

    assert isinstance(first, Unreadable)
    assert "at most 5000" in first.why
    assert len(first.body) == 5001
    assert isinstance(second, Record)


def test_damaged_archive_gives_what_came_before(tmp_path):
    """The records before the damage, then one refusal that names the place."""
    path = tmp_path / "dump.txt.gz"
    whole = gzip.compress(b"".join(RECORD.replace("ferry", f"ferry-{n}").encode() for n in range(2000)))
    path.write_bytes(whole[: len(whole) // 2])

    with open_records(path, lambda _n: None) as stream:
        *records, last = read_records(stream, "dump.txt.gz", max_bytes=10_000)

    assert len(records) > 100
    refused = [record for record in (*records, last) if isinstance(record, Unreadable)]
    assert ["bad_file" in record.why for record in refused] == [True]


def without(record: str, *parts: str) -> str:
    """A record that lost some of its lines."""
    return "\n".join(line for line in record.split("\n") if not any(line.startswith(part) for part in parts))


def test_one_headline_and_no_description_are_enough():
    """What is missing is missed, not guessed; the body stays whole."""
    article = article_of(without(RECORD, "Ferry to Return '", "The ferry that"))

    assert (article.title, article.description, article.site_name) == ("Ferry to Return ‘in May’", None, None)
    assert len(article.blocks) == 2


def test_description_without_an_ending_is_known_by_being_cut_short():
    """Three dots at its end."""
    article = article_of(RECORD.replace(" 04.03.2021, Courier", ""))

    assert article.description == "The ferry that lay in dock all winter sails again..."


def test_description_is_found_by_its_ending_wherever_it_stands():
    """After the body, say."""
    description = "The ferry that lay in dock all winter sails again... 04.03.2021, Courier"
    article = article_of(without(RECORD, "The ferry that") + f"\n{description}\n")

    assert article.description == "The ferry that lay in dock all winter sails again..."
    assert len(article.blocks) == 2


def test_day_of_another_story_is_no_ending():
    """A first paragraph that ends with some other day and a place stays as it is."""
    article = article_of(RECORD.replace("04.03.2021, Courier", "It sank. 12.11.2019, Bergen"))

    assert "12.11.2019, Bergen" in (article.description or "") + article.text
    assert article.site_name is None


def test_paragraphs_that_kept_their_breaks_stay_in_the_body():
    """A short first paragraph is no description when nothing says so."""
    article = article_of(
        f"date 2021-03-04 {URL}\n\nFerry to Return\n\nIt sails in May.\n\nA new engine came.\n\nIt is red."
    )

    assert article.description is None
    assert [block.text for block in article.blocks] == ["It sails in May.", "A new engine came.", "It is red."]


def test_lines_of_a_set_width_are_put_together():
    """A body wrapped at some 70 characters is one paragraph."""
    wrapped = (
        "The ferry that lay in the dock for the whole of the winter will sail\n"
        "again in May, the company that owns it said in a short statement on\n"
        "Thursday, after a new engine had come from Bergen by lorry and by\n"
        "ship."
    )

    article = article_of(f"date 2021-03-04 {URL}\n\nFerry to Return\n\n{wrapped}")

    assert [block.text for block in article.blocks] == [wrapped.replace("\n", " ")]
    assert "blocks: 1 paragraphs put together from lines of a set width" in article.warnings


def test_headline_at_the_beginning_of_the_body_is_dropped():
    """Fused with the first paragraph, in either spelling."""
    article = article_of(RECORD.replace(FERRY, "Ferry to Return 'in May'" + FERRY))

    assert article.blocks[0].text == "The ferry will sail again in May."
    assert "blocks: headline at the body's beginning dropped" in article.warnings


def test_character_references_are_resolved_but_not_in_the_address():
    """&quot; in a text was never meant; an & in a query was."""
    article = article_of(RECORD.replace(URL, f"{URL}?a=1&lt=2").replace("Bergen", "&quot;Bergen&quot;"))

    assert article.url.endswith("?a=1&lt=2")
    assert '"Bergen"' in article.text
    assert "text: 2 character references resolved" in article.warnings


DATES = {
    "no date, the address has one": ("", date(2021, 3, 4), "url"),
    "no date at all": ("None", date(2021, 3, 4), "url"),
    "two readings": ("05/06/2021", date(2021, 3, 4), "url"),
    "in the future": ("2031-03-04", date(2021, 3, 4), "url"),
    "another form": ("05.03.2021", date(2021, 3, 5), "record:head"),
}


@pytest.mark.parametrize("case", DATES)
def test_day_is_told_or_missed_but_never_guessed(case):
    """The head's date, else the address's; what is refused is told."""
    told, on, origin = DATES[case]
    record = without(RECORD.replace("2021-03-04 https", f"{told} https"), "The ferry that")

    article = article_of(record)

    assert (article.published_on, article.provenance["published_on"].origin) == (on, origin)
    refused = [warning for warning in article.warnings if warning.startswith("published_on: record:head")]
    assert len(refused) == (bool(told) and origin == "url")


def test_instant_with_a_zone_is_kept():
    """A head with hour and zone tells the instant and the publisher's own day."""
    article = article_of(RECORD.replace("date 2021-03-04", "date 2021-03-04T23:30:00-05:00"))

    assert article.published_at == datetime.fromisoformat("2021-03-04T23:30:00-05:00")
    assert article.published_on == date(2021, 3, 4)


BAD = {
    "no address": (RECORD.replace(URL, ""), "no web address"),
    "no web address": (RECORD.replace(URL, "ftp://courier.example/x"), "no web address"),
    "empty": (f"date 2021-03-04 {URL}\n\n", "no headline"),
    "cut off after its headline": (f"date 2021-03-04 {URL}\n\nFerry to Return\n\n", "no body"),
    "cut off after its description": (RECORD.replace(FERRY, ""), "no body"),
    "no headline": (f"date 2021-03-04 {URL}\n\n{FERRY * 10}\n", "no headline"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_record_says_what_is_wrong(case):
    """A PermanentError with the part that is missing."""
    record, why = BAD[case]

    with pytest.raises(PermanentError, match=why) as raised:
        read_parts(record)

    assert raised.value.reason == "bad_record"


def test_record_cut_off_in_its_body_is_told():
    """The text is kept, and the article says that its last sentence has no end."""
    article = article_of(RECORD.replace("had come from Bergen.", "had come from"))

    assert "blocks: the last sentence has no end" in article.warnings


def test_version_is_the_records_own_day():
    """So that the newer of two twins stays, and a record never takes the place of what was fetched since."""
    body = RECORD.encode()
    parts = parts_of(body)[0]

    page = to_page(body, parts, crawl_id="test", latest=NOW)
    again = to_page(body, parts, crawl_id="test", latest=NOW)

    assert page.fetched_at == datetime(2021, 3, 4, tzinfo=UTC)
    assert (page.form, page.page_id) == ("record", again.page_id)


@given(st.binary(max_size=400))
def test_any_bytes_are_records_or_refused(data):
    """Nothing else is raised than a refusal, and a record that is read has a text."""
    for record in records_of(data + b"\n" + RECORD.encode()):
        with suppress(PermanentError):
            assert isinstance(record, Unreadable) or article_of(record.body).blocks


def test_stars_of_a_list_are_no_notes():
    """More of them than any story has footnotes."""
    items = "".join(f".* Item {number} of the list" for number in range(20))

    found = restore(["This is a list of what the ship had on board" + items + "."])

    assert [block.kind for block in found.blocks] == ["paragraph"]
