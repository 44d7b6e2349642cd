"""A page's <em>, <i>, <b> and <strong> and the article's blocks in, which words are set off in them out. Pure.

Only what is found again letter by letter is told: in an element whose text is one block's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from selectolax.lexbor import LexborNode

from newswire.messages import Span, SpanKind
from workers.clean import fold_seen
from workers.labeller.walk import BLOCK_TAGS
from workers.links import find_inline
from workers.page import ancestors

MAX_NODES: Final = 1000  # of a page
_BREAKING: Final = BLOCK_TAGS | {"br"}
_KINDS: Final[dict[str, SpanKind]] = {"em": "emphasis", "i": "emphasis", "strong": "strong", "b": "strong"}


def emphasis_in(nodes: Iterable[LexborNode], numbers: Mapping[str, int], *, has_bold: bool) -> dict[int, list[Span]]:
    """Spans by the number of the block; `numbers` has it by the block's text.

    `has_bold`: a text of the article holds bold letters.
    """
    found: dict[int, list[Span]] = {}
    whole_of: dict[int, str] = {}  # by element, its text
    for _, node in zip(range(MAX_NODES), nodes, strict=False):
        kind = _KINDS[node.tag or ""]
        if node.child is None or (kind == "strong" and not has_bold):  # no child: an icon
            continue
        holder = _holder_of(node)
        if holder is None:
            continue
        key = holder.mem_id
        if key not in whole_of:
            whole_of[key] = fold_seen(holder.text()) if _is_one_text(holder) else ""
        whole = whole_of[key]
        number = numbers.get(whole)
        text = fold_seen(node.text())
        if number is None or not text:
            continue
        spans = found.setdefault(number, [])
        after = max((span.end for span in spans if span.kind == kind), default=0)
        start = find_inline(node, text, whole, after)
        if start >= 0:
            spans.append(Span(start=start, end=start + len(text), kind=kind))
    return found


def _holder_of(node: LexborNode) -> LexborNode | None:
    return next((parent for parent in ancestors(node) if parent.tag in BLOCK_TAGS), None)


def _is_one_text(holder: LexborNode) -> bool:
    """No block and no line break among its children."""
    return not any(child.tag in _BREAKING for child in holder.iter())
