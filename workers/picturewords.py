"""Words by which pages mark pictures, their captions and their credits, as data."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from workers import bylinewords

FURNITURE, CAPTION, CREDIT, PICTURE, HIDDEN = 1, 2, 4, 8, 16  # what a class or id attribute speaks of


def _words(*lists: str) -> re.Pattern[str]:
    return re.compile(rf"(?:^|[\s_-])(?:{'|'.join(lists)})(?:$|[\s_-])", re.IGNORECASE)


_FURNITURE_CLASS: Final = _words(
    "avatars?|icons?|logos?|emojis?|gravatar|profile|badges?|share|sharing|social|tracking|pixel|spacer|widget",
    "related|recommend(?:ed|ations?)?|teasers?|promos?|newsletters?|sponsors?|sponsored|ads?|advert(?:isement)?s?",
    "nav|navigation|menu|breadcrumbs?|comments?|outbrain|taboola|most-?(?:read|popular)|popular|trending",
    "author-?(?:image|photo|pic(?:ture)?|box|bio|info|card)?|by-?line|more-?(?:stories|news|from)",
    "read-?(?:more|also|next)|see-?also",
)
_CAPTION_CLASS: Final = _words(
    "(?:[a-z]+-)*captions?(?:-?(?:text|inner|content))?|cut-?line|legende?|pie-?de-?foto|didascalia",
    "bildtext|bildunterschrift|billedtekst",
    "(?:image|photo|picture|media)-?(?:title|desc(?:ription)?|text|info)",
)
_CREDIT_CLASS: Final = _words(
    "(?:[a-z]+-)*credits?(?:-?text)?|copyrights?|photographer|fotograf|attribution|bildquelle|quelle|source|rights",
    "(?:image|photo|picture|media|caption)-?(?:source|author|by|copyright|agency)",
)
_PICTURE_CLASS: Final = _words(
    "(?:[a-z]+-)*(?:images?|img|photos?|pictures?|figures?|fotos?|bild|grafik|captions?|media)(?:-[a-z]+)*"
)
# For screen readers only: ", opens new tab" and the like.
_HIDDEN_CLASS: Final = _words("(?:visually-?)?hidden|sr-?only|screen-?reader(?:-?text|-?only)?|off-?screen")
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@lru_cache(maxsize=8192)
def says_of(words: str) -> int:
    """What a class or id attribute speaks of, one bit each; bounded memory, for a site's pages share their classes."""
    if not words:
        return 0
    text = _CAMEL.sub("-", words)
    return (
        (FURNITURE if _FURNITURE_CLASS.search(text) else 0)
        | (CAPTION if _CAPTION_CLASS.search(text) else 0)
        | (CREDIT if _CREDIT_CLASS.search(text) else 0)
        | (HIDDEN if _HIDDEN_CLASS.search(text) else 0)
        | (PICTURE if _PICTURE_CLASS.search(text) else 0)
    )


# Names of files and folders.
FURNITURE_FILE: Final = re.compile(
    r"(?:^|[/_.-])(?:logo|icon|avatar|gravatar|sprite|spacer|blank|pixel|placeholder|emoji|badge|button|btn|loader"
    r"|loading)s?(?:$|[/_.\d-])|\.svg(?:$|\?)",
    re.IGNORECASE,
)
AUTHOR_FOLDER: Final = re.compile(
    r"/(?:authors?|autor(?:en|es|i)?|profiles?|avatars?|redakt(?:ion|eure?))/", re.IGNORECASE
)
# What a page declares where its article has no picture.
STAND_IN: Final = re.compile(
    r"[/_.-](?:default|fallback|ogp|og-?image|share-?image|placeholder|generic)(?:[/_.-]|$)", re.IGNORECASE
)
PICTURE_FILE: Final = re.compile(r"\.(?:jpe?g|png|webp|gif|avif|tiff?)(?:$|\?)", re.IGNORECASE)

# Houses that pictures come from, beside the agencies that texts come from.
PICTURE_AGENCIES: Final = bylinewords.words_of(
    "getty images, getty, shutterstock, imago, imago images, picture alliance, picture-alliance, alamy, "
    "alamy stock photo, epa, epa-efe, ap photo, afp photo, istock, istockphoto, unsplash, pexels, pixabay, "
    "wikimedia commons, wikimedia, wikipedia, flickr, zuma, zuma press, rex features, rex, nurphoto, anadolu, "
    "anadolu agency, sipa, sipa usa, sipa press, depositphotos, adobe stock, adobestock, dreamstime, corbis, "
    "bloomberg via getty images, xinhua, dpa-zentralbild, zb, ritzau scanpix, scanpix, tt nyhetsbyrån, lehtikuva, "
    "keystone, belga, maxppp, abaca, hans lucas, icon sport, action images, usa today sports, imagn, pa images, "
    "pa wire, pa, bridgeman images, science photo library, courtesy photo, handout, file photo, screenshot, унiан, "
    "ctk, east news"
)
# What stands before a credit, in regular expressions.
CREDIT_LABELS: Final = (
    r"photos?|photo(?:graph)?s?\s+(?:by|credits?|courtesy(?:\s+of)?|source)|photograph(?:er|y|s)?|pictures?(?:\s+by)?"
    r"|image(?:s|\s+by|\s+source|\s+credit|\s+courtesy(?:\s+of)?)?|credits?|source|courtesy(?:\s+of)?|graphic"
    r"|illustration(?:\s+by)?|screengrab|fotos?|foto(?:graf(?:ie|in|i|o|a)?|credit|quelle)|grafik|montage"
    r"|bild(?:quelle|er|nachweis|rechte)?|quelle|crédits?(?:\s+photo)?|photo\s+d[’']archives"
    r"|fuente|fotograf[íi]a|cr[ée]ditos?|imagen|imagem|fonte|beeld|bron|bilde|kilde|kuva|kuvaaja|ljósmynd"
    r"|zdjęcie|fot\.?|źródło|zdroj|autor\s+fot[oa]\.?|foto\s*[-/]\s*ilustra\w*|sursa|forrás|fotó|fotoğraf|görsel"
    r"|φωτο(?:γραφία)?|πηγή|фото|снимка|источник|автор\s+фото|джерело|иллюстрация"
    r"|图片?来源|圖片?來源|图片?|摄影?|攝影?|图源|写真提供|写真|画像|撮影|出典|提供"
    r"|사진(?:\s*(?:제공|출처))?|출처|صورة|تصوير|المصدر|צילום|קרדיט|ภาพ"
)
