"""The labelled sets and pages with forms in, what the judge of a page's kind learns from each out.

The sets tell which of their pages are articles. Where one does not (kind "mixed"), page_kinds.tsv tells those that are
none, judged by hand. The form pages are those that the package formasaurus (MIT) was learnt from: front pages, log-ins,
shops and contact forms of some 550 sites in many languages. They have no labels of ours: a front page is a listing, a
page with a password under an address of accounts is one, and of what kind the others are the trainer guesses itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from pages import REPOSITORY, Labelled, pages_of_set

from newswire.errors import PermanentError
from workers.batch import read_body, to_page
from workers.extract import read_seen
from workers.kinds.signs import signs_of
from workers.pagekind import KINDS

FORMS: Final = REPOSITORY / ".venv" / "pages" / "formasaurus" / "data"
# What a page counts in learning. Pages of daniel come without their address. Pages of other kinds count more, as they
# are few, and those with forms less, as they are many and of few kinds.
WEIGHT_OF_SET: Final = {
    "zyte": 1.0,
    "fundus": 1.0,
    "fundus_eval": 1.0,
    "wcxb": 1.0,
    "daniel": 0.3,
    "htmldate": 0.5,
    "trafeval": 0.5,
    "postlight": 0.5,
    "mozilla": 0.5,
    "newspaper4k": 0.5,
}
WEIGHT_OF_OTHERS: Final = {"wcxb": 3.0, "forms": 0.1}
ARTICLES: Final = ("article", "news")
_KIND_OF: Final = {"product": "shop", "collection": "shop"}
_FRONT: Final = re.compile(r"/(?:(?:index|home|default)[^/]*)?$")
_ACCOUNT: Final = re.compile(
    r"log[-_]?in|sign[-_]?(?:in|up)|regist|account|konto|passwor|session|auth|join|member|user|connexion|anmeld|logowanie"
    r"|cadastro|inscri|reset|forgot|remind|rekister|create|vhod|tilmeld|usuario",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A page and what is learnt from it."""

    page: Labelled
    address: str | None  # that it is judged with
    signs: dict[str, float]
    kind: str | None  # "article", one of KINDS, or None where it is no article, of a kind that nobody told
    weight: float  # 0: not learnt from

    @property
    def is_article(self) -> bool:
        """Told by its set or by hand."""
        return self.kind == "article"


def judged_pages() -> Iterator[Judged]:
    """All pages that are learnt from or scored, set by set; a page of two sets is learnt from once."""
    told = _told_kinds()
    known: set[str] = set()
    now = datetime.now(UTC)
    of_sets = (page for name in WEIGHT_OF_SET for page in pages_of_set(name))
    for page in chain(of_sets, _form_pages()):
        body, url = read_body(page.file), page.truth["url"]
        try:
            address = page.address(body)
            seen = read_seen(to_page(body, address, now=now).url, body, now=now)
        except PermanentError:
            continue
        if seen is None:
            continue
        kind = told.get((page.set_name, page.truth["id"])) or _kind_of(page)
        is_double = page.set_name != "daniel" and url in known
        known.add(url)
        weight = 0.0 if is_double or kind == "unclear" else _weight_of(page, kind)
        yield Judged(page=page, address=address, signs=signs_of(seen), kind=kind, weight=weight)


def _weight_of(page: Labelled, kind: str | None) -> float:
    if kind == "article":
        return WEIGHT_OF_SET.get(page.set_name, 0.0)
    return WEIGHT_OF_OTHERS.get(page.set_name, 0.75)


def _kind_of(page: Labelled) -> str | None:
    kind = str(page.truth["kind"])
    if kind == "form":
        path = urlsplit(page.truth["url"]).path.lower()
        if _FRONT.fullmatch(path or "/"):
            return "listing"
        is_account = set(page.truth["forms"]) & set("lrp") and _ACCOUNT.search(page.truth["url"])
        return "account" if is_account else None
    kind = _KIND_OF.get(kind, kind)
    return kind if kind in KINDS else "article"


def _told_kinds() -> dict[tuple[str, str], str]:
    lines = Path(__file__).with_name("page_kinds.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    return {(set_name, page_id): kind for set_name, page_id, kind in rows}


def _form_pages() -> Iterator[Labelled]:
    index = FORMS / "index.json"
    if not index.exists():
        raise SystemExit(f"no {index}: `make train` installs it")
    rows: dict[str, Any] = json.loads(index.read_text(encoding="utf-8"))
    for name, row in rows.items():
        truth = {"id": name, "url": row["url"], "kind": "form", "forms": [form or "" for form in row["forms"]]}
        yield Labelled(set_name="forms", truth=truth, file=FORMS / name)
