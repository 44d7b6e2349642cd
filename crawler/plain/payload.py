"""A Scrapy request in, JSON text out, and back: what Scrapy's own `to_dict` holds, exactly, and never pickle.

What JSON has no word for (bytes, tuples, sets, times, items, keys that are no text) is written as an
object with one key that begins with `$`; anything else is refused by name.
"""

from __future__ import annotations

import dataclasses
import math
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Final

import msgspec
from scrapy import Item, Request, Spider
from scrapy.utils.misc import load_object
from scrapy.utils.request import request_from_dict

from newswire.errors import PermanentError

LEASE_KEY: Final = "newswire_lease"  # of the lease that a request is sent under
PARENT_KEY: Final = "newswire_parent"  # of the lease whose answer the request was found in
_OURS: Final = frozenset((LEASE_KEY, PARENT_KEY))
_DEFAULTS: Final[dict[str, Any]] = {
    "method": "GET", "body": b"", "cookies": {}, "meta": {}, "encoding": "utf-8", "priority": 0,
    "dont_filter": False, "errback": None, "callback": None, "flags": [], "cb_kwargs": {}, "headers": {},
}  # fmt: skip
_MAX_INT: Final = 2**63 - 1
_MAX_DEPTH: Final = 50


class UnserialisableError(PermanentError):
    """A request holds what cannot wait in Redis; the message names the request, the field and the value."""


class Packer:
    """Requests of one spider as JSON text, and back."""

    def __init__(self, spider: Spider) -> None:
        self._spider = spider
        self._names: dict[Any, str] = {}  # function → name of the spider's method; Scrapy searches all each time

    def pack(self, request: Request) -> str:
        """The request as JSON. UnserialisableError where it holds what JSON cannot."""
        try:
            values = self._values(request)
            packed = {key: _pack(value, key, 0) for key, value in values.items()}
            return msgspec.json.encode(packed).decode()
        except (ValueError, TypeError) as error:  # Scrapy's words for a callback that is no method, and ours
            raise UnserialisableError("unserialisable", f"{request}: {error}") from error

    def unpack(self, payload: str) -> Request:
        """The request again. PermanentError("bad_message") where this spider cannot take it."""
        try:
            values = {key: _unpack(value) for key, value in msgspec.json.decode(payload).items()}
            return request_from_dict(values, spider=self._spider)
        except (msgspec.DecodeError, ValueError, TypeError, KeyError, AttributeError, ImportError, NameError) as error:
            raise PermanentError("bad_message", f"{type(error).__name__}: {error}") from error

    def _values(self, request: Request) -> dict[str, Any]:
        kind = type(request)
        if kind.to_dict is not Request.to_dict:  # it has more to say
            values = request.to_dict(spider=self._spider)
        else:
            values = {name: getattr(request, name) for name in kind.attributes}
            values["callback"] = self._name_of(request, request.callback)
            values["errback"] = self._name_of(request, request.errback)
            values["headers"] = dict(request.headers)
            if kind is not Request:
                values["_class"] = f"{kind.__module__}.{kind.__name__}"
        meta = values.get("meta")
        if meta and not _OURS.isdisjoint(meta):
            values["meta"] = {key: value for key, value in meta.items() if key not in _OURS}
        return {key: value for key, value in values.items() if key not in _DEFAULTS or value != _DEFAULTS[key]}

    def _name_of(self, request: Request, method: Callable[..., Any] | None) -> str | None:
        if method is None:
            return None
        function = getattr(method, "__func__", None)
        if function not in self._names:
            values = Request(request.url, callback=method).to_dict(spider=self._spider)
            self._names[function] = values["callback"]
        return self._names[function]


def _pack(value: Any, where: str, depth: int) -> Any:  # noqa: C901  # one line a type
    kind = type(value)
    if value is None or kind is bool or isinstance(value, str):
        return value if (kind is not str and value is None) or kind in (str, bool) else str(value)
    if kind is int:
        return value if -_MAX_INT <= value <= _MAX_INT else {"$int": str(value)}
    if kind is float:
        return value if math.isfinite(value) else {"$float": repr(value)}
    if depth > _MAX_DEPTH:
        raise ValueError(f"{where} is nested deeper than {_MAX_DEPTH}")
    depth += 1
    if kind is dict:
        if all(type(key) is str and not key.startswith("$") for key in value):
            return {key: _pack(item, f"{where}[{key!r}]", depth) for key, item in value.items()}
        pairs = [(key, item, f"{where}[{key!r}]") for key, item in value.items()]
        return {"$pairs": [[_pack(key, at, depth), _pack(item, at, depth)] for key, item, at in pairs]}
    if kind is list:
        return [_pack(item, f"{where}[{i}]", depth) for i, item in enumerate(value)]
    if kind is bytes:
        return {"$bytes": b64encode(value).decode()}
    if kind in (tuple, set, frozenset):
        return {f"${kind.__name__}": [_pack(item, f"{where}[{i}]", depth) for i, item in enumerate(value)]}
    if kind is datetime:
        return {"$datetime": [value.isoformat(), value.fold]}
    if kind is date:
        return {"$date": value.isoformat()}
    if fields := _fields_of(value):
        return {"$item": [f"{kind.__module__}.{kind.__qualname__}", _pack(fields[0], where, depth)]}
    raise ValueError(
        f"{where} holds a {kind.__module__}.{kind.__qualname__}, which cannot wait in Redis; "
        "put text, numbers, lists, dicts, bytes, times or items there"
    )


def _fields_of(value: Any) -> tuple[dict[str, Any]] | None:
    """The fields of an item, or nothing where it is none."""
    if isinstance(value, Item):
        return (dict(value),)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return ({field.name: getattr(value, field.name) for field in dataclasses.fields(value) if field.init},)
    return None


def _unpack(value: Any) -> Any:
    if type(value) is list:
        return [_unpack(item) for item in value]
    if type(value) is not dict:
        return value
    if len(value) == 1:
        ((tag, inner),) = value.items()
        if tag.startswith("$"):
            return _TAGS[tag](inner)
    return {key: _unpack(item) for key, item in value.items()}


def _unpack_item(inner: Any) -> Any:
    path, fields = inner
    kind = load_object(path)
    if not (isinstance(kind, type) and (issubclass(kind, Item) or dataclasses.is_dataclass(kind))):
        raise ValueError(f"{path} is no item")
    return kind(**_unpack(fields))


_TAGS: Final[dict[str, Callable[[Any], Any]]] = {
    "$int": int,
    "$float": float,
    "$bytes": b64decode,
    "$tuple": lambda inner: tuple(_unpack(inner)),
    "$set": lambda inner: set(_unpack(inner)),
    "$frozenset": lambda inner: frozenset(_unpack(inner)),
    "$datetime": lambda inner: datetime.fromisoformat(inner[0]).replace(fold=inner[1]),
    "$date": date.fromisoformat,
    "$pairs": lambda inner: {_unpack(key): _unpack(item) for key, item in inner},
    "$item": _unpack_item,
}
