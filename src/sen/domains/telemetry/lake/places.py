"""Where the files of the lake lie: a folder, or a bucket of an S3-compatible server.

Programs read Parquet from paths of this machine; files of a bucket are kept in a cache under
their hash while they are read.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

import obstore
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from obstore.store import S3Store

_CHUNK: Final = 1 << 20


class Place(Protocol):
    """What a place of Parquet files can do; paths are relative to it."""

    name: str

    def put(self, path: str, source: Path) -> None:
        """Take the file in; it is there, whole and on the disk, when this returns."""

    def fetch(self, path: str, sha256: str) -> Path:
        """A path on this machine under which the file may be read.

        Raises:
            FileNotFoundError: it is not there.
        """

    def remove(self, path: str) -> None:
        """Erase the file; nothing happens when it is gone already."""


class Folder:
    """A folder of this machine; hive layout, so that other programs read it as it is."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.name = str(root)

    def put(self, path: str, source: Path) -> None:
        final = self.root / path
        final.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = final.with_suffix(".part")
        shutil.copyfile(source, part)
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(final)
        folder = os.open(final.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def fetch(self, path: str, sha256: str) -> Path:
        found = self.root / path
        if not found.is_file():
            raise FileNotFoundError(path)
        return found

    def remove(self, path: str) -> None:
        found = self.root / path
        found.unlink(missing_ok=True)
        if found.parent.is_dir() and not any(found.parent.iterdir()):
            found.parent.rmdir()


class Bucket:
    """``s3://<bucket>/<prefix>/observations/day=…/….parquet`` with a cache on this machine."""

    def __init__(self, bucket: str, prefix: str, cache: Path, **options: Any) -> None:
        self.name = f"s3://{bucket}/{prefix}".rstrip("/")
        self.prefix = prefix
        self.cache = cache
        self.store = S3Store(bucket, **options)

    def key(self, path: str) -> str:
        return "/".join(filter(None, (self.prefix, path)))

    def put(self, path: str, source: Path) -> None:
        obstore.put(self.store, self.key(path), source)

    def fetch(self, path: str, sha256: str) -> Path:
        kept = self.cache / f"{sha256}.parquet"
        if not kept.is_file():
            self.cache.mkdir(parents=True, exist_ok=True, mode=0o700)
            part = self.cache / f"{sha256}.{os.getpid()}.part"
            with part.open("wb") as target:
                for chunk in obstore.get(self.store, self.key(path)).stream(min_chunk_size=_CHUNK):
                    target.write(bytes(chunk))
            part.replace(kept)
        return kept

    def remove(self, path: str) -> None:
        obstore.delete(self.store, self.key(path))


def file_sum(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def work_folder() -> Path:
    """Where files are written before they are taken in, and where sorting spills."""
    folder = Path(settings.SEN_LAKE_WORK)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def place() -> Place:
    """The place that the setting ``SEN_LAKE`` names.

    Raises:
        ImproperlyConfigured: the setting is neither empty, a folder nor ``s3://…``.
    """
    address = settings.SEN_LAKE
    if not address.startswith("s3://"):
        return Folder(Path(address))
    parts = urlsplit(address)
    if not parts.netloc:
        raise ImproperlyConfigured(f"SEN_LAKE={address!r}: expected s3://<bucket>/<prefix>")
    endpoint = str(settings.SEN_S3["endpoint"])
    return Bucket(
        parts.netloc,
        parts.path.strip("/"),
        work_folder() / "cache",
        endpoint=endpoint or None,
        region=settings.SEN_S3["region"],
        access_key_id=settings.SEN_S3["key_id"],
        secret_access_key=settings.SEN_S3["secret"],
        virtual_hosted_style_request=False,
        client_options={"allow_http": endpoint.startswith("http://")},
    )
