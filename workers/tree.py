"""Text of a page in, one bounded lxml tree out, or the reason why a parse would do harm.

Every limit here has a page behind it that hung, grew or lost its text without a word. They are checked on the
bytes, before or while libxml2 reads them.
"""

from __future__ import annotations

import re
from typing import Final

from lxml import etree
from lxml.html import HtmlElement, HTMLParser

from newswire.errors import PermanentError

# libxml2 compares each attribute's name with all before it: 100,000 take 15 s, 5,000 take 40 ms. A drawing
# written into an attribute looks like one element of 1,000.
MAX_ATTRIBUTES: Final = 5000
# Time and memory grow with the elements: 100,000 take 6 s and 300 MB. Real pages have up to 30,000.
MAX_ELEMENTS: Final = 100_000
# Real values stop at some 100 kB (state in data-*); beyond it regexes of libraries take seconds.
MAX_ATTRIBUTE_LENGTH: Final = 200_000

_QUOTE: Final = 1_000_000  # longest quoted value that the check below follows; bounds its worst case
_MANY_ATTRIBUTES: Final = re.compile(
    rb"<[a-zA-Z][^\s/>]*+(?:[\s/]++[^\s/>=]++"
    rb"(?:\s*+=\s*+(?:\"[^\"]{0,%d}+\"|'[^']{0,%d}+'|[^\s>\"']*+))?+){%d}" % (_QUOTE, _QUOTE, MAX_ATTRIBUTES)
)
_RAW_TEXT: Final = re.compile(rb"<!--.*?-->|<(script|style|textarea|title)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_DEPTH_MESSAGE: Final = "Excessive depth"


def parse_tree(text: str) -> HtmlElement | None:
    """Parse a page; None when it holds no element at all.

    PermanentError: `too_many_attributes` (over MAX_ATTRIBUTES on one element), `too_deep` (over 2048
    levels, where libxml2 drops the rest), `too_many_elements` (over MAX_ELEMENTS).
    """
    data = _CONTROLS.sub("", text).encode("utf-8", "replace")
    _check_attributes(data)
    if not data.strip():
        return None
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False, huge_tree=True)
    try:
        root = etree.fromstring(data, parser)
    except etree.ParserError:
        return None
    except etree.XMLSyntaxError as error:
        raise PermanentError("unparsable", str(error)) from error
    last = parser.error_log.last_error  # the parser stops there, so no other error comes after it
    if last is not None and _DEPTH_MESSAGE in last.message:
        raise PermanentError("too_deep", "more than 2048 levels of elements")
    if root is None:
        return None
    _check_elements(data, root)
    return root


def _check_attributes(data: bytes) -> None:
    # The second look leaves out scripts, where a comparison (`a<b`) may stand before a thousand words.
    if _MANY_ATTRIBUTES.search(data) and _MANY_ATTRIBUTES.search(_RAW_TEXT.sub(b"", data)):
        raise PermanentError("too_many_attributes", f"more than {MAX_ATTRIBUTES} on one element")


def _check_elements(data: bytes, root: HtmlElement) -> None:
    """The bytes tell in microseconds whether the exact and slower count is needed."""
    if max(map(len, data.split(b"<"))) > MAX_ATTRIBUTE_LENGTH:
        for element in root.iter():
            for name, value in element.items():
                if len(value) > MAX_ATTRIBUTE_LENGTH:
                    del element.attrib[name]
    if data.count(b"<") - data.count(b"</") > MAX_ELEMENTS:
        n_elements = sum(1 for _ in root.iter())
        if n_elements > MAX_ELEMENTS:
            raise PermanentError("too_many_elements", f"{n_elements}, limit {MAX_ELEMENTS}")
