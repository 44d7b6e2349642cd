"""Files that are no HTML: a drawn picture (PNG) and a one-page document (PDF). Pure."""

from __future__ import annotations

import struct
import zlib
from functools import lru_cache
from math import isqrt, sin
from typing import Final

_WIDTH: Final = 480
_HEIGHT: Final = 270
_HORIZON: Final = 170  # rows of sky
_SUN: Final = (340, 120, 34)  # x, y, radius
_SUNLIGHT: Final = (255, 226, 150)


@lru_cache(maxsize=16)
def draw_picture(accent: str) -> bytes:
    """A sun over the sea under a sky of the accent colour (`#rrggbb`): PNG, 480 x 270, a few kilobytes."""
    red, green, blue = bytes.fromhex(accent.removeprefix("#"))
    rows = b"".join(b"\0" + _draw_row(y, (red, green, blue)) for y in range(_HEIGHT))
    header = struct.pack(">IIBBBBB", _WIDTH, _HEIGHT, 8, 2, 0, 0, 0)
    chunks = [_chunk(b"IHDR", header), _chunk(b"IDAT", zlib.compress(rows, 9)), _chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def write_pdf(line: str) -> bytes:
    """A PDF of one page that says `line` (ASCII)."""
    content = f"BT /F1 20 Tf 72 760 Td ({line}) Tj ET".encode("ascii")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources 6 0 R >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Font << /F1 5 0 R >> >>",
    ]
    data = b"%PDF-1.4\n"
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(data))
    return data + b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table) + trailer


def _draw_row(y: int, accent: tuple[int, int, int]) -> bytes:
    row = bytes(_colour(y, accent)) * _WIDTH
    sun_x, sun_y, radius = _SUN
    # The sun's disc, and below the horizon its light on the waves.
    half = isqrt(max(0, radius**2 - (y - sun_y) ** 2)) if y < _HORIZON else int(radius * abs(sin(y * 0.9)))
    return row[: 3 * (sun_x - half)] + bytes(_SUNLIGHT) * (2 * half) + row[3 * (sun_x + half) :]


def _colour(y: int, accent: tuple[int, int, int]) -> tuple[int, ...]:
    if y < _HORIZON:
        share = y / _HORIZON  # the sky pales towards the horizon
        return tuple(int(part + (245 - part) * share) for part in accent)
    wave = int(18 * sin((y - _HORIZON) ** 0.5 * 5))
    return tuple(max(0, min(255, part // 2 + 40 + wave)) for part in accent)


def _chunk(name: bytes, data: bytes) -> bytes:
    """One PNG chunk (ISO/IEC 15948, section 5.3)."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
