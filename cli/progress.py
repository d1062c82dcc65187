"""What a command says while it works, apart from its results."""

import sys


def tell(line: str) -> None:
    """Shows what is being done: on standard error."""
    print(line, file=sys.stderr, flush=True)
