"""The embedded engine's own promises: one writer, many readers, kills, a full disk, schema numbers."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from indexer.backends import open_index
from indexer.parser import parse_query
from indexer.query import Query
from indexer.schema import SCHEMA_VERSION
from newswire.errors import ConfigurationError, FailureError, TransientError

# Writes batches for ever and tells each batch that was acknowledged; argv: folder, first number.
WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from indexer.backends import open_index
from indexer.document import to_document
from newswire.messages import Article, Block
from newswire.urls import article_id

def document(number):
    url = f"https://news.example/{number}"
    article = Article(article_id=article_id(url), url=url, canonical_url=url, source_id="s", crawl_id="c",
                      trace_id="t", page_id="p", fetched_at=datetime.now(UTC), title=f"T {number}",
                      blocks=(Block(kind="paragraph", text="word " * 300),))
    return to_document(article, partition="2026-11", version_ms=number, indexed_at=datetime.now(UTC))

index = open_index("tantivy:", Path(sys.argv[1]), writable=True, wait_s=10)
number = int(sys.argv[2])
while True:
    index.write([document(n) for n in range(number, number + 20)])
    number += 20
    print(number, flush=True)
"""


def start_writer(folder: Path, number: int) -> subprocess.Popen[str]:
    """A process that writes until it is killed."""
    return subprocess.Popen([sys.executable, "-c", WRITER, str(folder), str(number)], stdout=subprocess.PIPE, text=True)


def total(folder: Path) -> int:
    """How many articles another process finds."""
    index = open_index("tantivy:", folder, writable=False)
    return index.search(Query(node=parse_query("*"), limit=0)).total


def test_sigkill_while_writing_loses_and_doubles_nothing(tmp_path: Path):
    """After each of several kills every acknowledged article is there, once, and writing goes on."""
    acknowledged = 0

    for n_batches in (1, 3, 6, 2):
        writer = start_writer(tmp_path, acknowledged)
        assert writer.stdout is not None
        for _ in range(n_batches):
            acknowledged = int(writer.stdout.readline())
        writer.send_signal(signal.SIGKILL)
        rest = writer.communicate()[0].split()
        acknowledged = int(rest[-1]) if rest else acknowledged

        found = total(tmp_path)
        assert acknowledged <= found <= acknowledged + 20
    index = open_index("tantivy:", tmp_path, writable=True)
    hits = index.search(Query(node=parse_query("*"), limit=10_000)).hits
    index.close()

    assert len({hit.article.article_id for hit in hits}) == len(hits)
    assert {hit.version for hit in hits} >= set(range(acknowledged))
    assert not list((tmp_path / "index").glob(".tmp*"))


def test_reader_sees_what_another_process_commits(tmp_path: Path):
    """An open reader answers from the newest commit, while the writer writes and merges."""
    writer = start_writer(tmp_path, 0)
    try:
        assert writer.stdout is not None
        first = int(writer.stdout.readline())
        reader = open_index("tantivy:", tmp_path, writable=False)

        counted = [reader.count()["s"]]
        for _ in range(15):
            acknowledged = int(writer.stdout.readline())
            counted.append(reader.count()["s"])
            assert counted[-1] >= acknowledged
    finally:
        writer.kill()
        writer.communicate()

    assert counted[0] >= first
    assert counted == sorted(counted)


def test_second_writer_is_refused_by_name(tmp_path: Path):
    """One process writes; another is told which one, and takes over once it is gone."""
    writer = start_writer(tmp_path, 0)
    try:
        assert writer.stdout is not None
        writer.stdout.readline()

        with pytest.raises(FailureError, match=rf"{tmp_path}.* written by process {writer.pid}"):
            open_index("tantivy:", tmp_path, writable=True)
    finally:
        writer.kill()
        writer.communicate()

    open_index("tantivy:", tmp_path, writable=True, wait_s=5).close()


def test_index_of_another_schema_is_refused_with_advice(tmp_path: Path):
    """An older or newer index is not read wrongly; the message says what to do."""
    open_index("tantivy:", tmp_path, writable=True).close()
    (tmp_path / "index" / "newswire.json").write_text('{"engine":"tantivy","schema":99}')

    for writable in (True, False):
        with pytest.raises(FailureError, match=r"schema 99 .* move the folder away"):
            open_index("tantivy:", tmp_path, writable=writable)


def test_no_index_yet_is_one_clear_line(tmp_path: Path):
    """Searching before the first crawl says so; also where the folder was made and no more."""
    with pytest.raises(FailureError, match=r"no index in .* yet"):
        open_index("tantivy:", tmp_path, writable=False)
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / "newswire.json").write_text(f'{{"engine":"tantivy","schema":{SCHEMA_VERSION}}}')

    with pytest.raises(FailureError, match=r"no index in .* yet"):
        open_index("tantivy:", tmp_path, writable=False)


def test_torn_files_of_the_folder_are_told(tmp_path: Path):
    """A file that is not ours or broken is named, not a traceback."""
    open_index("tantivy:", tmp_path, writable=True).close()
    (tmp_path / "index" / "meta.json").write_text("{")

    with pytest.raises(FailureError, match="cannot be opened"):
        open_index("tantivy:", tmp_path, writable=True)
    (tmp_path / "index" / "newswire.json").write_text("{")

    with pytest.raises(FailureError, match="cannot be read"):
        open_index("tantivy:", tmp_path, writable=False)


@pytest.mark.parametrize("url", ["ftp://es.example", "elastic:", "index", "tantivy://host/path"])
def test_unknown_index_url_is_wrong_configuration(tmp_path: Path, url: str):
    """The message gives examples."""
    with pytest.raises(ConfigurationError, match="examples: tantivy:"):
        open_index(url, tmp_path, writable=True)


def test_missing_library_names_the_line_to_install_it(tmp_path: Path):
    """An image without the engine says what to install."""
    code = (
        "import sys; sys.modules['tantivy'] = None\n"
        "from pathlib import Path\nfrom indexer.backends import open_index\n"
        f"open_index('tantivy:', Path({str(tmp_path)!r}), writable=True)"
    )

    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert "ConfigurationError" in run.stderr
    assert "pip install 'newswire[indexer]'" in run.stderr


def test_index_may_stand_elsewhere(tmp_path: Path):
    """`tantivy:///path` names the folder, escapes and all."""
    open_index(f"tantivy://{tmp_path}/my%20index", Path("/nowhere"), writable=True).close()

    assert (tmp_path / "my index" / "meta.json").exists()


def test_folder_that_cannot_be_made_is_named(tmp_path: Path):
    """A path that cannot be a folder is wrong configuration."""
    (tmp_path / "file").write_text("")

    with pytest.raises(ConfigurationError, match=r"file/index.* cannot be written"):
        open_index("tantivy:", tmp_path / "file", writable=True)


def test_reader_does_not_write(index, tmp_path, make_document):
    """A reader's write is a programming error that says so."""
    reader = open_index("tantivy:", tmp_path, writable=False)

    with pytest.raises(FailureError, match="opened for reading"):
        reader.write([make_document()])


def test_full_disk_is_transient_and_nothing_is_half_written(tmp_path: Path, make_document):
    """With no space the write fails as a whole, names the folder, and succeeds once there is space."""
    index = open_index("tantivy:", tmp_path, writable=True)
    index.write([make_document(0)])
    text = " ".join(os.urandom(4).hex() for _ in range(20_000))  # does not compress: larger than the limit
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)

    resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, limits[1]))  # as a full disk: writes fail with EFBIG
    try:
        for _ in range(2):
            with pytest.raises(TransientError, match=str(tmp_path / "index")):
                index.write([make_document(1), make_document(2, text=text)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert total(tmp_path) == 1
    results = index.write([make_document(1), make_document(2, text=text)])
    assert [result.status for result in results] == ["stored", "stored"]
    assert total(tmp_path) == 3
    index.close()


def test_close_gives_the_lock_back_and_may_be_called_twice(tmp_path: Path, make_document):
    """After close another writer may come at once."""
    index = open_index("tantivy:", tmp_path, writable=True)
    index.write([make_document()])

    index.close()
    index.close()

    open_index("tantivy:", tmp_path, writable=True).close()
