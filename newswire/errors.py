"""Every error of ours, as a tree; in: a cause, out: what the shell must do about it.

NewswireError
├── ConfigurationError   stop at start, exit 2; names the setting, its value and an example
├── FailureError         stop, exit 1; one line that names the thing
├── TransientError       try again with back-off
└── PermanentError       never again: dead letter, with `reason`
"""

from __future__ import annotations


class NewswireError(Exception):
    """Root of the tree; never raised itself."""


class ConfigurationError(NewswireError):
    """A setting or argument is wrong; nothing was started. Exit code 2."""


class FailureError(NewswireError):
    """The command cannot go on (site down, folder in use, disk full). Exit code 1."""


class TransientError(NewswireError):
    """The same call may succeed later; the item keeps its lease or is retried with back-off."""


class PermanentError(NewswireError):
    """The same call will never succeed; the item becomes a dead letter with this reason."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail
