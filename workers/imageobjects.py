"""What a page's JSON-LD says of its pictures in, Images out. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from newswire.messages import Image
from workers.credits import clean_credit, split_credit
from workers.jsonld import LinkedData, texts_of, types_of
from workers.sizes import absolute, picture_key

MAX_OBJECTS: Final = 200
LONGEST_CAPTION: Final = 1000  # characters
# schema.org ImageObject and CreativeWork, best first.
_CREDITS: Final = ("creditText", "copyrightHolder", "copyrightNotice", "author", "creator")


def told_images(linked: LinkedData, url: str) -> dict[str, Image]:
    """Pictures that the page describes, by what the addresses of their sizes share (picture_key)."""
    found: dict[str, Image] = {}
    for node in linked.nodes:
        if "ImageObject" in types_of(node) and (image := _image_of(node, url)):
            key = picture_key(image.url)
            found[key] = completed(found[key], image) if key in found else image
            if len(found) >= MAX_OBJECTS:
                break
    return found


def article_images(linked: LinkedData, url: str) -> tuple[Image, ...]:
    """What the article's own node names, for pages that show their pictures by a script."""
    value = (linked.article or {}).get("image")
    listed = value[:MAX_OBJECTS] if isinstance(value, list) else [value]
    keys = [picture_key(image.url) for item in listed if isinstance(item, dict) and (image := _image_of(item, url))]
    told = told_images(linked, url) if keys else {}
    return tuple(told[key] for key in dict.fromkeys(keys) if key in told)


def completed(image: Image, other: Image | None) -> Image:
    """What is missing taken from another description of the picture."""
    if other is None:
        return image
    return replace(
        image,
        alt=image.alt or other.alt,
        caption=image.caption or other.caption,
        credit=image.credit or other.credit,
    )


def _image_of(node: Mapping[str, Any], url: str) -> Image | None:
    addresses = [absolute(text, url) for text in texts_of([node.get("contentUrl"), node.get("url")], "@id")]
    address = next(filter(None, addresses), None)
    if address is None:
        return None
    captions = texts_of([node.get("caption"), node.get("description")], "text")
    caption, credit = split_credit(" ".join(captions[0].split())[:LONGEST_CAPTION]) if captions else (None, None)
    named = texts_of([node.get(name) for name in _CREDITS], "name")
    return Image(url=address, caption=caption, credit=(clean_credit(named[0]) if named else None) or credit)
