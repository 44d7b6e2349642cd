"""Article in, a copy with language and content hash out. Pure.

The near-duplicate signature is made beside it (signature.py): it belongs to the store that compares, not
to the message.
"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import replace

from newswire.messages import Article, Provenance
from workers.dates import Claim
from workers.language import guess_language


def enrich(article: Article, *, language_hint: str | None = None) -> Article:
    """A copy with `language` and `content_hash`; what is already known of the language is weighed, not lost.

    `language_hint` is the source's (BCP 47) and counts only where page and text say nothing.
    """
    text = article.text
    guess = guess_language(text, _claims(article), language_hint)
    provenance = dict(article.provenance)
    if guess.provenance is not None:
        provenance["language"] = guess.provenance
    return replace(
        article,
        language=guess.language,
        content_hash=content_hash(text),
        warnings=tuple(dict.fromkeys((*article.warnings, *guess.warnings))),
        provenance=provenance,
    )


def content_hash(text: str) -> str:
    """SHA-256 of the text in NFKC, case folded, white space folded: 64 hex digits."""
    normal = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return hashlib.sha256(normal.encode()).hexdigest()


def _claims(article: Article) -> list[Claim]:
    """The page's declarations, which extract() left as the language's provenance."""
    known = article.provenance.get("language", Provenance(origin=""))
    claims = [Claim(value=article.language, origin=known.origin)] if article.language else []
    for text in known.candidates:
        origin, _, value = text.partition("=")
        claims.append(Claim(value=value, origin=origin))
    return claims
