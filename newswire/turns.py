"""Turns at an address: how many requests one machine gets at once, whatever names it has, over all crawlers.

Hosts that share an address are leased one by one; without this, a hundred of them would be a hundred requests at once
to one machine. A turn that is not given back (its crawler was killed) ends at its deadline.
"""

from __future__ import annotations

from newswire.store import Store


class Turns:
    """Those of all addresses. Blocking."""

    def __init__(self, store: Store, *, limit: int, hold_s: float) -> None:
        """`limit` turns an address, each for at most `hold_s` seconds."""
        self._store = store
        self._limit = limit
        self._hold_ms = round(hold_s * 1000)

    def take(self, address: str, token: str) -> bool:
        """Take a turn under a name of one's own; False where all are taken. Taken twice it is one, for longer."""
        return bool(self._store.run_in("address_take", _prefix(address), token, self._limit, self._hold_ms))

    def give_back(self, address: str, token: str) -> None:
        """End a turn; one that has ended is no error."""
        self._store.client.zrem(f"{_prefix(address)}busy", token)


def _prefix(address: str) -> str:
    return f"newswire:{{{address}}}:"
