"""The door: `equigait-cli <command>`. Ctrl+C ends it in one line and exit code 130, from its first moment on."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

INTERRUPTED = 128 + signal.SIGINT
"""The exit code of a command that a person stopped, as shells have it."""
IMPORT_SYSTEM = "<frozen importlib._bootstrap>"
AGAIN_SECONDS = 0.05


def main() -> None:
    """Run the command line; the console script `equigait-cli` calls this."""
    with _interruptible():
        from .app import run  # within: its modules take a while

        run()


@contextmanager
def _interruptible() -> Iterator[None]:
    """Turns an interrupt (SIGINT) into a line and an exit code, once what is being imported is there.

    Amid an import it may strike where the import system drops exceptions, and the command would go on as if nobody had
    asked. An interrupt that the caller ignores (`nohup`) or takes itself stays the caller's.
    """
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, _interrupt)
    try:
        yield
    except (KeyboardInterrupt, SystemExit) as end:
        if isinstance(end, SystemExit) and end.code != INTERRUPTED:
            raise
        print("equigait-cli: interrupted: what was finished is kept; run the same command again", file=sys.stderr)
        raise SystemExit(INTERRUPTED) from None
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _interrupt(_number: int, frame: FrameType | None) -> None:
    while frame is not None:
        if frame.f_code.co_filename == IMPORT_SYSTEM:
            main_thread = threading.main_thread().ident
            again = threading.Timer(AGAIN_SECONDS, signal.pthread_kill, (main_thread, signal.SIGINT))
            again.daemon = True
            again.start()
            return
        frame = frame.f_back
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
