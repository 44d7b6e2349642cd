"""One library that extracts articles, run page by page in its own environment: `python peerchild.py PEER`.

A line on stdin is `{"id", "file", "url"}`; the answer is a line of the run, `{"id", "body", "title", "date",
"authors", "seconds"}`, or `{"id", "error", "seconds"}` where the library raised. Seconds are CPU time of this process
from the page's bytes. The first answer says which version is asked, or why there is none. It knows nothing of newswire
but for the peer of that name, and imports the peer alone.
"""

from __future__ import annotations

import contextlib
import gzip
import importlib
import importlib.metadata
import json
import logging
import os
import re
import sys
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from time import process_time
from typing import Any, Final
from urllib.parse import urlsplit

Row = dict[str, Any]
Extract = Callable[[bytes, str], Row]

_BLOCKS: Final = (
    "p", "div", "li", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "td", "th", "tr", "br", "section",
    "article", "ul", "ol", "table", "figcaption", "dd", "dt",
)  # fmt: skip
_LANGUAGE: Final = re.compile(rb"<html[^>]{0,400}?\slang\s*=\s*[\"']?([a-zA-Z]{2})", re.IGNORECASE)
_WARM_UP: Final = (
    "<title>Harbour</title><h1>Harbour</h1>" + "<p>The harbour opened again on Friday, and ferries left.</p>" * 9
)
_STOPLISTS: Final = {
    "ar": "Arabic", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek", "es": "Spanish", "fi": "Finnish",
    "fr": "French", "hi": "Hindi", "hu": "Hungarian", "id": "Indonesian", "it": "Italian", "ko": "Korean",
    "lv": "Latvian", "nb": "Norwegian_Bokmal", "nl": "Dutch", "no": "Norwegian_Bokmal", "pl": "Polish",
    "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sv": "Swedish", "tr": "Turkish", "uk": "Ukrainian",
}  # fmt: skip


def main() -> None:
    """Answer until stdin ends."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    # What the library prints goes to stderr: the answers have a way of their own.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    distribution, make = PEERS[sys.argv[1]]
    try:
        extract = make()
        told: Row = {"version": importlib.metadata.version(distribution)}
    except (ImportError, OSError) as error:
        told = {"error": f"{type(error).__name__}: {error}"}
    if "error" not in told:
        with contextlib.suppress(Exception):  # models and tables are loaded before the first page's time counts
            extract(_WARM_UP.encode(), "https://news.invalid/2026/harbour")
    print(json.dumps(told), file=answers, flush=True)
    if "error" not in told:
        for line in sys.stdin:
            print(json.dumps(_answer(extract, json.loads(line))), file=answers, flush=True)


def _answer(extract: Extract, page: Row) -> Row:
    started = process_time()
    try:
        body = gzip.decompress(Path(page["file"]).read_bytes())
        started = process_time()
        row = extract(body, page["url"])
    except Exception as error:  # noqa: BLE001  # whatever a library raises is its answer
        row = {"error": f"{type(error).__name__}: {error}"[:300]}
    return {"id": page["id"], **row, "seconds": process_time() - started}


def _trafilatura(**options: bool) -> Callable[[], Extract]:
    def make() -> Extract:
        from trafilatura import bare_extraction

        def extract(body: bytes, url: str) -> Row:
            found = bare_extraction(body, url=url, with_metadata=True, **options)
            if found is None:
                return {}
            authors = [name.strip() for name in (found.author or "").split(";") if name.strip()]
            return {"body": found.text, "title": found.title, "date": found.date, "authors": authors}

        return extract

    return make


def _readability() -> Extract:
    from lxml import html
    from readability import Document

    def extract(body: bytes, _url: str) -> Row:
        document = Document(_decode(body))
        fragment = html.fromstring(document.summary(html_partial=True))
        for element in fragment.iter(*_BLOCKS):
            element.text = "\n" + (element.text or "")
            element.tail = "\n" + (element.tail or "")
        author = document.author()
        author = author if author and author != "[no-author]" else None
        return {"body": _lines(fragment.text_content()), "title": document.short_title(), "authors": [author]}

    return extract


def _newspaper() -> Extract:
    from newspaper import Article
    from newspaper.configuration import Configuration

    offline = Configuration()
    offline.fetch_images = False  # it would ask each picture's host how large it is

    def extract(body: bytes, url: str) -> Row:
        article = Article(url, config=offline)
        article.download(input_html=_decode(body))
        article.parse()
        return {
            "body": article.text,
            "title": article.title,
            "date": str(article.publish_date or "")[:10] or None,
            "authors": list(article.authors),
        }

    return extract


def _goose() -> Extract:
    from goose3 import Goose

    goose = Goose()

    def extract(body: bytes, _url: str) -> Row:
        article = goose.extract(raw_html=_decode(body))
        return {
            "body": article.cleaned_text,
            "title": article.title,
            "date": str(article.publish_datetime_utc or article.publish_date or "")[:10] or None,
            "authors": list(article.authors),
        }

    return extract


def _resiliparse() -> Extract:
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.encoding import detect_encoding
    from resiliparse.parse.html import HTMLTree

    def extract(body: bytes, _url: str) -> Row:
        tree = HTMLTree.parse_from_bytes(body, detect_encoding(body))
        text = extract_plain_text(tree, main_content=True, list_bullets=False, alt_texts=False, comments=False)
        return {"body": text, "title": tree.title}

    return extract


def _justext() -> Extract:
    import justext

    lists = {code: justext.get_stoplist(name) for code, name in _STOPLISTS.items()}
    lists["en"] = justext.get_stoplist("English")

    def extract(body: bytes, _url: str) -> Row:
        declared = _LANGUAGE.search(body[:4096])
        words = lists.get(declared[1].decode().lower() if declared else "en", lists["en"])
        return {"body": "\n".join(part.text for part in justext.justext(body, words) if not part.is_boilerplate)}

    return extract


def _fundus() -> Extract:
    from fundus import PublisherCollection

    publishers = {_site(str(publisher.domain)): publisher for publisher in PublisherCollection}

    def extract(body: bytes, url: str) -> Row:
        publisher = publishers.get(_site(url))
        if publisher is None:
            return {"is_unknown": True}
        html = _decode(body)
        for version in publisher.parser:  # the newest first; which one a page wants is told by its date of crawl
            found = version().parse(html, "suppress")
            if found.get("body"):
                break
        article = found.get("body")
        day = found.get("publishing_date")
        return {
            "body": "\n".join(article.as_text_sequence()) if article else "",
            "title": found.get("title"),
            "date": day.date().isoformat() if day else None,
            "authors": list(found.get("authors") or ()),
        }

    return extract


def _newswire() -> Extract:
    sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]
    extract_row = importlib.import_module("score").extract_row
    now = datetime.now(UTC)

    def extract(body: bytes, url: str) -> Row:
        row, outcome = extract_row(body, url, now)
        return {**row, "outcome": outcome}

    return extract


def _decode(body: bytes) -> str:
    """For libraries that want text: by declaration and detection of resiliparse, else of the standard's order."""
    try:
        from resiliparse.parse.encoding import bytes_to_str, detect_encoding
    except ImportError:
        return body.decode("utf-8", "replace")
    return str(bytes_to_str(body, detect_encoding(body)))


def _lines(text: str) -> str:
    return "\n".join(line for part in text.split("\n") if (line := " ".join(part.split())))


def _site(url: str) -> str:
    host = urlsplit(url).hostname or ""
    return host.removeprefix("www.")


PEERS: Final[dict[str, tuple[str, Callable[[], Extract]]]] = {
    "newswire": ("newswire", _newswire),
    "trafilatura": ("trafilatura", _trafilatura()),
    "trafilatura precision": ("trafilatura", _trafilatura(favor_precision=True)),
    "readability-lxml": ("readability-lxml", _readability),
    "newspaper4k": ("newspaper4k", _newspaper),
    "goose3": ("goose3", _goose),
    "resiliparse": ("resiliparse", _resiliparse),
    "jusText": ("jusText", _justext),
    "fundus": ("fundus", _fundus),
}

if __name__ == "__main__":
    main()
