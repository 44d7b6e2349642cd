"""Parts of a bulk request: by count and bytes, in order; and a request that the server finds too large."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.backends import open_index
from indexer.backends.elasticsearch_bulk import Action, split
from indexer.document import to_document
from newswire.errors import FailureError, TransientError


def action(position: int, n_bytes: int) -> Action:
    """An action whose two lines have so many bytes, about."""
    return Action(position=position, article_id=str(position), target="t", version=1, source=b"x" * (n_bytes - 150))


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        pytest.param([200] * 5, [[0, 1], [2, 3], [4]], id="by-count"),
        pytest.param([600, 600, 200], [[0], [1, 2]], id="by-bytes"),
        pytest.param([200, 5000, 200], [[0], [1], [2]], id="one-too-large-goes-alone"),
        pytest.param([], [], id="none"),
    ],
)
def test_actions_are_split(sizes, expected):
    """At most two actions and 1000 bytes a part, in order."""
    actions = [action(position, size) for position, size in enumerate(sizes)]

    parts = [[one.position for one in part] for part in split(actions, 2, 1000)]

    assert parts == expected


def test_reader_does_not_write(on_node):
    """What was opened for reading refuses to write."""
    index = open_index(on_node.index_url, Path(), writable=False, options=on_node)

    with pytest.raises(FailureError, match="opened for reading"):
        index.write([])
    index.close()


def test_server_without_tls_is_transient(on_node):
    """A proxy that is starting may answer so: the line says what came instead of TLS, in OpenSSL's words."""
    index = open_index(on_node.index_url.replace("http:", "https:"), Path(), writable=False, options=on_node)

    with pytest.raises(TransientError, match=r"TlsError: .*SSL"):
        index.count()
    index.close()


def test_absent_server_is_transient(on_node, make_article):
    """Nobody listens: the same call may succeed later, for searches and writes alike."""
    index = open_index("http://127.0.0.1:1", Path(), writable=True, options=on_node)
    article = make_article(1)

    with pytest.raises(TransientError, match=r"127\.0\.0\.1:1"):
        index.write([to_document(article, partition="2026-11", version_ms=1, indexed_at=article.fetched_at)])
    with pytest.raises(TransientError):
        index.count()
    index.close()
