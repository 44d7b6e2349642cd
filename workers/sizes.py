"""An <img> element in, the address of its largest picture out. Pure.

Pages offer sizes in srcset, in <source> elements around, and, where a script loads the picture when it is scrolled
to, in data attributes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from operator import itemgetter
from typing import Final
from urllib.parse import unquote

import ada_url
from selectolax.lexbor import LexborNode

from newswire.urls import MAX_URL_LENGTH

MAX_CANDIDATES: Final = 60  # of one picture
# HTML standard section 4.8.4.2.2: candidates are parted by commas, which addresses may hold too.
_CANDIDATE: Final = re.compile(r"[\s,]*+(\S*[^\s,])(?:\s+([\d.]+)([wx])(?:\s+[\d.]+h)?)?\s*(?:,|$)")
_LAZY: Final = re.compile(r"^data-(?:[a-z]+-)*(?:src|original|image|url|full|large|hires|lazy)(?:-[a-z]+)*$")
_LAZY_SET: Final = re.compile(r"^data-(?:[a-z]+-)*srcset$")
_ADDRESS: Final = re.compile(
    r"^(?:https?:)?//\S+$|^/?[^\s{}<>]+\.(?:jpe?g|png|webp|gif|avif)(?:\?\S*)?$", re.IGNORECASE
)
# What stands in the place of a picture until it is loaded.
_NO_FILE: Final = ("data:", "blob:", "about:")
_PLACEHOLDER: Final = re.compile(
    r"[/_.-](?:placeholder|spacer|blank|transparent|lazy|loading|loader|grey|gray|1x1|pixel)"
    r"[-_x\d]*\.(?:gif|png|svg|jpe?g|webp)",
    re.IGNORECASE,
)
# Of a path in small letters. The first brackets are for speed alone: they say with what a size begins.
_SIZES: Final = re.compile(
    r"(?=[-_.@\d]|(?<=/)[a-z])(?:[-_.]?\d{2,4}x\d{2,4}(?=[-_./]|$)|[-_]\d{2,4}(?:px|w)?(?=\.\w{3,4}$)|@\dx"
    r"|(?<=/)(?:[a-z]{1,3}_[\w:.]+(?:,[a-z]{1,3}_[\w:.]+)*(?=,?/)|(?:w|h|width|height|max|s|q)?\d{2,4}(?=/)))"
)
# In its normal form already: known by sight, as most are.
_PLAIN: Final = re.compile(r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}/[\w./~%=&?,:;@!$()*+-]*", re.ASCII)
_SCHEME: Final = len("http")
_INNER: Final = re.compile(r"(?:https?(?::|%3A)(?:/|%2F){2}[^&]+)", re.IGNORECASE)


def picture_url(image: LexborNode, base: str) -> str | None:
    """Absolute http(s) address of the largest size; None where there is only a placeholder."""
    told = sorted(_candidates(image), key=itemgetter(0), reverse=True)  # of one width in their order
    best = next((address for _, address in told if not _is_placeholder(address)), None)
    return absolute(best, base) if best is not None else None


def _is_placeholder(address: str) -> bool:
    return address[:6].lower().startswith(_NO_FILE) or _PLACEHOLDER.search(address) is not None


def absolute(address: str, base: str) -> str | None:
    """As the page means it: unlike the URLs of pages, those of pictures may be signed with all their parameters."""
    if _PLAIN.fullmatch(address) and "/." not in address:
        return address if len(address) <= MAX_URL_LENGTH else None
    try:
        url = ada_url.URL(address.strip(), base)
    except ValueError:
        return None
    is_ours = url.protocol in ("http:", "https:") and not url.username and len(url.href) <= MAX_URL_LENGTH
    return url.href if is_ours else None


def picture_key(url: str) -> str:
    """What the addresses of one picture in several sizes share."""
    address, _, query = url.partition("?")
    path = _path_of(address)
    # A proxy's parameter: the picture's own address.
    inner = (_INNER.search(query) or _INNER.search(path)) if "http" in url[_SCHEME:] else None
    if inner:
        path = _path_of(unquote(inner[0]).partition("?")[0])
    key = _SIZES.sub("", path.lower()).casefold()
    return key.rsplit(".", 1)[0] if "." in key[-6:] else key


def _path_of(address: str) -> str:
    return "/" + address.partition("//")[2].partition("/")[2]


def _candidates(image: LexborNode) -> Iterator[tuple[float, str]]:
    """Addresses with their width; what has none counts 1 (the plain src) or 2 (loaded by a script)."""
    yield from _of_element(image)
    parent = image.parent
    if parent is not None and parent.tag == "picture":
        for source in list(parent.iter())[:MAX_CANDIDATES]:
            if source.tag == "source":  # a half: of two of one width the image's own is taken
                yield from ((width - 0.5, address) for width, address in _of_element(source))


def _of_element(element: LexborNode) -> Iterator[tuple[float, str]]:
    for name, value in element.attributes.items():
        if not value:
            continue
        if name == "srcset" or (name.startswith("data-") and _LAZY_SET.match(name)):
            yield from _of_set(value)
        elif name == "src":
            yield 1.0, value.strip()
        elif name.startswith("data-") and _LAZY.match(name) and _ADDRESS.match(value.strip()):
            yield 2.0, value.strip()


def _of_set(text: str) -> Iterator[tuple[float, str]]:
    at = 0
    for _ in range(MAX_CANDIDATES):
        found = _CANDIDATE.match(text, at)
        if found is None:
            return
        at = found.end()
        number = float(found[2]) if found[2] and found[2].count(".") <= 1 and found[2] != "." else 1.0
        yield (number if found[3] == "w" else 2.0 + number), found[1]
