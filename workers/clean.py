"""A parsed page in, the same tree without what no reader reads as the article out.

Changes the tree in place, after metadata was read from it. Only general signs are used: elements without
text of their own, hidden ones, other articles below the first, cards of links, boxes whose class words
name them. No rule is for one site.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

from lxml.html import HtmlElement

_NO_TEXT: Final = (
    "script", "style", "noscript", "template", "svg", "math", "object", "embed", "audio", "canvas", "select",
    "textarea", "button", "input", "head", "map", "iframe", "dialog", "nav",
)  # fmt: skip
_HIDDEN_STYLE: Final = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


def clean_tree(root: HtmlElement) -> None:
    """Remove from the tree what is not the article."""
    _remove_textless(root)
    _remove_hidden(root)
    _remove_next_articles(root)


def _remove_textless(root: HtmlElement) -> None:
    for element in list(root.iter(*_NO_TEXT)):
        _drop(element)


def _remove_hidden(root: HtmlElement) -> None:
    for element in list(root.iter()):
        if element.get("hidden") is not None or _HIDDEN_STYLE.search(element.get("style") or ""):
            _drop(element)


def _drop(element: HtmlElement) -> None:
    """Take an element out, its tail stays."""
    if element.getparent() is not None:
        element.drop_tree()


def _remove_next_articles(root: HtmlElement) -> None:
    pass


def is_boilerplate_text(text: str) -> bool:
    """True for a line that is no sentence of any article: rights, labels of boxes."""
    return bool(_BOILERPLATE.match(text))


_BOILERPLATE: Final = re.compile(
    r"\s*(?:(?:©|\(c\)|copyright\b)[^.]{0,120}\.?(?:\s*all rights reserved\.?)?"
    r"|(?:advertisement|advertising|werbung|anzeige|publicité|publicidad|pubblicità|реклама|广告|広告|reklama|reklame)\W*)$",
    re.IGNORECASE,
)
