"""The content-addressed store: written once, verified while written, never overwritten."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from sen.kernel.errors import InvalidInputError
from sen.kernel.files.kinds import HEAD_BYTES, MAX_BYTES, FileKind, kind_of

WIDTHS: Final = (160, 480, 1200)
#: Larger pictures are refused before they are decoded (decompression bombs).
MAX_PIXELS: Final = 80_000_000


@dataclass(frozen=True, slots=True)
class Kept:
    """A content in the store."""

    sha256: str
    size: int
    kind: FileKind


def path_of(sha256: str) -> Path:
    return Path(settings.MEDIA_ROOT) / "objects" / sha256[:2] / sha256


def keep(name: str, chunks: Iterable[bytes]) -> Kept:
    """Write a content under its own hash; the same content again costs nothing.

    Raises:
        InvalidInputError: empty, too large, of a kind that is not accepted, or a broken picture.
    """
    folder = Path(settings.MEDIA_ROOT) / "objects"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest, size, head = hashlib.sha256(), 0, b""
    handle, part = tempfile.mkstemp(dir=folder, prefix="part-")
    try:
        with os.fdopen(handle, "wb") as target:
            for chunk in chunks:
                size += len(chunk)
                if size > MAX_BYTES:
                    raise InvalidInputError({"file": _("Tệp lớn hơn 100 MB.")})
                head = head or chunk[:HEAD_BYTES]
                digest.update(chunk)
                target.write(chunk)
            target.flush()
            os.fsync(target.fileno())
        if size == 0:
            raise InvalidInputError({"file": _("Tệp rỗng.")})
        kind = kind_of(name, head)
        if kind.is_image:
            check_picture(Path(part))
        final = path_of(digest.hexdigest())
        final.parent.mkdir(exist_ok=True, mode=0o700)
        Path(part).replace(final)
    finally:
        Path(part).unlink(missing_ok=True)
    return Kept(digest.hexdigest(), size, kind)


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
    copy = Path(settings.MEDIA_ROOT) / "pictures" / sha256[:2] / f"{sha256}-{wanted}.webp"
    if not copy.exists():
        copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with Image.open(path_of(sha256)) as source:
            upright = ImageOps.exif_transpose(source).convert("RGB")
            upright.thumbnail((wanted, wanted * 2))
            buffer = BytesIO()
            upright.save(buffer, "WEBP", quality=80)
        part = copy.with_suffix(f".{os.getpid()}.part")
        part.write_bytes(buffer.getvalue())
        part.replace(copy)
    return copy.read_bytes()
