"""Words of markup and of labels that name what is not the article. Pure.

Only general signs: no rule is for one site.
"""

from __future__ import annotations

import re
from typing import Final

PROSE: Final = 80  # characters of a text from which it is a sentence rather than a label

HIDDEN_STYLE: Final = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
# For screen readers only: ", opens new tab" and the like.
HIDDEN_CLASS: Final = re.compile(
    r"(?:^|\s|[_-])(?:visually-?hidden|sr-?only|screen-?reader(?:-?text|-?only)?|a11y-?hidden|offscreen)(?:$|\s|[_-])",
    re.IGNORECASE,
)
# Boxes by the words that newsrooms' markup names them with. The article's own summary, standfirst and
# byline are fields of their own, and captions belong to pictures.
BOX_CLASS: Final = re.compile(
    r"(?:^|[\s_-])(?:newsletters?|promos?|comments?|author-?(?:bio|box|info|card)|about-?(?:the-?)?author|bio"
    r"|(?:photo|image|media|picture)?captions?|credits?|copyright|summary|dek|standfirst|lead|lede|announce|subtitle"
    r"|byline|dateline|timestamp|publish-?date|date|meta|infobox|factbox|fact-?box)(?:$|[\s_-])",
    re.IGNORECASE,
)
# These words name boxes of links, but also whole pages ("tag-politics"): only links prove them.
LINK_BOX_CLASS: Final = re.compile(
    r"(?:^|[\s_-])(?:related|recommend(?:ed|ations?)?|read-?(?:more|also|next)|more|also|teasers?|cards?|list|links?"
    r"|tags?|topics?|share|sharing|social|follow|breadcrumbs?|nav|menu|most-?(?:read|popular)|trending|article)(?:$|[\s_-])",
    re.IGNORECASE,
)
# Teasers of other stories: headlines in links, with a sentence each.
RELATED_CLASS: Final = re.compile(
    r"(?:^|[\s_-])(?:related|recommend(?:ed|ations?)?|read-?(?:more|also|next)|see-?also|teasers?)(?:$|[\s_-])",
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
