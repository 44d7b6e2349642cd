"""The command `newswire`, also as `python -m newswire`: what a Ctrl-C interrupts before the front door is there."""

import sys


def main() -> None:
    """Open the front door; loading it takes a fifth of a second, in which Ctrl-C is no error of ours either."""
    try:
        from newswire import cli
    except KeyboardInterrupt:
        sys.stderr.write("newswire: stopped\n")
        sys.exit(130)
    cli.main()


if __name__ == "__main__":
    main()
