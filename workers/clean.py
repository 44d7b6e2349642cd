"""Styles that hide an element, and labels that are no sentence of any article. Pure.

Only general signs: no rule is for one site.
"""

from __future__ import annotations

import re
from typing import Final

PROSE: Final = 80  # characters of a text from which it is a sentence rather than a label

# Not shown, or shown to screen readers only, by cutting all of it off.
HIDDEN_STYLE: Final = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|clip\s*:\s*rect\(\s*[01](?:px)?[\s,]|clip-path\s*:\s*inset\(\s*(?:50|100)%",
    re.IGNORECASE,
)


def is_boilerplate_text(text: str) -> bool:
    """True for a line that is no sentence of any article: rights, labels of boxes."""
    return bool(_BOILERPLATE.match(text))


# Labels of boxes, alone on a line.
_LABELS: Final = (
    "advertisement advertising sponsored subscribe share comments tweet print email facebook twitter whatsapp telegram "
    "werbung anzeige teilen drucken abonnieren publicité partager publicidad anuncio compartir pubblicità condividi "
    "реклама поделиться подписаться 广告 分享 広告 シェア إعلان شارك reklama reklame advertentie"
)
_BOILERPLATE: Final = re.compile(
    r"\s*(?:"
    r"(?:©|\(c\)|copyright\b)[^.]{0,120}\.?(?:\s*all rights reserved\.?)?"
    r"|[（(]?(?:责任编辑|責任編輯|责编|编辑|校对)\s*[:：].{0,30}"
    rf"|(?:{'|'.join(map(re.escape, _LABELS.split()))})\W*"
    r")$",
    re.IGNORECASE,
)
