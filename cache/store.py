"""Where a cache lies: one small set of operations on objects, the same for a folder, S3 and memory."""

import errno
import os
import re
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from ..data.errors import BadInput, first_line
from .folder import files_under, read_file, status_of
from .schema import Entry

UNSUPPORTED = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL)
"""How file systems without hard links (exFAT, many of FUSE and SMB), or without syncing of folders, refuse these."""


class CacheUnusable(BadInput):
    """The cache cannot be read or written just now: no recording is at fault."""


class Listed(NamedTuple):
    """An object as a listing describes it: one of very many."""

    path: str
    """Its path in the store."""
    size: int
    """Bytes."""
    version: str
    """Changes whenever the object is written anew; empty where the store gives none."""
    modified: datetime
    """When it was last written, UTC."""


class CacheStore:
    """Objects under one location. Single objects appear whole or not at all, on every kind of store."""

    def __init__(self, location: str, *, objects: ObjectStore | None, folder: Path | None) -> None:
        self.location = location
        """For messages: the folder or URL."""
        self.folder = folder
        """The folder of a local store; None elsewhere."""
        self.known: dict[str, tuple[str, Entry]] = {}
        """Manifest entries parsed already, by path, each with the version of the object that it was."""
        self.older: dict[str, tuple[Entry, ...]] | None = None
        """Manifest entries that earlier releases wrote, by recording; None until they are looked for."""
        self._objects = objects

    def list(self, prefix: str) -> tuple[Listed, ...]:
        """Objects under a prefix, by path."""
        with self._explained("readable"):
            if self.folder is not None:
                found = ((path, status_of(entry)) for path, entry in files_under(self.folder, prefix))
                listed = [Listed(path, *status) for path, status in found if status is not None]
            else:
                objects = obstore.list(self._backend(), prefix=prefix).collect()
                listed = [Listed(o["path"], o["size"], o["e_tag"] or "", o["last_modified"]) for o in objects]
        return tuple(sorted(listed))

    def names(self, prefix: str) -> Iterator[str]:
        """Paths of the objects under a prefix, in no order: a page, or a folder, at a time and nothing else of them."""
        with self._explained("readable"):
            if self.folder is not None:
                yield from (path for path, _ in files_under(self.folder, prefix))
            else:
                for page in obstore.list(self._backend(), prefix=prefix):
                    yield from (one["path"] for one in page)

    def folders(self, prefix: str) -> tuple[str, ...]:
        """Names of the folders right below a prefix, sorted; what lies in them is not listed."""
        with self._explained("readable"):
            if self.folder is not None:
                root = self.folder / prefix
                return tuple(sorted(path.name for path in root.iterdir() if path.is_dir())) if root.is_dir() else ()
            found = obstore.list_with_delimiter(self._backend(), prefix=prefix)["common_prefixes"]
        return tuple(sorted(path.rpartition("/")[2] for path in found))

    def get(self, path: str) -> bytes:
        """The bytes of one object; FileNotFoundError when there is none."""
        with self._explained("readable"):
            if self.folder is not None:
                return read_file(f"{self.folder}/{path}")
            return bytes(obstore.get(self._backend(), path).bytes())

    def exists(self, path: str) -> bool:
        """Whether there is such an object."""
        if self.folder is not None:
            return (self.folder / path).is_file()
        with self._explained("readable"):
            try:
                obstore.head(self._backend(), path)
            except FileNotFoundError:
                return False
        return True

    def put(self, path: str, data: bytes) -> None:
        """Writes one object, in place of any before it."""
        with self._explained("writable"):
            obstore.put(self._backend(), path, data, use_multipart=False)

    def put_once(self, path: str, data: bytes) -> bool:
        """Writes one object unless there is one: whether it did. On a disk the bytes are safe before the name is."""
        if self.folder is not None:
            return self._link_once(path, data, folder=self.folder)
        with self._explained("writable"):
            try:
                obstore.put(self._backend(), path, data, mode="create", use_multipart=False)
            except AlreadyExistsError:
                return False
        return True

    def delete(self, path: str) -> None:
        """Removes one object; one that is gone already is no error."""
        with self._explained("writable"):
            try:
                obstore.delete(self._backend(), path)
            except FileNotFoundError:
                return

    def delete_under(self, prefix: str) -> None:
        """Removes every object under a folder of the store, and on a disk the folder itself."""
        for one in self.list(prefix):
            self.delete(one.path)
        if self.folder is not None:
            shutil.rmtree(self.folder / prefix, ignore_errors=True)  # empty folders, and what killed writes have left

    def settle(self, prefix: str) -> None:
        """Returns when all under a folder of the store would survive a power cut; object stores promise that anyway."""
        if self.folder is None:
            return
        root = self.folder / prefix
        with self._explained("writable"):
            for below in (*root.rglob("*"), root):
                _sync(below)
            for above in root.relative_to(self.folder).parents:
                _sync(self.folder / above)
            _sync(self.folder.parent)

    def name(self, path: str) -> str:
        """An object's full name, for messages."""
        return f"{self.location}{'' if self.location.endswith('/') else '/'}{path}"

    def _backend(self) -> ObjectStore:
        """The object store. A folder is made when first needed: reading a mistyped path makes none."""
        if self._objects is None:
            assert self.folder is not None
            self._objects = LocalStore(self.folder, mkdir=True, automatic_cleanup=False)
        return self._objects

    def _link_once(self, path: str, data: bytes, *, folder: Path) -> bool:
        """The name appears whole or not at all, and what it names has been synced before."""
        staged, target = f"stage/{uuid.uuid4().hex}", folder / path
        self.put(staged, data)
        with self._explained("writable"):
            _sync(folder / staged)
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                if not _name_once(folder / staged, target):
                    return False
            finally:
                self.delete(staged)
            for above in target.relative_to(folder).parents:
                _sync(folder / above)
        return True

    @contextmanager
    def _explained(self, need: str) -> Iterator[None]:
        """Turns what a file system or object store refuses into one line; an object to read that is missing stays
        FileNotFoundError."""
        try:
            yield
        except AlreadyExistsError:
            raise
        except (OSError, BaseError) as error:
            if isinstance(error, FileNotFoundError) and need == "readable":
                raise
            raise CacheUnusable(
                self.location,
                found=_answer(error),
                expected=f"a {need} cache",
                remedy="Check the path, permissions, free space, and for a bucket its name, credentials and region.",
            ) from error


def open_store(location: str | Path) -> CacheStore:
    """The cache at a folder, or at a URL that obstore knows, such as `s3://bucket/prefix` or `memory://`.

    A folder need not exist; writing makes it. Every opened `memory://` is a store of its own.
    """
    if isinstance(location, str) and "://" in location:
        try:
            return CacheStore(location, objects=from_url(location), folder=None)
        except (BaseError, ValueError, OSError) as error:
            raise BadInput(
                location,
                found=first_line(error),
                expected="a folder, or a URL such as s3://bucket/prefix",
                remedy="Correct the location of the cache.",
            ) from error
    folder = Path(location).expanduser().absolute()
    if folder.exists() and not folder.is_dir():
        raise BadInput(folder, found="a file", expected="a folder", remedy="Give the folder that holds the cache.")
    return CacheStore(str(location), objects=None, folder=folder)


def _answer(error: BaseException) -> str:
    """What went wrong in a line: code and message where a bucket's server answered with them."""
    answer = re.search(r"<Code>(.+?)</Code>\s*<Message>(.+?)</Message>", str(error), re.DOTALL)
    return " ".join(": ".join(answer.groups()).split()) if answer else first_line(error)


def _name_once(staged: Path, target: Path) -> bool:
    """Gives a file its final name unless that is taken: whether it did.

    A hard link decides between writers that race. Where there are none the name is checked, then renamed to: of two
    writers in the moment between, both count as first and the later one's file stays. Each names a whole
    segment of one content, so readers see nothing of it; the other's objects are orphans, which `gc` removes.
    """
    try:
        os.link(staged, target)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in UNSUPPORTED:
            raise
        if target.exists():
            return False
        staged.replace(target)
    return True


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if not (path.is_dir() and error.errno in UNSUPPORTED):
            raise
    finally:
        os.close(descriptor)
