"""Words by which pages mark pictures, their captions and their credits, as data."""

from __future__ import annotations

import re
from typing import Final

from workers import bylinewords
from workers.classwords import ClassWords

# In class and id attributes of pictures and of what is around them.
PICTURE_CLASSES: Final = ClassWords({
    "furniture": "avatar avatars icon icons logo logos emoji emojis gravatar profile badge badges share sharing social"
    " tracking pixel spacer widget related recommend recommended recommendation recommendations teaser teasers promo"
    " promos newsletter newsletters sponsor sponsors sponsored ad ads advert adverts advertisement advertisements nav"
    " navigation menu breadcrumb breadcrumbs comment comments outbrain taboola mostread mostpopular popular trending"
    " author byline morestories morenews morefrom readmore readalso readnext seealso",
    "caption": "caption captions cutline legend legende piedefoto didascalia bildtext bildunterschrift billedtekst"
    " imgcaption figcaption imagetitle imagedesc imagedescription imagetext imageinfo phototitle photodesc"
    " photodescription phototext photoinfo picturetitle picturedesc picturedescription picturetext pictureinfo"
    " mediatitle mediadesc mediadescription mediatext mediainfo",
    "credit": "credit credits copyright copyrights photographer fotograf attribution bildquelle quelle source rights"
    " imagesource imageauthor photoby photoauthor photosource imageagency photoagency mediasource",
    "picture": "image images img photo photos picture pictures figure figures foto fotos bild grafik media caption"
    " captions",
    "hidden": "hidden visuallyhidden sr sronly screenreader offscreen",
})  # fmt: skip

# Names of files, from the slash before them on, and of folders.
FURNITURE_FILE: Final = re.compile(
    r"[/_.-](?:(?:logo|icon|avatar|gravatar|sprite|spacer|blank|pixel|placeholder|emoji|badge|button|btn|loader"
    r"|loading)s?(?:$|[/_.\d-])|(?<=\.)svg(?:$|\?))",
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
