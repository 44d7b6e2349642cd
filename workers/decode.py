"""Bytes of a page and its Content-Type header in, UTF-8 with the encoding's origin out. Pure.

Order of the HTML standard, section 13.2.3: byte order mark, header, prescan of the markup, then
detection. Unlike a browser we see a whole page at once, so that a declaration which plainly does
not fit the bytes is repaired, with a warning.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from itertools import islice
from typing import Final, Literal

from workers.native import scan
from workers.prescan import charset_of_content, declared_label

Origin = Literal["bom", "header", "meta", "utf-8", "detected", "default"]

_BOMS: Final = ((b"\xef\xbb\xbf", "utf-8"), (b"\xfe\xff", "utf-16-be"), (b"\xff\xfe", "utf-16-le"))

# Encoding Standard section 4.2, as a map from Python's codec (after its own aliases) to the codec that
# the standard means by that label: a superset where the web's labels and the codecs' names differ.
_STANDARD: Final = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "hz": "replacement",
    "iso2022_kr": "replacement",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
    "cp950": "big5hkscs",
    "utf-16": "utf-16-le",
    "mac-roman": "mac-roman",
}
# Labels of the standard that Python's codecs do not know by that name.
_LABELS: Final = {
    "unicode-1-1-utf-8": "utf-8",
    "unicode11utf8": "utf-8",
    "unicode20utf8": "utf-8",
    "x-unicode20utf8": "utf-8",
    "dos-874": "cp874",
    "windows-874": "cp874",
    "iso-8859-11": "cp874",
    "x-sjis": "cp932",
    "ms_kanji": "cp932",
    "x-euc-jp": "euc_jp",
    "x-gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "big5-hkscs": "big5hkscs",
    "cn-big5": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "windows-949": "cp949",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601-1989": "cp949",
    "ksc5601": "cp949",
    "iso-8859-8-i": "iso8859-8",
    "logical": "iso8859-8",
    "visual": "iso8859-8",
    "macintosh": "mac-roman",
    "x-mac-roman": "mac-roman",
    "mac": "mac-roman",
    "x-mac-cyrillic": "mac-cyrillic",
    "x-mac-ukrainian": "mac-cyrillic",
    "koi": "koi8-r",
    "koi8": "koi8-r",
    "koi8-ru": "koi8-u",
    "unicode": "utf-16-le",
    "ucs-2": "utf-16-le",
    "iso-10646-ucs-2": "utf-16-le",
    "csunicode": "utf-16-le",
    "unicodefeff": "utf-16-le",
    "unicodefffe": "utf-16-be",
    "x-user-defined": "cp1252",
    **{f"x-cp125{digit}": f"cp125{digit}" for digit in range(9)},
}
_KNOWN: Final = frozenset(
    [
        "utf-8",
        "cp866",
        "iso8859-2",
        "iso8859-3",
        "iso8859-4",
        "iso8859-5",
        "iso8859-6",
        "iso8859-7",
        "iso8859-8",
        "iso8859-10",
        "iso8859-13",
        "iso8859-14",
        "iso8859-15",
        "iso8859-16",
        "koi8-r",
        "koi8-u",
        "mac-roman",
        "cp874",
        "cp1250",
        "cp1251",
        "cp1252",
        "cp1253",
        "cp1254",
        "cp1255",
        "cp1256",
        "cp1257",
        "cp1258",
        "mac-cyrillic",
        "gb18030",
        "big5hkscs",
        "euc_jp",
        "iso2022_jp",
        "cp932",
        "cp949",
        "utf-16-be",
        "utf-16-le",
    ]
)
_ASCII: Final = bytes(range(128))
_LABEL: Final = re.compile(r"[a-z0-9][a-z0-9_:.+-]*")
_TAG: Final = re.compile(rb"<(script|style)\b.*?</\1\s*>|<[^<>]{0,2000}>", re.IGNORECASE | re.DOTALL)
_MULTIBYTE: Final = re.compile(rb"[\xc2-\xf4][\x80-\xbf]+")
# Fewer multibyte sequences than this may be an accident in a legacy encoding (two-character GBK words do it).
_SURE_SEQUENCES: Final = 6
_SAMPLE_BYTES: Final = 6000  # the detector's time grows with the text, its sureness does not beyond this
_BROKEN_SHARE: Final = 0.02  # of the non-ASCII bytes: a cut or spliced character or two, not another encoding


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A page in UTF-8, as the parser takes it: the page's own bytes where they are that."""

    data: bytes
    encoding: str  # Python codec name
    origin: Origin
    warnings: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The same as text. Decoded at each call: nearly no page needs it."""
        return self.data.decode("utf-8")


def to_utf8(text: str) -> bytes:
    """What cannot stand in UTF-8, a surrogate without its other half, becomes a question mark."""
    return text.encode("utf-8", "replace")


def decode(body: bytes, content_type: str | None = None) -> Decoded:
    """Decode a page; never raises. Bytes that fit no encoding become U+FFFD, with a warning."""
    for mark, codec in _BOMS:
        if body.startswith(mark):
            return _checked(body[len(mark) :], codec, "bom")
    header = charset_of_content(content_type.encode("latin-1", "replace")) if content_type else None
    if header and (codec_name := codec_of_label(header.decode("latin-1"))):
        return _checked(body, codec_name, "header")
    label = declared_label(body, _is_known)
    if label and (codec_name := codec_of_label(label)):
        # A page whose declaration could be read as ASCII is not UTF-16 (the standard says so too).
        return _checked(body, "utf-8" if codec_name.startswith("utf-16") else codec_name, "meta")
    return _detected(body)


def codec_of_label(label: str) -> str | None:
    """Python codec for a label of the Encoding Standard; None for a label that it does not know."""
    label = label.strip("\t\n\x0c\r ").lower()
    name = _LABELS.get(label)
    if name is None and not _LABEL.fullmatch(label):
        return None  # Python's look-up ignores punctuation, the standard's does not
    if name is None:
        try:
            name = codecs.lookup(label).name
        except (LookupError, ValueError):
            return None
        name = _STANDARD.get(name, name)
    return name if name in _KNOWN else None  # utf-7 and the like are refused: they smuggle markup


def _is_known(label: str) -> bool:
    return codec_of_label(label) is not None


def is_utf8(body: bytes) -> bool:
    """Whether the bytes are UTF-8, of which ASCII is a part."""
    told = scan.is_utf8(body)
    return is_utf8_in_python(body) if told is None else told


def is_utf8_in_python(body: bytes) -> bool:
    """The twin of `scan.is_utf8`."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _checked(body: bytes, codec: str, origin: Origin) -> Decoded:
    """Decode as declared, unless the bytes plainly say otherwise."""
    if codec == "utf-8":
        is_right = is_utf8(body)
        return Decoded(data=body, encoding=codec, origin=origin) if is_right else _repaired(body, codec, origin)
    if not codec.startswith("utf-16") and _is_surely_utf8(body):
        warning = f"encoding: {origin} says {codec}, the bytes are utf-8"
        return Decoded(data=body, encoding="utf-8", origin="detected", warnings=(warning,))
    try:
        text = _decode_strictly(body, codec)
    except UnicodeDecodeError:
        return _repaired(body, codec, origin)
    return Decoded(data=to_utf8(text), encoding=codec, origin=origin)


def _decode_strictly(body: bytes, codec: str) -> str:
    try:
        return body.decode(codec)
    except UnicodeDecodeError:
        if codec not in ("cp1252", "cp1254", "cp1253", "cp1255", "cp1257", "cp1258", "cp874"):
            raise
        # The standard maps a byte that the code page leaves open to the C1 control of the same number.
        return codecs.charmap_decode(body, "strict", _full_table(codec))[0]


def _full_table(codec: str) -> str:
    return "".join(bytes((value,)).decode(codec, "ignore") or chr(value) for value in range(256))


def _is_surely_utf8(body: bytes) -> bool:
    if body.isascii() or not is_utf8(body):
        return False
    return sum(1 for _ in islice(_MULTIBYTE.finditer(body), _SURE_SEQUENCES)) == _SURE_SEQUENCES


def _repaired(body: bytes, codec: str, origin: Origin) -> Decoded:
    text = body.decode(codec, "replace")
    n_broken = text.count("\ufffd")
    n_high = len(body.translate(None, _ASCII))
    if codec == "utf-8" and n_broken <= max(3, _BROKEN_SHARE * n_high):
        warning = f"encoding: {n_broken} broken bytes in {codec}"
        return Decoded(data=to_utf8(text), encoding=codec, origin=origin, warnings=(warning,))
    label = declared_label(body, _is_known)
    meta = codec_of_label(label) if label else None
    if origin == "header" and meta and meta != codec and not meta.startswith("utf-16"):
        try:
            repaired = _decode_strictly(body, meta)
        except UnicodeDecodeError:
            pass
        else:
            warning = f"encoding: header says {codec}, which fails; meta says {meta}, which fits"
            return Decoded(data=to_utf8(repaired), encoding=meta, origin="meta", warnings=(warning,))
    found = _detected(body)
    if found.text.count("\ufffd") >= n_broken:
        warning = f"encoding: {n_broken} broken bytes"
        return Decoded(data=to_utf8(text), encoding=codec, origin=origin, warnings=(warning,))
    warning = f"encoding: {origin} says {codec}, which fails; detected {found.encoding}"
    return Decoded(data=found.data, encoding=found.encoding, origin="detected", warnings=(warning,))


def _detected(body: bytes) -> Decoded:
    """UTF-8 if the bytes are; else what the detector says of the text between the tags; else windows-1252."""
    if is_utf8(body):
        # Of plain ASCII nothing can be detected; the standard's default then is windows-1252, the text is the same.
        return (
            Decoded(data=body, encoding="cp1252", origin="default")
            if body.isascii()
            else Decoded(data=body, encoding="utf-8", origin="utf-8")
        )
    text = body.decode("utf-8", "replace")
    n_broken = text.count("\ufffd")
    if n_broken <= _BROKEN_SHARE * len(_MULTIBYTE.findall(body)):
        warning = f"encoding: {n_broken} broken bytes"
        return Decoded(data=to_utf8(text), encoding="utf-8", origin="utf-8", warnings=(warning,))
    codec = _detect_codec(body)
    if codec is None:
        return Decoded(
            data=to_utf8(_decode_strictly(body, "cp1252")),
            encoding="cp1252",
            origin="default",
            warnings=("encoding: neither declared nor detected, read as windows-1252",),
        )
    return Decoded(data=to_utf8(body.decode(codec, "replace")), encoding=codec, origin="detected")


def _detect_codec(body: bytes) -> str | None:
    from charset_normalizer import from_bytes

    lines = (line.strip() for line in _TAG.sub(b"\n", body[: 1 << 20]).splitlines())
    sample = b"\n".join(line for line in lines if not line.isascii())[:_SAMPLE_BYTES]
    for match in from_bytes(sample):
        if codec := codec_of_label(_DETECTED.get(match.encoding, match.encoding)):
            return codec
    return None


# Supersets by which the detector calls what the standard knows under the plain name.
_DETECTED: Final = {
    "euc_jis_2004": "euc_jp",
    "euc_jisx0213": "euc_jp",
    "shift_jis_2004": "shift_jis",
    "shift_jisx0213": "shift_jis",
}
