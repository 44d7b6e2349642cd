"""Text of a page in, one bounded lxml tree out, or the reason why a parse would do harm.

Every limit here has a page behind it that hung, grew or lost its text without a word. They are checked on the
bytes, before or while libxml2 reads them.
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import numpy.typing as npt
from lxml import etree
from lxml.html import HtmlElement, HTMLParser

from newswire.errors import PermanentError
from workers.native.scan import TagCounts, count_tags, has_many_attributes, has_many_on_roots

Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]

# Parsers compare each attribute's name with all before it: 100,000 take 15 s, 5,000 take 40 ms, and a page may have
# many such elements. A drawing written into an attribute looks like one element of 1,000.
MAX_ATTRIBUTES: Final = 2000
USUAL_ROOTS: Final = 2  # one html and one body
# Time and memory grow with the elements: 100,000 take 6 s and 300 MB. Real pages have up to 30,000.
MAX_ELEMENTS: Final = 100_000
MAX_DEPTH: Final = 2000  # levels; libxml2 stops at 2048. Real pages have up to some 100
FEW_TAGS: Final = 2000  # with fewer no limit can be broken
# HTML standard section 13.2.4.3: an inline element that is never closed is opened anew in each block that follows, so
# 20,000 of `<b id=…><p>` make 200 million elements. Two million take lexbor half a second.
MAX_REOPENED: Final = 2_000_000
_SINGLE: Final = np.frombuffer(b"bisu", dtype=np.uint8)  # and <a>, but a second <a> closes the first
_DOUBLE: Final = np.array(
    [256 * name[0] + name[1] for name in (b"bi", b"co", b"em", b"fo", b"no", b"sm", b"st", b"tt")]
)
# Real values stop at some 100 kB (state in data-*); beyond it regexes of libraries take seconds.
MAX_ATTRIBUTE_LENGTH: Final = 200_000

# White space of markup. Not as in `\s` the vertical tab: of `a=\v">"` the standard makes a value of two signs.
_SPACE: Final = rb"\t\n\f\r "
# One attribute by the HTML standard, sections 13.2.5.32 to 13.2.5.39: no white space is needed behind a quoted value,
# and a value that is never closed runs to the end.
_ATTRIBUTE: Final = (
    rb"[%s/]*+[^%s/>][^%s/>=]*+(?:[%s]*+=[%s]*+(?:\"[^\"]*+(?:\"|\Z)|'[^']*+(?:'|\Z)|[^%s>\"'][^%s>]*+)?+)?+"
    % ((_SPACE,) * 7)
)
_ATTRIBUTES: Final = rb"(?:%s){0,%d}+[%s/]*+(?:>|\Z)" % (_ATTRIBUTE, MAX_ATTRIBUTES, _SPACE)
# Nearly all elements, told sooner: at most 60 values, all quoted, and not enough between them for MAX_ATTRIBUTES names.
# What follows on the name's first letter; to a name belongs all before white space, `=` and quotes too.
_USUAL: Final = rb"[^%s/\"'>=]{0,60}+(?:[%s/][^\"'>=]{0,60}+(?:(?<=[^%s/\"'])=(?:%s)[^\"'>=]{0,60}+){0,60}+)?+>" % (
    _SPACE,
    _SPACE,
    _SPACE,
    rb"\"[^\"]*+\"|'[^']*+'",
)
# Patterns of elements begin behind their `<`.
_ELEMENT: Final = rb"[a-zA-Z](?:%s|[^%s/>]*+%s)" % (_USUAL, _SPACE, _ATTRIBUTES)
# In scripts a comparison (`a<b`) may stand before a thousand words.
_RAW: Final = b"|".join(
    rb"(?i:%s)(?=[%s/>])%s(?:[^<]++|<(?!/(?i:%s)[%s/>]))*+" % (name, _SPACE, _ATTRIBUTES, name, _SPACE)
    for name in (b"script", b"style", b"textarea", b"title")
)
# In drawings and formulas the same elements hold markup.
_FOREIGN: Final = rb"(?i:svg|math)(?=[%s/>])%s(?:[^<]++|<(?![a-zA-Z])(?!/(?i:svg|math)[%s/>])|<%s)*+" % (
    _SPACE,
    _ATTRIBUTES,
    _SPACE,
    _ELEMENT,
)
# From the start through every element with at most MAX_ATTRIBUTES, each byte looked at once: it ends before the end of
# a page where one has more. What is most frequent is looked for first: ends, and elements that are none of the others.
_FEW_ATTRIBUTES: Final = re.compile(
    rb"[^<]*+(?:<(?:/|[a-ln-ru-zA-LN-RU-Z]%s|(?=[sStT])(?:%s)|(?=[sSmM])(?:%s)"
    rb"|!--(?:-?>|(?:[^-]++|-(?!-!?>))*+(?:--!?>|\Z))|(?![a-zA-Z])|%s)[^<]*+)*+" % (_USUAL, _RAW, _FOREIGN, _ELEMENT)
)
# The standard gives the attributes of each further one to the first (section 13.2.6.4.7).
_ROOTS: Final = re.compile(rb"<(?=[hHbB])(?i:(h)tml|body)(?=[%s/])((?:%s)*+)" % (_SPACE, _ATTRIBUTE))
_EACH: Final = re.compile(_ATTRIBUTE)
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_DEPTH_MESSAGE: Final = "Excessive depth"


def check_page(text: str | bytes) -> bool:
    """Bytes are UTF-8. False for a page without any text; PermanentError as `parse_tree` for one that would do harm.

    The bytes tell in a tenth of a millisecond that a page is shallow and small, as nearly all are; for the rest
    libxml2, whose time grows with the bytes alone, counts before lexbor is let near it: on 100,000 nested elements
    lexbor takes minutes.
    """
    data = text if isinstance(text, bytes) else text.encode("utf-8", "replace")
    if not data or data.isspace():
        return False
    counts = count_tags(data) or count_tags_in_python(data)
    if counts.n_tags >= FEW_TAGS:
        if counts.unclosed * counts.n_opened > MAX_REOPENED:
            raise PermanentError(
                "too_many_elements", f"{counts.unclosed} unclosed inline elements, opened anew in each block"
            )
        if counts.n_opened > MAX_ELEMENTS or counts.rise > MAX_DEPTH:
            return parse_tree(data.decode("utf-8", "replace")) is not None
    _check_attributes(data, has_roots=counts.n_roots > USUAL_ROOTS)
    return True


def count_tags_in_python(data: bytes) -> TagCounts:
    """The twin of `count_tags`."""
    codes = np.frombuffer(data, dtype=np.uint8)
    tags = np.flatnonzero(codes[:-3] == ord("<"))
    steps = _steps(codes, tags)
    return TagCounts(
        n_tags=len(tags),
        n_opened=int((steps > 0).sum()),
        rise=_highest_rise(steps),
        unclosed=_highest_rise(steps[_is_formatting(codes, tags)]),
        n_roots=_count_roots(codes, tags),
    )


def _steps(codes: Bytes, tags: Places) -> Places:
    """For each `<` 1 where an element is opened, -1 where one is closed, else 0."""
    behind = codes[tags + 1]
    is_opened = ((behind | 0x20) >= ord("a")) & ((behind | 0x20) <= ord("z"))
    return np.asarray(is_opened.astype(np.int64) - (behind == ord("/")))


def _count_roots(codes: Bytes, tags: Places) -> int:
    """How many elements begin as html or body does, by two letters."""
    first, second = codes[tags + 1] | 0x20, codes[tags + 2] | 0x20
    is_html, is_body = (first == ord("h")) & (second == ord("t")), (first == ord("b")) & (second == ord("o"))
    return int(np.count_nonzero(is_html | is_body))


def _is_formatting(codes: Bytes, tags: Places) -> npt.NDArray[np.bool_]:
    """True where the first two letters are those of an element that the parser opens anew in each block."""
    names = tags + 1 + (codes[tags + 1] == ord("/"))
    first, second = codes[names] | 0x20, codes[names + 1] | 0x20
    is_single = np.isin(first, _SINGLE) & ((second < ord("a")) | (second > ord("z")))
    return np.asarray(is_single | np.isin(first.astype(np.int64) * 256 + second, _DOUBLE))


def _highest_rise(steps: Places) -> int:
    """The most elements that can be open at once: closing what is not open closes nothing."""
    heights = np.concatenate(([0], np.cumsum(steps)))
    return int((heights - np.minimum.accumulate(heights)).max())


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


def _check_attributes(data: bytes, *, has_roots: bool = True) -> None:
    """`has_roots` is False where no more than USUAL_ROOTS elements can be html or body."""
    if _has_many(data) or (has_roots and _has_many_on_roots(data)):
        raise PermanentError("too_many_attributes", f"more than {MAX_ATTRIBUTES} on one element")


def _has_many(data: bytes) -> bool:
    has_many = has_many_attributes(data, MAX_ATTRIBUTES)
    return has_many_in_python(data) if has_many is None else has_many


def has_many_in_python(data: bytes) -> bool:
    """The twin of `has_many_attributes`, of MAX_ATTRIBUTES."""
    found = _FEW_ATTRIBUTES.match(data)
    return found is not None and found.end() < len(data)


def _has_many_on_roots(data: bytes) -> bool:
    has_many = has_many_on_roots(data, MAX_ATTRIBUTES)
    return has_many_on_roots_in_python(data) if has_many is None else has_many


def has_many_on_roots_in_python(data: bytes) -> bool:
    """The twin of `has_many_on_roots`, of MAX_ATTRIBUTES."""
    of_html = of_body = 0
    for found in _ROOTS.finditer(data):
        n_attributes = len(_EACH.findall(found[2]))
        of_html, of_body = (of_html + n_attributes, of_body) if found[1] else (of_html, of_body + n_attributes)
    return max(of_html, of_body) > MAX_ATTRIBUTES


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
