"""Where contents lie: a folder of this machine, or a bucket of an S3-compatible server.

Both keep a content under its SHA-256 and never overwrite one.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from pathlib import Path
from typing import IO, Any, Protocol
from urllib.parse import urlsplit

import obstore
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from obstore.store import S3Store


class Backend(Protocol):
    """What a place of contents can do."""

    name: str

    def put(self, sha256: str, source: Path) -> None:
        """Take the file at ``source`` in under its hash; it is moved or copied."""

    def exists(self, sha256: str) -> bool: ...

    def open(self, sha256: str) -> IO[bytes]:
        """The content as a stream.

        Raises:
            FileNotFoundError: it is not there.
        """

    def local(self, sha256: str) -> AbstractContextManager[Path]:
        """A path on this machine under which programs may read the content for a while."""

    def remove(self, sha256: str) -> None:
        """Erase the content; nothing happens when it is gone already."""


class LocalBackend:
    """``<folder>/ab/abcdef…``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = str(folder)

    def path(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256

    def put(self, sha256: str, source: Path) -> None:
        final = self.path(sha256)
        final.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        source.replace(final)

    def exists(self, sha256: str) -> bool:
        return self.path(sha256).is_file()

    def open(self, sha256: str) -> IO[bytes]:
        return self.path(sha256).open("rb")

    @contextmanager
    def local(self, sha256: str) -> Iterator[Path]:
        path = self.path(sha256)
        if not path.is_file():
            raise FileNotFoundError(sha256)
        yield path

    def remove(self, sha256: str) -> None:
        self.path(sha256).unlink(missing_ok=True)


class S3Backend:
    """``s3://<bucket>/<prefix>/ab/abcdef…`` of any server that speaks S3."""

    def __init__(self, bucket: str, prefix: str, **options: Any) -> None:
        self.name = f"s3://{bucket}/{prefix}".rstrip("/")
        self.prefix = prefix
        self.store = S3Store(bucket, **options)

    def key(self, sha256: str) -> str:
        return "/".join(filter(None, (self.prefix, sha256[:2], sha256)))

    def put(self, sha256: str, source: Path) -> None:
        if not self.exists(sha256):
            obstore.put(self.store, self.key(sha256), source)

    def exists(self, sha256: str) -> bool:
        try:
            obstore.head(self.store, self.key(sha256))
        except FileNotFoundError:
            return False
        return True

    def open(self, sha256: str) -> IO[bytes]:
        stream = tempfile.TemporaryFile(dir=incoming())  # noqa: SIM115  the caller closes it
        self._fetch(sha256, stream)
        return stream

    @contextmanager
    def local(self, sha256: str) -> Iterator[Path]:
        handle, name = tempfile.mkstemp(dir=incoming(), prefix="s3-")
        try:
            with os.fdopen(handle, "wb") as target:
                self._fetch(sha256, target)
            yield Path(name)
        finally:
            Path(name).unlink(missing_ok=True)

    def remove(self, sha256: str) -> None:
        obstore.delete(self.store, self.key(sha256))

    def _fetch(self, sha256: str, target: IO[bytes]) -> None:
        for chunk in obstore.get(self.store, self.key(sha256)).stream(min_chunk_size=1024**2):
            target.write(bytes(chunk))
        target.flush()
        target.seek(0)


def incoming() -> Path:
    """Where contents lie while they arrive and while programs look at them."""
    folder = Path(settings.MEDIA_ROOT) / "incoming"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def backend() -> Backend:
    """The place that the settings name."""
    return _made(settings.SEN_FILE_STORE, str(settings.MEDIA_ROOT))


@cache
def _made(address: str, media_root: str) -> Backend:
    if not address:
        return LocalBackend(Path(media_root) / "objects")
    parts = urlsplit(address)
    if parts.scheme != "s3" or not parts.netloc:
        raise ImproperlyConfigured(
            f"SEN_FILE_STORE={address!r}: expected s3://<bucket>/<prefix>, or nothing for "
            "the folder of this machine"
        )
    endpoint = str(settings.SEN_S3["endpoint"])
    return S3Backend(
        parts.netloc,
        parts.path.strip("/"),
        endpoint=endpoint or None,
        region=settings.SEN_S3["region"],
        access_key_id=settings.SEN_S3["key_id"],
        secret_access_key=settings.SEN_S3["secret"],
        virtual_hosted_style_request=False,
        client_options={"allow_http": endpoint.startswith("http://")},
    )
