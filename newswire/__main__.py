"""`python -m newswire`: the same as the command `newswire`."""

from newswire.cli import main

main()
