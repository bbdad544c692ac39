"""Handing contents to the programs that read them, each confined."""

from __future__ import annotations

import base64
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from sen.domains.documents.choices import SignatureState
from sen.domains.documents.models import Document
from sen.domains.documents.selectors import file_of, version_row
from sen.kernel.access.scope import Actor
from sen.kernel.files.backends import backend
from sen.kernel.files.confined import ConfinedError, run_confined
from sen.kernel.files.models import StoredFile

SIGNATURES: Final = "sen.domains.documents.adapters.signatures"
PAGES: Final = "sen.domains.documents.adapters.pages"
PAGE_WIDTHS: Final = (240, 900, 1600)


@dataclass(frozen=True, slots=True)
class ReadSignatures:
    """What was read of a version, and the document to which it belongs."""

    document: Document
    signatures: list[dict[str, Any]]


def read_signatures(*, actor: Actor, version_id: int, roots: Sequence[str]) -> ReadSignatures:
    """The signatures of a version, judged by the trusted roots (PEM).

    Raises:
        NotFoundError: there is no such version for the actor to see.
        ConflictError: it is not clean.
    """
    version = version_row(actor, version_id)
    file = file_of(actor, version_id)
    try:
        with backend().local(file.sha256) as path:
            found = run_confined(SIGNATURES, [str(path)], given={"roots": list(roots)})
    except ConfinedError as error:
        found = [{"state": SignatureState.UNREADABLE.value, "problem": str(error)[:300]}]
    return ReadSignatures(version.document, found)


def page_picture(file: StoredFile, number: int, width: int) -> bytes:
    """A page of a clean PDF as WebP; made once, kept beside the small pictures.

    Raises:
        ConfinedError: the page cannot be drawn.
    """
    wanted = next((w for w in PAGE_WIDTHS if w >= width), PAGE_WIDTHS[-1])
    folder = Path(settings.MEDIA_ROOT) / "pictures" / file.sha256[:2]
    copy = folder / f"{file.sha256}-p{number}-{wanted}.webp"
    if not copy.exists():
        with backend().local(file.sha256) as path:
            drawn = run_confined(PAGES, [str(path), str(number), str(wanted)], timeout_s=30)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = copy.with_suffix(f".{os.getpid()}.part")
        part.write_bytes(base64.b64decode(drawn))
        part.replace(copy)
    return copy.read_bytes()
