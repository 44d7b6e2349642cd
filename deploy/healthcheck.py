"""A container's health check: a role in, exit 0 where this container's process of that role beats, else 1.

The beat comes from the process itself every 3 s and is forgotten after 10 s, so it also says that Redis
answers. That work gets done is what the exporter's backlog ages tell.
"""

from __future__ import annotations

import os
import socket
import sys

import redis

from newswire.errors import NewswireError
from newswire.runtime import list_processes
from newswire.settings import load_settings
from newswire.store import Store, connect


def main() -> int:
    """Look for a fresh heartbeat of this host."""
    role = sys.argv[1]
    try:
        settings = load_settings(os.environ)
        client = connect(settings.redis_url)
        beating = [info for info in list_processes(Store(client, settings.shards)) if info.role == role]
    except (NewswireError, redis.RedisError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0 if any(info.host == socket.gethostname() for info in beating) else 1


if __name__ == "__main__":
    sys.exit(main())
