"""Text in, a MinHash and its LSH band keys out, by which near-identical copies are told. Pure.

MinHash over shingles (Broder 1997) with locality-sensitive bands (Leskovec, Rajaraman, Ullman: Mining of
Massive Datasets, section 3.4). Written on numpy rather than taken from a library of version 0.x, because
a stored signature must stay comparable over years, processes and versions: everything that shapes it is
in this file, and `VERSION` stands in every band key.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import Final

import numpy as np

VERSION: Final = 1  # raise on any change below: signatures of two versions never meet
N_PERMUTATIONS: Final = 128
# 32 bands of 4 rows find a pair with Jaccard 0.5 with probability .87, 0.6 with .99, 0.3 with .23.
N_BANDS: Final = 32
N_ROWS: Final = N_PERMUTATIONS // N_BANDS
# At 0.5, 128 permutations err by .044 (one standard deviation). On 600 real bodies: byline and
# footer added, 2 % of words changed, a paragraph inserted or the last quarter cut stay above it.
NEAR_SIMILARITY: Final = 0.5
SHINGLE_WORDS: Final = 5
SHINGLE_CHARACTERS: Final = 8  # about five words of Chinese or Japanese
MIN_SHINGLES: Final = 10  # below it a chance sentence in common would make a copy
MAX_CHARACTERS: Final = 200_000
MARK_BYTES: Final = 16

_UNSPACED: Final = frozenset({"zh", "ja", "th", "lo", "km", "my", "yue", "wuu"})
_UNSPACED_SCRIPT: Final = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"
)
_WORD: Final = re.compile(r"\w+")
_SEED: Final = b"newswire near-duplicate permutations, version 1"


def _constants(label: bytes) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    digest = hashlib.shake_256(_SEED + label).digest(8 * N_PERMUTATIONS)
    return np.frombuffer(digest, dtype="<u8").astype(np.uint64)


# h(x) = (a x + b mod 2^64) >> 32 with odd a: strongly universal enough for MinHash (Dietzfelbinger 1996).
_FACTORS: Final = _constants(b"a") | np.uint64(1)
_TERMS: Final = _constants(b"b")


def minhash(text: str, language: str | None) -> bytes:
    """The MinHash, 4 * N_PERMUTATIONS bytes (uint32, little endian); b"" for a text too short to tell.

    `language` is BCP 47; languages written without spaces are shingled by characters.
    """
    shingles = _shingles(text[:MAX_CHARACTERS], language)
    if len(shingles) < MIN_SHINGLES:
        return b""
    digests = b"".join(hashlib.blake2b(shingle.encode(), digest_size=8).digest() for shingle in shingles)
    values = np.frombuffer(digests, dtype="<u8").astype(np.uint64)
    smallest = np.full(N_PERMUTATIONS, np.iinfo(np.uint64).max, dtype=np.uint64)
    for start in range(0, len(values), 1024):  # 1 MiB of products at a time
        products = values[start : start + 1024, None] * _FACTORS + _TERMS
        smallest = np.minimum(smallest, products.min(axis=0))
    return (smallest >> np.uint64(32)).astype("<u4").tobytes()


def band_keys(signature: bytes) -> tuple[str, ...]:
    """One key a band, "<version>.<band>.<16 hex>": two texts that share one are worth comparing."""
    width = 4 * N_ROWS
    return tuple(
        f"{VERSION}.{band}.{hashlib.blake2b(signature[band * width : (band + 1) * width], digest_size=8).hexdigest()}"
        for band in range(len(signature) // width)
    )


def text_mark(site: str, title: str, day: str, text: str) -> bytes:
    """MARK_BYTES that two pages of one site share when title, day of publication and text are the same."""
    parts = (site, " ".join(title.split()), day, " ".join(text.split()))
    return hashlib.blake2b("\0".join(parts).encode(errors="replace"), digest_size=MARK_BYTES).digest()


def mark_key(mark: bytes) -> str:
    """The key of a mark, beside those of the bands."""
    return f"{VERSION}.same.{mark.hex()}"


def split_signature(signature: bytes) -> tuple[bytes, bytes]:
    """(MinHash, mark) of what is kept of a text, the one after the other; older ones have no mark."""
    at = len(signature) - len(signature) % (4 * N_PERMUTATIONS)
    return signature[:at], signature[at:]


def similarity(a: bytes, b: bytes) -> float:
    """Estimated Jaccard similarity of two texts from their MinHashes, 0-1; 0 where one is too short."""
    if not a or len(a) != len(b):
        return 0.0
    return float(np.mean(np.frombuffer(a, dtype="<u4") == np.frombuffer(b, dtype="<u4")))


def _shingles(text: str, language: str | None) -> list[str]:
    words = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    if _is_unspaced(text, language):
        run = "".join(words)
        pieces = (run[at : at + SHINGLE_CHARACTERS] for at in range(len(run) - SHINGLE_CHARACTERS + 1))
    else:
        pieces = (" ".join(words[at : at + SHINGLE_WORDS]) for at in range(len(words) - SHINGLE_WORDS + 1))
    return list(dict.fromkeys(pieces))


def _is_unspaced(text: str, language: str | None) -> bool:
    """By the language, or by the script where it is not known or wrong."""
    if language and language.split("-")[0] in _UNSPACED:
        return True
    head = text[:2000]
    return 2 * len(_UNSPACED_SCRIPT.findall(head)) > len(head)
