"""Pictures of pages, drawn once and kept until space is needed."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

from django.conf import settings

from sen.domains.digitisation.adapters import steps
from sen.kernel.files.backends import backend

WIDTHS: Final = (360, 1100, 1800)
MAX_BYTES: Final = 2 * 1024**3


def folder() -> Path:
    return Path(settings.SEN_VAR) / "page-pictures"


def path_of(sha256: str, page: int, width: int, rotation: int) -> Path:
    name = f"{sha256}-{page}-{width}{f'-{rotation}' if rotation else ''}.webp"
    return folder() / sha256[:2] / name


def picture(sha256: str, mime: str, page: int, *, width: int, rotation: int = 0) -> bytes:
    """A page of a content as WebP, at least ``width`` wide where that is offered.

    Raises:
        ConfinedError: it cannot be drawn.
        FileNotFoundError: the content is gone.
    """
    wanted = min((w for w in WIDTHS if w >= width), default=WIDTHS[-1])
    kept = path_of(sha256, page, wanted, rotation)
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = kept.with_suffix(f".{os.getpid()}.part")
        with backend().local(sha256) as path:
            steps.render(path, mime, page, width=wanted, rotation=rotation, out=part)
        part.replace(kept)
    return kept.read_bytes()


def keep_thumbnail(sha256: str, page: int, made: Path) -> None:
    """Take over a small picture that the survey drew."""
    kept = path_of(sha256, page, WIDTHS[0], 0)
    kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    shutil.move(made, kept)


def workroom() -> tempfile.TemporaryDirectory[str]:
    """A folder for what native steps write; it goes with everything in it."""
    base = Path(settings.SEN_VAR) / "scan-work"
    base.mkdir(parents=True, exist_ok=True, mode=0o700)
    return tempfile.TemporaryDirectory(dir=base)


def forget(sha256: str) -> None:
    """Remove all pictures of a content."""
    for kept in (folder() / sha256[:2]).glob(f"{sha256}-*.webp"):
        kept.unlink(missing_ok=True)


def prune(*, most: int = MAX_BYTES) -> int:
    """Remove the pictures that were not looked at longest, until ``most`` bytes are left."""
    kept = [(path, path.stat()) for path in folder().glob("*/*.webp")]
    total, removed = sum(stat.st_size for _path, stat in kept), 0
    for path, stat in sorted(kept, key=lambda item: item[1].st_atime):
        if total <= most:
            break
        path.unlink(missing_ok=True)
        total, removed = total - stat.st_size, removed + 1
    return removed
