"""Whole files: known by their bytes, and written whole or not at all.

A reader, or a kill at any moment, finds the old content or the new.
"""

import hashlib
import os
import stat
import uuid
from contextlib import suppress
from pathlib import Path

from .errors import BadInput


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes, hexadecimal, read in pieces: films do not fit in memory."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def user_cache_folder() -> Path:
    """Where equigait keeps for this user what it can make again."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "equigait"


def write_atomically(path: Path, content: bytes | str) -> None:
    """Puts the file in place whole or not at all, and on the disk before it has its name. Text is written as UTF-8, and
    folders that are missing are made.

    A file that lies there already keeps its mode, and its owner and group where the system allows it; one that may not
    be written is not replaced either. A link stays, and the file that it names is written. What is there and no file,
    such as /dev/stdout, is written to directly.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    target = path.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    try:
        with draft.open("xb") as file:
            if target.exists():
                _take_after(target, draft=draft)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    except BaseException as error:
        draft.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename in (None, str(draft)):
            error.filename = str(path)  # a full disk names no file, and the draft is nobody's
        raise


def refuse_link_away(path: Path) -> None:
    """Refuses a link that leads out of its folder, in the place of a file that is written beside what somebody gave.

    Else a data set of strangers would choose what is written over.
    """
    if path.is_symlink() and not path.resolve().is_relative_to(path.parent.resolve()):
        found, expected = f"a link to {path.resolve()}", "a file of this folder, or none yet"
        raise BadInput(path, found=found, expected=expected, remedy="Delete the link.")


def _take_after(target: Path, *, draft: Path) -> None:
    """Gives the draft, still empty, the mode and as far as possible the owner of the file that it will replace."""
    target.open("ab").close()  # refused by the system where the file may not be written
    old = target.stat()
    for user, group in ((old.st_uid, -1), (-1, old.st_gid)):
        with suppress(PermissionError):
            os.chown(draft, user, group)
    draft.chmod(stat.S_IMODE(old.st_mode))
