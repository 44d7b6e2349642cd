"""The first bytes of a page in, the encoding label that its markup declares out. Pure.

HTML standard section 13.2.3.2, "prescan a byte stream to determine its encoding".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from workers.native import scan

# The standard waits for 1024 bytes, and changes its mind when the parser meets a later <meta> (section
# 13.2.3.5). We have the whole page, so one look at a longer stretch does both.
PRESCAN_BYTES: Final = 16384

_SPACE: Final = b"\t\n\x0c\r "
_SPACES: Final = (b"\t", b"\n", b"\x0c", b"\r", b" ")
_GAP: Final = (*_SPACES, b"/")
_SPACE_OR_END: Final = (*_SPACES, b">")
_NAME_END: Final = (*_SPACES, b"/", b">", b"=")
_CHARSET: Final = re.compile(rb"charset[\t\n\f\r ]*=[\t\n\f\r ]*(\"[^\"]*\"|'[^']*'|[^\t\n\f\r ;\"']+)", re.IGNORECASE)
# A whole tag that is no meta element's, as `_read_attributes` reads it: one match in place of a step for each byte.
_WHOLE_TAG: Final = re.compile(
    rb"</?[a-zA-Z][^\t\n\f\r >]*+[\t\n\f\r /]*+"
    rb"(?:[^\t\n\f\r />][^\t\n\f\r />=]*+"
    rb"(?:[\t\n\f\r ]*+=[\t\n\f\r ]*+(?:\"[^\"]*+\"|'[^']*+'|(?![\"'])[^\t\n\f\r >]*+)|(?![\t\n\f\r ]*+=))"
    rb"[\t\n\f\r /]*+)*+>"
)
_CHARSET_WORD: Final = b"charset"  # in small letters; without it nothing is declared
_XML_ENCODING: Final = re.compile(rb"<\?xml[^>]*?[\t\n\f\r ]encoding[\t\n\f\r ]*=[\t\n\f\r ]*[\"']([^\"'>]+)[\"']")


def declared_label(body: bytes, is_known: Callable[[str], bool]) -> str | None:
    """The first known label in `<meta charset>`, `<meta http-equiv=content-type>` or an XML declaration, or None."""
    head = body[:PRESCAN_BYTES]
    label = _meta_label(head, is_known)
    if label is None and head.startswith(b"<?xml") and (found := _XML_ENCODING.match(head)):
        label = found.group(1)
    return label.decode("ascii", "replace").strip().lower() if label else None


def charset_of_content(content: bytes) -> bytes | None:
    """The charset in the value of a Content-Type (HTML standard section 2.5.3), unquoted."""
    found = _CHARSET.search(content)
    if found is None:
        return None
    return found.group(1).strip(b"\"'").strip(_SPACE) or None


def _meta_label(head: bytes, is_known: Callable[[str], bool]) -> bytes | None:
    at = 0
    while (at := find_declaration(head, at)) < len(head):
        attributes, at = _read_attributes(head, at + 5)
        if (label := _label_of_meta(attributes)) and is_known(label.decode("latin-1")):
            return label
    return None


def find_declaration(head: bytes, at: int) -> int:
    """Where from `at` on the next <meta> begins whose tag holds the word charset; len(head) where there is none."""
    told = scan.find_declaration(head, at)
    return find_declaration_in_python(head, at) if told is None else told


def find_declaration_in_python(head: bytes, at: int) -> int:
    """The twin of `scan.find_declaration`."""
    small = head.lower()
    last = small.rfind(_CHARSET_WORD)
    while 0 <= (at := head.find(b"<", at)) < last:
        if head.startswith(b"<!--", at):
            end = head.find(b"-->", at + 2)
            if end < 0:
                break
            at = end + 3
        elif small.startswith(b"meta", at + 1) and head[at + 5 : at + 6] in _GAP:
            end = _end_of_meta(head, at)
            if small.find(_CHARSET_WORD, at, end) >= 0:
                return at
            at = end
        elif head[at + 1 : at + 2].isalpha() or (head[at + 1 : at + 2] == b"/" and head[at + 2 : at + 3].isalpha()):
            at = end_of_tag(head, at)
        elif head[at + 1 : at + 2] in (b"!", b"/", b"?"):
            end = head.find(b">", at)
            if end < 0:
                break
            at = end + 1
        else:
            at += 1
    return len(head)


def _end_of_meta(head: bytes, at: int) -> int:
    """A slash behind its name is none of it, as it is for `end_of_tag`."""
    return end_of_tag(head, at) if head[at + 5 : at + 6] != b"/" else _read_attributes(head, at + 5)[1]


def _label_of_meta(attributes: dict[bytes, bytes]) -> bytes | None:
    if label := attributes.get(b"charset", b"").strip(_SPACE):
        return label
    if attributes.get(b"http-equiv", b"").lower() == b"content-type":
        return charset_of_content(attributes.get(b"content", b""))
    return None


def end_of_tag(head: bytes, at: int) -> int:
    """Where the tag that begins at `at` ends, behind its `>`; the end of `head` where that cuts it off."""
    whole = _WHOLE_TAG.match(head, at)
    return whole.end() if whole else end_of_tag_step_by_step(head, at)


def end_of_tag_step_by_step(head: bytes, at: int) -> int:
    """The same by the standard's own steps."""
    while at < len(head) and head[at : at + 1] not in _SPACE_OR_END:
        at += 1
    return _read_attributes(head, at)[1]


def _read_attributes(head: bytes, at: int) -> tuple[dict[bytes, bytes], int]:
    """Attributes from `at` to the end of the tag, the first of each name, and where the tag ends."""
    attributes: dict[bytes, bytes] = {}
    while at < len(head):
        while head[at : at + 1] in _GAP:
            at += 1
        if at >= len(head) or head[at : at + 1] == b">":
            return attributes, at + 1
        name, value, at = _read_attribute(head, at)
        attributes.setdefault(name.lower(), value)
    return {}, at  # the tag is cut off by the end of the window: it declares nothing


def _read_attribute(head: bytes, at: int) -> tuple[bytes, bytes, int]:
    start = at
    at += 1  # a name may begin with "="
    while at < len(head) and head[at : at + 1] not in _NAME_END:
        at += 1
    name = head[start:at]
    after = at
    while head[after : after + 1] in _SPACES:
        after += 1
    if head[after : after + 1] != b"=":
        return name, b"", at
    at = after + 1
    while head[at : at + 1] in _SPACES:
        at += 1
    quote = head[at : at + 1]
    if quote in (b'"', b"'"):
        end = head.find(quote, at + 1)
        return (name, head[at + 1 : end], end + 1) if end >= 0 else (name, b"", len(head))
    start = at
    while at < len(head) and head[at : at + 1] not in _SPACE_OR_END:
        at += 1
    return name, head[start:at], at
