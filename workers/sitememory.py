"""An article and what is remembered of its site's other pages in, the article without what repeats there out. Pure.

A block that stands on several pages whose articles have nothing else to do with each other is the site's and not the
story's: an appeal, a legal notice. What counts as evidence, and what stays though it repeats: docs/adr/0027.
"""

from __future__ import annotations

import hashlib
import re
import struct
import unicodedata
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from newswire.messages import Article, Block
from workers.judge import text_length
from workers.keys import key_of
from workers.labeller.walk import Page
from workers.unspaced import count_unspaced, weighed_length

FORMAT: Final = 1  # raise on any change of what is packed: sightings of another format are not read
FIRST: Final = 24  # of more blocks, or of more other texts, those at the ends are remembered: there a site's own stand
LAST: Final = 40
MAX_WORDS: Final = 12  # of a title
STEM: Final = 5  # letters of a word that are compared, so that its forms are one in most languages
LEAST_WORD: Final = 4  # letters: shorter words join sentences and tell nothing of a story
_TOLD: Final = 10  # blocks that the warning names
_TOLD_CHARACTERS: Final = 80  # of each

_HEAD: Final = struct.Struct("<8s8sBBB")  # newswire/lua/site_seen.lua compares the first two
_WORD: Final = re.compile(r"[^\W\d_]+")
_KEPT_KINDS: Final = frozenset({"table_row", "caption"})  # parts of a table and of a picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What is asked of a block that goes; `benchmarks/extraction/site_memory.py` measures others."""

    n_others: int = 3  # pages of stories of their own: 2 do no worse on the sets, which hold hardly any follow-ups
    n_in_text: int = 1  # of these have it in their article too: a teaser of this story stands beside the articles
    least_left: int = 80  # letters that stay, as many as the judge asks of any article
    short: int = 30  # letters: shorter blocks are labels too ("Pros:") and go only beside a longer one that goes
    most_gone: float = 1.0  # of the letters: a site's notice may be longer than its news
    related_words: int = 2  # that two titles share make one story of them; 0: titles are not compared


SHIPPED: Final = Rules()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What is remembered of one page and its article; texts by 32 bits (docs/adr/0027: why these are enough)."""

    article: bytes  # 8 bytes that its versions share
    title: bytes  # 8 bytes that its copies under other addresses share
    words: frozenset[int]  # of the title, 16 bits each
    blocks: frozenset[int]  # the article's
    asides: frozenset[int]  # other texts of the page that could be taken for its article's

    def pack(self) -> bytes:
        """At most 555 bytes."""
        words, blocks, asides = sorted(self.words), sorted(self.blocks), sorted(self.asides)
        head = _HEAD.pack(self.article, self.title, FORMAT, len(words), len(blocks))
        return head + struct.pack(f"<{len(words)}H{len(blocks) + len(asides)}I", *words, *blocks, *asides)

    def is_related(self, other: Sighting, rules: Rules = SHIPPED) -> bool:
        """A version or copy of the same article, or another article of the same story."""
        if self.article == other.article or self.title == other.title:
            return True
        half = -(-min(len(self.words), len(other.words)) // 2)
        wanted = max(1, min(rules.related_words, half))
        return bool(rules.related_words) and len(self.words & other.words) >= wanted


def unpack(packed: bytes) -> Sighting | None:
    """What `pack` made; None for another format."""
    if len(packed) < _HEAD.size:
        return None
    article, title, version, n_words, n_blocks = _HEAD.unpack_from(packed)
    n_texts = (len(packed) - _HEAD.size - 2 * n_words) // 4
    if version != FORMAT or n_texts < n_blocks:
        return None
    values = struct.unpack_from(f"<{n_words}H{n_texts}I", packed, _HEAD.size)
    return Sighting(
        article=article,
        title=title,
        words=frozenset(values[:n_words]),
        blocks=frozenset(values[n_words : n_words + n_blocks]),
        asides=frozenset(values[n_words + n_blocks :]),
    )


def unpack_all(packed: Iterable[bytes]) -> list[Sighting]:
    """Those that can be read."""
    return [seen for seen in map(unpack, packed) if seen is not None]


def sighting_of(article: Article, page: Page | None = None) -> Sighting:
    """What of an article, and of the page that it stands on, its site's other articles are compared with."""
    own = dict.fromkeys(key for key in map(_block_key, article.blocks) if key is not None)
    asides = dict.fromkeys(key for key in _asides(page) if key not in own) if page is not None else {}
    return Sighting(
        article=bytes.fromhex(article.article_id)[:8],
        title=_digest(key_of(article.title), 8),
        words=_title_words(article.title),
        blocks=_ends(list(own)),
        asides=_ends(list(asides)),
    )


def without_repeats(article: Article, own: Sighting, others: Iterable[Sighting], *, rules: Rules = SHIPPED) -> Article:
    """The article without the blocks that its site's other pages have too; a warning says which.

    `own` is the article's sighting. The same object where nothing goes.
    """
    numbers = _repeats(article, own, others, rules)
    if not numbers:
        return article
    kept = tuple(block for number, block in enumerate(article.blocks) if number not in numbers)
    n_left, n_letters = text_length(kept), text_length(article.blocks)
    if n_left < max(rules.least_left, (1 - rules.most_gone) * n_letters):
        return article
    gone = [article.blocks[number] for number in sorted(numbers)]
    has_dateline = any(span.kind == "dateline" for block in kept for span in block.spans)
    is_undated = article.dateline is not None and not has_dateline
    lost = _links_in(gone) - _links_in(kept)
    return replace(
        article,
        blocks=kept,
        outlinks=tuple(link for link in article.outlinks if link.url not in lost),
        dateline=None if is_undated else article.dateline,
        provenance={name: told for name, told in article.provenance.items() if name != "dateline" or not is_undated},
        warnings=(*article.warnings, _warning(gone, rules)),
    )


class SiteMemory:
    """The last articles of sites within one process, as Redis keeps them for workers (newswire/lua/site_seen.lua)."""

    def __init__(self, *, n_articles: int, n_sites: int) -> None:
        self._sites: OrderedDict[str, list[bytes]] = OrderedDict()  # packed: as sets they take thirty times as much
        self._n_articles = n_articles
        self._n_sites = n_sites

    def see(self, site: str, own: Sighting) -> list[Sighting]:
        """Remember an article; returns the site's others, the newest first."""
        known = self._sites.pop(site, [])
        others = [seen for seen in known if seen[:8] != own.article and seen[8:16] != own.title]
        self._sites[site] = [own.pack(), *others][: self._n_articles]
        if len(self._sites) > self._n_sites:
            self._sites.popitem(last=False)
        return unpack_all(others)


def _repeats(article: Article, own: Sighting, others: Iterable[Sighting], rules: Rules) -> frozenset[int]:
    """The numbers of the blocks to leave out."""
    strange = [other for other in others if not own.is_related(other, rules)]
    if len(strange) < rules.n_others:
        return frozenset()
    keys = [None if block.kind in _KEPT_KINDS else _block_key(block) for block in article.blocks]
    wanted, holders = frozenset(key for key in keys if key is not None), defaultdict[int, list[Sighting]](list)
    for other in strange:
        for key in (wanted & other.blocks) | (wanted & other.asides):
            holders[key].append(other)
    enough = {key for key, found in holders.items() if _are_enough(found, key, rules)}
    return _chosen(article.blocks, [key in enough for key in keys], rules)


def _are_enough(holders: Sequence[Sighting], key: int, rules: Rules) -> bool:
    """True for enough pages of different stories."""
    counted: list[Sighting] = []
    for holder in holders:
        if not any(holder.is_related(other, rules) for other in counted):
            counted.append(holder)
    return len(counted) >= rules.n_others and sum(key in holder.blocks for holder in holders) >= rules.n_in_text


def _chosen(blocks: Sequence[Block], repeated: Sequence[bool], rules: Rules) -> frozenset[int]:
    """Of the blocks that repeat: the long ones, headings before what goes, and what is short beside it."""
    chosen = {
        number
        for number, block in enumerate(blocks)
        if repeated[number] and block.kind != "heading" and weighed_length(key_of(block.text)) >= rules.short
    }
    for number in reversed(range(len(blocks) - 1)):
        if repeated[number] and number + 1 in chosen:
            chosen.add(number)
    for number in range(1, len(blocks)):
        if repeated[number] and number - 1 in chosen and blocks[number].kind != "heading":
            chosen.add(number)
    return frozenset(chosen)


def _asides(page: Page) -> Iterator[int]:
    """Texts of a page that are long enough, no links, and no teasers: those follow on a linked headline."""
    is_teaser = False
    for text in page.texts:
        is_headline, shown = text.is_linked_headline, text.text
        is_short = 3 * len(shown) < SHIPPED.short or (shown.isascii() and len(shown) < SHIPPED.short)
        if not (is_headline or is_teaser or is_short or 2 * text.link_length >= len(shown)):
            key = key_of(shown)
            if weighed_length(key) >= SHIPPED.short:
                yield _key(key)
        is_teaser = is_headline


def _ends(keys: Sequence[int]) -> frozenset[int]:
    """All, or of too many those at the ends."""
    return frozenset(keys if len(keys) <= FIRST + LAST else (*keys[:FIRST], *keys[-LAST:]))


def _block_key(block: Block) -> int | None:
    """None for a block without letters."""
    key = key_of(block.text)
    return _key(key) if key else None


def _key(text: str) -> int:
    return int.from_bytes(_digest(text, 4), "little")


def _title_words(title: str) -> frozenset[int]:
    stems: dict[str, None] = {}
    for word in _WORD.findall(unicodedata.normalize("NFKC", title).casefold()):
        if count_unspaced(word):
            stems |= dict.fromkeys(word[at : at + 2] for at in range(len(word) - 1))
        elif len(word) >= LEAST_WORD:
            stems[word[:STEM]] = None
    return frozenset(int.from_bytes(_digest(stem, 2), "little") for stem in list(stems)[:MAX_WORDS])


def _digest(text: str, size: int) -> bytes:
    return hashlib.blake2b(text.encode(errors="replace"), digest_size=size).digest()


def _links_in(blocks: Iterable[Block]) -> set[str]:
    return {span.url for block in blocks for span in block.spans if span.url}


def _warning(gone: Sequence[Block], rules: Rules) -> str:
    named = "; ".join(f"{block.text[:_TOLD_CHARACTERS]!r}" for block in gone[:_TOLD])
    more = f" and {len(gone) - _TOLD} more" if len(gone) > _TOLD else ""
    return f"blocks: {len(gone)} left out that {rules.n_others} or more other pages of the site have: {named}{more}"
