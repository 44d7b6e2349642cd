"""A Hit and the conditions that found it in, the Hit with its matches marked out; the same for every engine."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from indexer.backends.stems import stem_words
from indexer.document import Hit
from indexer.highlight import highlight
from indexer.query import Node

_HIGHLIGHTED: Final = ("title", "description", "body")


def mark(hit: Hit, node: Node) -> Hit:
    """The hit with its places marked that the conditions match."""
    article = hit.article
    texts = {
        "title": [article.title],
        "description": [article.description or ""],
        "body": [block.text for block in article.blocks],
    }
    found = highlight([(name, texts[name]) for name in _HIGHLIGHTED], node, language=article.language, stem=stem_words)
    return replace(hit, highlights=found)
