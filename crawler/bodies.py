"""Bytes of a response and its Content-Encoding in, the body out, bounded and whole. Pure.

Own code and not the HTTP library's, because that gives a cut gzip body as if it were whole.
"""

from __future__ import annotations

import zlib
from typing import Final

import zstandard

from newswire.errors import PermanentError

# What we say we can read; Brotli is left out, since no server that has it has only it.
ACCEPT_ENCODING: Final = "gzip, deflate, zstd"
_MAX_LAYERS: Final = 2  # some caches compress twice; more is an attack
_CHUNK: Final = 1 << 16
_ZSTD_CHUNK: Final = 256  # this library has no bound on its output: a block of 4 bytes unpacks to 128 KiB at most
_GZIP: Final = 16 + zlib.MAX_WBITS
_ZLIB_HEADERS: Final = (0x08, 0x18, 0x28, 0x38, 0x48, 0x58, 0x68, 0x78)  # RFC 1950: method 8, any window
_IDENTITY: Final = frozenset({"", "identity", "none", "utf-8"})


def decode_body(body: bytes, content_encoding: str, *, limit: int) -> bytes:
    """Undo Content-Encoding (RFC 9110 section 8.4); an empty body stays empty.

    PermanentError: `too_large` (over `limit` bytes as it came), `unpacked_too_large` (over them decompressed),
    `bad_encoding` (damaged, cut, or a coding that was not asked for).
    """
    codings = [part.strip().lower() for part in content_encoding.split(",")]
    layers = [coding for coding in reversed(codings) if coding not in _IDENTITY]
    if len(layers) > _MAX_LAYERS:
        raise PermanentError("bad_encoding", f"{len(layers)} layers of Content-Encoding")
    for coding in layers:
        body = _undo(coding, body, limit) if body else body
    if len(body) > limit:
        raise PermanentError("too_large", f"{len(body)} bytes, limit {limit}")
    return body


def gunzip(body: bytes, *, limit: int) -> bytes:
    """Decompress a .gz file, all its members. Errors as in `decode_body`."""
    parts: list[bytes] = []
    n_bytes = 0
    while body:
        part, body = _inflate(body, _GZIP, limit - n_bytes)
        parts.append(part)
        n_bytes += len(part)
        if body and not body.startswith(b"\x1f\x8b"):
            break  # padding after the last member (RFC 1952 knows none, tar and some servers write it)
    return b"".join(parts)


def _undo(coding: str, body: bytes, limit: int) -> bytes:
    if coding in {"gzip", "x-gzip"}:
        return gunzip(body, limit=limit)
    if coding == "deflate":
        is_wrapped = body[0] in _ZLIB_HEADERS and int.from_bytes(body[:2], "big") % 31 == 0
        return _inflate(body, zlib.MAX_WBITS if is_wrapped else -zlib.MAX_WBITS, limit)[0]
    if coding == "zstd":
        return _unzstd(body, limit)
    raise PermanentError("bad_encoding", f"Content-Encoding {coding!r} was not asked for")


def _inflate(body: bytes, wbits: int, limit: int) -> tuple[bytes, bytes]:
    """One stream; returns its content and the bytes after it. Piece by piece: a bomb costs `limit` and no more."""
    machine = zlib.decompressobj(wbits)
    parts: list[bytes] = []
    n_bytes = position = 0
    try:
        while not machine.eof:
            packed = machine.unconsumed_tail or body[position : (position := position + _CHUNK)]
            if not packed:
                raise PermanentError("bad_encoding", "compressed body is cut")
            parts.append(machine.decompress(packed, _CHUNK))
            n_bytes += len(parts[-1])
            if n_bytes > limit:
                raise PermanentError("unpacked_too_large", f"over {limit} bytes decompressed")
    except zlib.error as error:
        raise PermanentError("bad_encoding", f"compressed body: {error}") from error
    return b"".join(parts), machine.unused_data + body[position:]


def _unzstd(body: bytes, limit: int) -> bytes:
    """All frames (RFC 8878 section 3.1)."""
    parts: list[bytes] = []
    n_bytes = position = 0
    while position < len(body):
        machine = zstandard.ZstdDecompressor(max_window_size=1 << 23).decompressobj()  # RFC 9659: 8 MiB
        try:
            while not machine.eof and position < len(body):
                parts.append(machine.decompress(body[position : position + _ZSTD_CHUNK]))
                position = min(position + _ZSTD_CHUNK, len(body))
                n_bytes += len(parts[-1])
                if n_bytes > limit:
                    raise PermanentError("unpacked_too_large", f"over {limit} bytes decompressed")
        except zstandard.ZstdError as error:
            raise PermanentError("bad_encoding", f"compressed body: {error}") from error
        if not machine.eof:
            raise PermanentError("bad_encoding", "compressed body is cut")
        position -= len(machine.unused_data)
    return b"".join(parts)
