"""Pages in, how the extraction of each ended out: each in a process of its own, with limits that the kernel keeps.

`python limited.py CPU_SECONDS MEGABYTES`; on stdin a pickled mapping of names to bytes, on stdout a line of JSON a
page: how it ended, or what was raised and how the child died. A child may use that much more memory than a warm
worker has (RLIMIT_DATA), and that much CPU time (RLIMIT_CPU).
"""

from __future__ import annotations

import json
import os
import pickle
import resource
import sys
from datetime import UTC, datetime
from pathlib import Path

from newswire.errors import PermanentError
from newswire.messages import Article
from workers.batch import extract_file
from workers.process import warm_up


def main() -> None:
    """Fork for each page."""
    seconds, megabytes = int(sys.argv[1]), int(sys.argv[2])
    pages: dict[str, bytes] = pickle.load(sys.stdin.buffer)  # noqa: S301  # the test's own
    warm_up()
    for name, body in pages.items():
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            limit = _data_bytes() + (megabytes << 20)
            resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
            _tell(name, _ending(body))
            os._exit(0)
        status = os.waitpid(child, 0)[1]
        if status:
            _tell(name, f"died: {status}")


def _tell(name: str, ending: str) -> None:
    sys.stdout.write(json.dumps({"name": name, "ending": ending}) + "\n")
    sys.stdout.flush()


def _ending(body: bytes) -> str:
    try:
        found = extract_file(body, "https://courier.example/2026/11/20/harbour-opens-again", now=datetime.now(UTC))
    except PermanentError as error:
        return error.reason
    except BaseException as error:  # noqa: BLE001  # whatever comes is told
        return f"raised: {type(error).__name__}: {error}"[:200]
    return "article" if isinstance(found, Article) else found.reason


def _data_bytes() -> int:
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmData:")[1].split()[0]) * 1024


if __name__ == "__main__":
    main()
