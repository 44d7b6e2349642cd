"""Content-Encoding undone, whole or not at all."""

from __future__ import annotations

import gzip
import zlib

import pytest
import zstandard

from crawler.bodies import decode_body, gunzip
from newswire.errors import PermanentError

TEXT = b"The harbour was quiet. " * 400
LIMIT = 100_000
RAW = zlib.compressobj(wbits=-15)
RAW_DEFLATED = RAW.compress(TEXT) + RAW.flush()


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        pytest.param("", TEXT, id="none"),
        pytest.param("identity", TEXT, id="identity"),
        pytest.param("gzip", gzip.compress(TEXT), id="gzip"),
        pytest.param("GZip ", gzip.compress(TEXT[:100]) + gzip.compress(TEXT[100:]), id="gzip_members"),
        pytest.param("gzip", gzip.compress(TEXT) + b"\0" * 20, id="gzip_padded"),
        pytest.param("gzip, gzip", gzip.compress(gzip.compress(TEXT)), id="gzip_twice"),
        pytest.param("deflate", zlib.compress(TEXT), id="zlib"),
        pytest.param("deflate", RAW_DEFLATED, id="raw_deflate"),
        pytest.param("zstd", zstandard.compress(TEXT), id="zstd"),
        pytest.param("zstd", zstandard.compress(TEXT[:100]) + zstandard.compress(TEXT[100:]), id="zstd_frames"),
    ],
)
def test_body_is_decoded(coding, body):
    """Every coding that is asked for, in the spellings of servers."""
    assert decode_body(body, coding, limit=LIMIT) == TEXT


@pytest.mark.parametrize(
    ("coding", "body", "reason"),
    [
        pytest.param("", bytes(LIMIT + 1), "too_large", id="plain"),
        pytest.param("gzip", gzip.compress(bytes(LIMIT + 1)), "unpacked_too_large", id="gzip_bomb"),
        pytest.param("gzip", gzip.compress(bytes(LIMIT // 2)) * 3, "unpacked_too_large", id="gzip_members_bomb"),
        pytest.param("gzip, gzip", gzip.compress(gzip.compress(bytes(10 * LIMIT))), "unpacked_too_large", id="nested"),
        pytest.param("deflate", zlib.compress(bytes(LIMIT + 1)), "unpacked_too_large", id="deflate_bomb"),
        pytest.param("zstd", zstandard.compress(bytes(50 * LIMIT)), "unpacked_too_large", id="zstd_bomb"),
        pytest.param("gzip", TEXT, "bad_encoding", id="no_gzip"),
        pytest.param("gzip", gzip.compress(TEXT)[:-9], "bad_encoding", id="cut_gzip"),
        pytest.param("deflate", zlib.compress(TEXT)[:-5], "bad_encoding", id="cut_deflate"),
        pytest.param("zstd", zstandard.compress(TEXT)[:-5], "bad_encoding", id="cut_zstd"),
        pytest.param("br", b"x", "bad_encoding", id="not_asked_for"),
        pytest.param("gzip,gzip,gzip", gzip.compress(TEXT), "bad_encoding", id="too_many"),
    ],
)
def test_harmful_body_is_refused(coding, body, reason):
    """Too large however it is packed, damaged, or cut: never a part of it."""
    with pytest.raises(PermanentError) as caught:
        decode_body(body, coding, limit=LIMIT)

    assert caught.value.reason == reason


def test_empty_body_stays_empty():
    """Servers send an empty body with any coding."""
    assert decode_body(b"", "gzip", limit=LIMIT) == gunzip(b"", limit=LIMIT) == b""
