"""The content-addressed store: written once, verified while written, never overwritten."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, Final

from django.conf import settings
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from sen.kernel.errors import InvalidInputError
from sen.kernel.files.backends import backend, incoming
from sen.kernel.files.kinds import HEAD_BYTES, FileKind, kind_of, named_kind

WIDTHS: Final = (160, 480, 1200)
#: Larger pictures are refused before they are decoded (decompression bombs).
MAX_PIXELS: Final = 80_000_000


@dataclass(frozen=True, slots=True)
class Kept:
    """A content in the store."""

    sha256: str
    size: int
    kind: FileKind


def keep(name: str, chunks: Iterable[bytes]) -> Kept:
    """Write a content under its own hash; the same content again costs nothing.

    Raises:
        InvalidInputError: empty, too large, of a kind that is not accepted, or a broken picture.
    """
    named = named_kind(name)
    handle, part = tempfile.mkstemp(dir=incoming(), prefix="part-")
    try:
        with os.fdopen(handle, "wb") as target:
            sha256, size, head = _write(target, chunks, named)
        kind = kind_of(name, head)
        if kind.is_image:
            check_picture(Path(part))
        backend().put(sha256, Path(part))
    finally:
        Path(part).unlink(missing_ok=True)
    return Kept(sha256, size, kind)


def _write(target: IO[bytes], chunks: Iterable[bytes], kind: FileKind) -> tuple[str, int, bytes]:
    digest, size, head = hashlib.sha256(), 0, b""
    for chunk in chunks:
        size += len(chunk)
        if size > kind.max_bytes:
            raise InvalidInputError(
                {"file": _("Tệp lớn hơn %(most)s MB, mức tối đa của tệp %(extension)s.")
                 % {"most": kind.most_mb, "extension": kind.extensions[0]}}
            )  # fmt: skip
        if len(head) < HEAD_BYTES:
            head += chunk[: HEAD_BYTES - len(head)]
        digest.update(chunk)
        target.write(chunk)
    target.flush()
    os.fsync(target.fileno())
    if size == 0:
        raise InvalidInputError({"file": _("Tệp rỗng.")})
    return digest.hexdigest(), size, head


def check_picture(path: Path) -> None:
    """Refuse what is no readable picture of a sane size.

    Raises:
        InvalidInputError: damaged, or too many pixels.
    """
    try:
        with Image.open(path) as picture:
            pixels = picture.width * picture.height
            picture.verify()
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise InvalidInputError({"file": _("Ảnh bị hỏng, không đọc được.")}) from error
    if pixels > MAX_PIXELS:
        raise InvalidInputError({"file": _("Ảnh quá lớn; tối đa 80 triệu điểm ảnh.")})


def picture(sha256: str, width: int) -> bytes:
    """A smaller copy as WebP, upright and without the camera's data (place, owner)."""
    wanted = min((w for w in WIDTHS if w >= width), default=WIDTHS[-1])
    copy = _pictures(sha256) / f"{sha256}-{wanted}.webp"
    if not copy.exists():
        copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with backend().local(sha256) as path, Image.open(path) as source:
            upright = ImageOps.exif_transpose(source).convert("RGB")
            upright.thumbnail((wanted, wanted * 2))
            buffer = BytesIO()
            upright.save(buffer, "WEBP", quality=80)
        part = copy.with_suffix(f".{os.getpid()}.part")
        part.write_bytes(buffer.getvalue())
        part.replace(copy)
    return copy.read_bytes()


def erase(sha256: str) -> None:
    """Take a content and its small copies out of the store."""
    backend().remove(sha256)
    for copy in _pictures(sha256).glob(f"{sha256}-*.webp"):
        copy.unlink(missing_ok=True)


def _pictures(sha256: str) -> Path:
    return Path(settings.MEDIA_ROOT) / "pictures" / sha256[:2]
