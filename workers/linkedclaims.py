"""Nodes of JSON-LD in, their claims out, into the collector. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from workers.collector import Collector
from workers.jsonld import LinkedData, texts_of, types_of


def read_article(node: dict[str, Any], found: Collector) -> None:
    """What the node of the page's article tells."""
    for key, name in (
        ("headline", "title"),
        ("name", "title"),
        ("description", "description"),
        ("datePublished", "published"),
        ("dateCreated", "created"),
        ("dateModified", "modified"),
        ("articleSection", "section"),
        ("inLanguage", "language"),
    ):
        for text in texts_of(node.get(key), "name", "@value", "alternateName"):
            found.add(name, text, f"json-ld:{key}")
    for text in texts_of(node.get("keywords"), "name", "@value"):
        found.add("tags", text, "json-ld:keywords")
    for text in texts_of(node.get("image") or node.get("thumbnailUrl"), "url", "contentUrl", "@id"):
        found.add("image", text, "json-ld:image")
    free = node.get("isAccessibleForFree")
    if isinstance(free, bool | str):
        found.add("free", str(free), "json-ld:isAccessibleForFree")


def read_page_dates(linked: LinkedData, found: Collector) -> None:
    """Where no article is described: of the page, or of the video or recipe that it is."""
    for node in linked.nodes:
        told = node.get("datePublished") or node.get("uploadDate")
        if told and not {"WebSite", "ImageObject", "Comment"} & set(types_of(node)):
            for text in texts_of(told)[:1]:
                found.add("created", text, "json-ld:datePublished")


def read_authors(linked: LinkedData, found: Collector) -> None:
    """Of the article's node; else of the page's; names told by reference are looked up among all nodes."""
    named = {str(node["@id"]): node for node in linked.nodes if isinstance(node.get("@id"), str) and "name" in node}
    nodes = [linked.article] if linked.article is not None else []
    nodes += [node for node in linked.nodes if ("author" in node or "creator" in node) and "WebPage" in types_of(node)]
    for node in nodes:
        for key in ("author", "creator"):
            for text, is_outlet in _people(node.get(key), named):
                found.add("author_outlet" if is_outlet else "authors", text, f"json-ld:{key}")
        if found.claims["authors"]:
            return


def _people(value: Any, named: dict[str, dict[str, Any]]) -> Iterator[tuple[str, bool]]:
    """Names, each with whether an organisation bears it."""
    for item in value[:100] if isinstance(value, list) else [value]:
        person = named.get(str(item.get("@id")), item) if isinstance(item, dict) and "name" not in item else item
        is_outlet = isinstance(person, dict) and "Organization" in str(person.get("@type"))
        if is_outlet and isinstance(person, dict) and "Person" in types_of(person):
            is_outlet = False
        for text in texts_of(person, "name", "alternateName"):
            yield text, is_outlet
