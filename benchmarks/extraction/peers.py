#!/usr/bin/env python3
"""Run newswire and its peers over the labelled sets, score them, print the table.

usage: python benchmarks/extraction/peers.py [SET ...] [--runs DIR] [--pages N] [--fresh NAME] [--table] [--write]

Peers are no dependencies of newswire: each group of them is installed from its lock into .venv-peers (or --venvs), and
each peer runs in a child process there, asked page by page in turn with the others, so that all meet the same machine;
times are CPU times of the children. Runs are kept as RUNS/peer-NAME-SET.jsonl: stopped and started again, the command
goes on where it was; `--fresh NAME` runs one anew, newswire always is. newswire's bodies are those of
RUNS/folds-SET.jsonl, which train.py writes: by weights that saw no page of the site.
`--write` puts the table into docs/extraction.md, between its marks.
"""

from __future__ import annotations

import argparse
import json
import os
import selectors
import subprocess
import sys
import venv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

import peertable
from measure import RUNS, SHARED

REPOSITORY: Final = Path(__file__).resolve().parents[2]
CHILD: Final = Path(__file__).with_name("peerchild.py")
SETS: Final = (
    "zyte", "fundus", "fundus_eval", "wcxb", "daniel", "htmldate", "trafeval", "postlight", "mozilla", "newspaper4k",
)  # fmt: skip
LOCK_OF_PEER: Final = {
    "trafilatura": "peers",
    "trafilatura precision": "peers",
    "readability-lxml": "peers",
    "newspaper4k": "peers",
    "goose3": "peers",
    "resiliparse": "peers",
    "jusText": "peers",
    "fundus": "peers-fundus",
}
PAGE_S: Final = 120.0  # a peer that takes longer has hung, and is started anew for the next page

Row = dict[str, Any]


@dataclass(kw_only=True)
class Peer:
    """A library in its child process; `missing` says why there is none."""

    name: str
    python: Path
    missing: str = ""
    version: str = ""
    rows: dict[str, Row] = field(default_factory=dict)
    _child: subprocess.Popen[str] | None = None

    def ask(self, page: Row) -> Row:
        """The row of a page."""
        answer = self._exchange(json.dumps(page) + "\n")
        return answer or {"id": page["id"], "error": f"no answer in {PAGE_S:.0f} s, or it crashed"}

    def start(self) -> None:
        """Start the child, once; `missing` tells afterwards if there is none."""
        if self.missing or self._child:
            return
        command = [str(self.python), str(CHILD), self.name]
        self._child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        told = self._exchange("") or {"error": "it does not start"}
        self.missing, self.version = told.get("error", ""), told.get("version", "")

    def stop(self) -> None:
        """End the child."""
        if self._child:
            self._child.kill()
            self._child.communicate()
        self._child = None

    def _exchange(self, line: str) -> Row | None:
        self.start() if line else None
        if self._child is None or self._child.stdin is None or self._child.stdout is None:
            return None
        try:
            self._child.stdin.write(line)
            self._child.stdin.flush()
            answer = _read_line(self._child.stdout)
        except BrokenPipeError:
            answer = ""
        if answer:
            return dict(json.loads(answer))
        self.stop()
        return None


def _read_line(stream: IO[str]) -> str:
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        return stream.readline() if selector.select(PAGE_S) else ""


def main() -> None:
    """Run what has not been run, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", default=SETS, metavar="SET")
    parser.add_argument("--runs", type=Path, default=RUNS)
    parser.add_argument("--venvs", type=Path, default=REPOSITORY / ".venv-peers")
    parser.add_argument("--pages", type=int, default=0, help="the first so many of each set; 0 for all")
    parser.add_argument("--fresh", action="append", default=[], metavar="NAME")
    parser.add_argument("--table", action="store_true", help="run nothing: the table of the runs that are there")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    options.runs.mkdir(parents=True, exist_ok=True)
    peers = [Peer(name="newswire", python=Path(sys.executable))]
    peers += [Peer(name=name, **_environment(lock, options.venvs)) for name, lock in LOCK_OF_PEER.items()]
    for name in () if options.table else options.sets:
        run_set(name, peers, options)
    for peer in peers:
        peer.start()  # for its version, where every page was asked before
        peer.stop()
    told = [peertable.Told(name=peer.name, version=peer.version, missing=peer.missing) for peer in peers]
    table = peertable.render(told, options.sets, options.runs, n_pages=options.pages)
    print(table)
    if options.write:
        peertable.write(table, REPOSITORY / "docs" / "extraction.md")


def run_set(name: str, peers: list[Peer], options: argparse.Namespace) -> None:
    """Ask every peer for each page that its run lacks, page by page in turn."""
    pages = list(pages_of(name))[: options.pages or None]
    for peer in peers:
        is_fresh = peer.name in ("newswire", *options.fresh)
        peer.rows = {} if is_fresh else peertable.read_run(_run_of(peer, name, options.runs))
    for page in pages:
        for peer in peers:
            if page["id"] not in peer.rows:
                peer.start()
                if not peer.missing:
                    peer.rows[page["id"]] = peer.ask(page)
        if all(len(peer.rows) % 50 == 0 for peer in peers):
            _keep(name, peers, options.runs)
    _keep(name, peers, options.runs)
    print(f"{name}: {len(pages)} pages", file=sys.stderr, flush=True)


def pages_of(name: str) -> Iterator[Row]:
    """What a child is told of each page of a set."""
    folder = SHARED / "data" / "extraction" / name
    with (folder / "truth.jsonl").open(encoding="utf-8") as lines:
        for truth in map(json.loads, lines):
            file = folder / "html" / f"{truth['id']}.html.gz"
            yield {"id": truth["id"], "file": str(file), "url": truth["url"].strip()}


def _keep(name: str, peers: list[Peer], runs: Path) -> None:
    for peer in peers:
        if peer.rows:
            lines = [json.dumps(row, ensure_ascii=False) for row in peer.rows.values()]
            _run_of(peer, name, runs).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _run_of(peer: Peer, name: str, runs: Path) -> Path:
    return peertable.run_file(peer.name, name, runs)


def _environment(lock: str, folder: Path) -> Row:
    """The interpreter of a lock's environment, made where it is missing or older than its lock."""
    place, file = folder / lock, REPOSITORY / "requirements" / f"{lock}.lock"
    python, stamp = place / "bin" / "python", place / "installed"
    text = file.read_text(encoding="utf-8")
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != text:
        venv.create(place, with_pip=True, clear=True)
        # A lock names all there is. Without --no-deps pip stumbles over an extra that two of them spell differently.
        command = [str(python), "-m", "pip", "install", "--quiet", "--no-input", "--no-deps", "--require-hashes"]
        environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        done = subprocess.run([*command, "-r", str(file)], capture_output=True, text=True, check=False, env=environment)
        if done.returncode:
            return {"python": python, "missing": (done.stderr.strip().splitlines() or ["pip failed"])[-1][:200]}
        stamp.write_text(text, encoding="utf-8")
    return {"python": python}


if __name__ == "__main__":
    main()
