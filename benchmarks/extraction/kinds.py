"""A kind of page and a size in, the bytes of a made-up page of that kind out: what real pages have a lot of.

Each kind is written as real pages of it are: a head, a story, and much of one thing. The same kind and size give the
same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import count
from typing import Final

_WORDS: Final = (
    "harbour", "council", "ferry", "morning", "storm", "island", "winter", "budget", "engineer", "bridge", "mayor",
    "market", "station", "teacher", "letter", "river", "company", "village", "doctor", "school", "evening", "weather",
    "traffic", "library", "player", "garden", "season", "report", "minister", "coast",
)  # fmt: skip
_STORY: Final = (
    "<h1>Harbour opens again after a week of storms</h1><p class=byline>By <a rel=author href=/ida>Ida Brandt</a>"
    "<time datetime=2026-11-20T10:00:00Z>20 November 2026</time></p>"
    "<p>The harbour opened again on Friday after a week of storms, and the first ferries left for the islands.</p>"
    "<p>The engineers want to look at every crane before Monday, the harbour master said in the morning.</p>"
)


def sentence(number: int) -> str:
    """Some twelve words, another for each number."""
    words = [_WORDS[(number * 7 + place * (3 + number % 11)) % len(_WORDS)] for place in range(12)]
    return f"{words[0].title()} {' '.join(words[1:])} {number}."


def page(kind: str, n_bytes: int) -> bytes:
    """A page of a kind, as long as asked or one piece longer."""
    make = KINDS[kind]
    if make in _WHOLE:
        middle = make(n_bytes)
    else:
        pieces, size = [], 0
        for number in count():
            pieces.append(make(number))
            size += len(pieces[-1].encode())
            if size >= n_bytes:
                break
        middle = "".join(pieces)
    return (
        f"<!doctype html><html lang=en><head><meta charset=utf-8><title>Harbour opens again</title></head><body><main>"
        f"<article>{_STORY}{middle}</article></main></body></html>"
    ).encode()


def _state(number: int) -> dict[str, object]:
    return {"id": number, "headline": sentence(number), "url": f"/story/{number}", "tags": ["harbour", str(number)]}


def _json(kind: str, wrap: Callable[[list[dict[str, object]]], object]) -> Callable[[int], str]:
    def make(n_bytes: int) -> str:
        each = len(json.dumps(_state(1000)))
        return f"<script type='{kind}'>{json.dumps(wrap([_state(n) for n in range(n_bytes // each + 1)]))}</script>"

    return make


def _long_text(n_bytes: int) -> str:
    return "<p>" + " ".join(sentence(number) for number in range(n_bytes // 80 + 1)) + "</p>"


def _attribute(n_bytes: int) -> str:
    return f"<div data-state='{_long_text(n_bytes)[3:-4]}'></div>"


def _image(n_bytes: int) -> str:
    return f"<img alt=map src='data:image/png;base64,{'iVBORw0KGgoAAAANSUhEUg' * (n_bytes // 22)}'>"


def _no_spaces(n_bytes: int) -> str:
    return "<p>" + "iVBORw0KGgoAAAANSUhEUg" * (n_bytes // 22) + "</p>"


def _digits(n_bytes: int) -> str:
    return "<p>" + " ".join(f"{n % 28 + 1}.{n % 12 + 1}.{2000 + n % 26}" for n in range(n_bytes // 10)) + "</p>"


def _deep(number: int) -> str:
    return "<div class=box>" * 150 + f"<p>{sentence(number)}</p>" + "</div>" * 150


def _linked_article(stories: list[dict[str, object]]) -> dict[str, object]:
    text = " ".join(str(story["headline"]) for story in stories)
    return {"@context": "https://schema.org", "@type": "NewsArticle", "headline": "Harbour opens", "articleBody": text}


_of_json: Final = _json("application/json", lambda stories: {"props": {"stories": stories}})
_of_graph: Final = _json("application/ld+json", lambda stories: {"@graph": [{"@type": "Thing", **s} for s in stories]})
_of_body: Final = _json("application/ld+json", _linked_article)
_of_state: Final = _json("text/javascript", lambda stories: stories)

KINDS: Final[dict[str, Callable[[int], str]]] = {
    "long text": _long_text,
    "paragraphs": lambda n: f"<p>{sentence(n)} {sentence(n + 1)} {sentence(n + 2)}</p>\n",
    "breaks": lambda n: f"{sentence(n)}<br><br>\n",
    "Chinese": lambda n: f"<p>港口在经历了一周的风暴之后于星期五重新开放，第{n}艘渡轮在中午时分驶往群岛。</p>\n",
    "no spaces": _no_spaces,
    "entities": lambda n: f"<p>{'&eacute;&amp;&#8217;&nbsp;' * 10}{sentence(n)}</p>\n",
    "days in text": _digits,
    "links": lambda n: f"<a class=teaser href='/2026/11/20/story-{n}'>{sentence(n)}</a>\n",
    "teasers": lambda n: (
        f"<article class='card card-{n}'><a href=/story/{n}><h3>{sentence(n)}</h3></a><time>20 November 2026</time>"
        f"<p>{sentence(n + 1)}</p></article>\n"
    ),
    "comments of readers": lambda n: (
        f"<li class='comment' id=c{n}><b class=author>Reader {n}</b><time datetime=2026-11-20>yesterday</time>"
        f"<p>{sentence(n)}</p></li>\n"
    ),
    "live blog": lambda n: (
        f"<div class=post id=p{n}><time datetime=2026-11-20T10:{n % 60:02}:00Z>10:{n % 60:02}</time>"
        f"<h2>{sentence(n)}</h2><p>{sentence(n + 1)} {sentence(n + 2)}</p></div>\n"
    ),
    "tables": lambda n: "<table>" + f"<tr><td>{n}</td><td>{sentence(n)}</td><td>{n * 7}</td></tr>" * 8 + "</table>\n",
    "one table": lambda n: f"<tr><td>{n}<td>{sentence(n)}<td>{n * 7}</tr>\n",
    "lists": lambda n: f"<ul><li>{sentence(n)}<ul><li>{sentence(n + 1)}</ul></ul>\n",
    "quotes": lambda n: f"<blockquote><p>{sentence(n)}</p><cite>Speaker {n}</cite></blockquote>\n",
    "pictures": lambda n: (
        f"<figure><img src=/picture/{n}.jpg alt='{sentence(n)}'><figcaption>{sentence(n)} Photo: Ida Brandt"
        "</figcaption></figure>\n"
    ),
    "spans": lambda n: f"<span class=s{n}>{sentence(n)}</span> <b>x</b> <i>y</i>\n",
    "headings": lambda n: f"<h2 id=h{n}>{sentence(n)}</h2>\n",
    "forms": lambda n: f"<select name=s{n}><option value={n}>{sentence(n)}<option>x</select><input name=i{n}>\n",
    "drawings": lambda n: f"<svg viewBox='0 0 9 9'><path d='{'M0 0L9 9' * 20}'/><text>{sentence(n)}</text></svg>\n",
    "metas": lambda n: f"<meta property='article:tag' content='{sentence(n)}'>\n",
    "bylines": lambda n: f"<p class='byline author'>By <span class=name>Ida Brandt{n}</span></p>\n",
    "times": lambda n: f"<time class=date datetime='2026-11-{n % 28 + 1:02}T10:00:00Z'>{n % 28 + 1} November</time>\n",
    "scripts": lambda n: f"<script>window.queue=window.queue||[];queue.push({json.dumps(_state(n))});</script>\n",
    "scripts with tags": lambda n: f"<script>document.write('<div class=ad><p>{sentence(n)}<\\/p>');</script>\n",
    "styles": lambda n: f"<style>.c{n}>a:hover{{color:#{n % 4096:03x};background:url(/x{n}.png)}}</style>\n",
    "comments in markup": lambda n: f"<!-- {sentence(n)} <p>{sentence(n)}</p> -->\n",
    "state": _of_json,
    "state in a script": _of_state,
    "graph of JSON-LD": _of_graph,
    "body in JSON-LD": _of_body,
    "long attribute": _attribute,
    "attributes": lambda n: f"<div {' '.join(f'data-a{k}={n}' for k in range(40))}>{sentence(n)}</div>\n",
    "picture in an attribute": _image,
    "nested": _deep,
    "unclosed": lambda n: f"<p>{sentence(n)}<li>{sentence(n + 1)}\n",
    "white space": lambda n: f"<p>{sentence(n)}</p>{' ' * 400}\n{chr(9) * 100}",
    "text in boxes": lambda n: f"<div class='row-{n} grid'><div class=col><div>{sentence(n)}</div></div></div>\n",
}
_WHOLE: Final = frozenset(
    {_long_text, _no_spaces, _digits, _of_json, _of_graph, _of_body, _of_state, _attribute, _image}
)
