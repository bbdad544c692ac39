"""Files on their way through the wizard: stored once, with every choice made so far."""

from __future__ import annotations

import contextlib
import hashlib
import re
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from sen.kernel.access.scope import Actor
from sen.kernel.errors import InvalidInputError, NotFoundError, PermissionDeniedError
from sen.kernel.imports.importer import Importer, importers
from sen.kernel.imports.models import ImportDraft
from sen.kernel.imports.plan import NEAR_M, Request
from sen.kernel.imports.topology import MOST_SNAP_M, SNAP_M, Accepted

MAX_BYTES: Final = 500 * 1024**2
#: A file waits this long for its confirmation.
WAITS_S: Final = 24 * 3600


def folder() -> Path:
    """Where files wait; nobody else reads there."""
    place = Path(settings.MEDIA_ROOT) / "imports"
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    return place


def open_draft(
    *, actor: Actor, importer: Importer, register: str, name: str, chunks: Iterable[bytes]
) -> ImportDraft:
    """Store a file and begin.

    Raises:
        InvalidInputError: it is too large.
        PermissionDeniedError: the actor may not import this kind.
    """
    if actor.id is None or not actor.may(importer.permission):
        raise PermissionDeniedError(importer.permission)
    forget_old()
    name = Path(name or "tep").name[:200]
    stored = store(name, chunks)
    return ImportDraft.objects.create(
        kind=importer.kind,
        register=register,
        file_name=name,
        stored_as=stored.name,
        owner_id=actor.id,
    )


def store(name: str, chunks: Iterable[bytes]) -> Path:
    """Write a file under its digest.

    Raises:
        InvalidInputError: it is too large.
    """
    suffix = re.sub(r"[^.a-z0-9]", "", Path(name).suffix.lower())[:10]
    digest, size = hashlib.sha256(), 0
    with NamedTemporaryFile(dir=folder(), suffix=".part", delete=False) as part:
        for chunk in chunks:
            size += len(chunk)
            if size > MAX_BYTES:
                Path(part.name).unlink()
                raise InvalidInputError({"file": _("Tệp lớn hơn 500 MB; hãy chia nhỏ.")})
            digest.update(chunk)
            part.write(chunk)
    return Path(part.name).replace(folder() / (digest.hexdigest() + suffix))


def forget_old() -> None:
    """Files may hold personal data: none stays longer than its confirmation may take."""
    limit = time.time() - WAITS_S
    for file in folder().iterdir():
        with contextlib.suppress(FileNotFoundError):
            if file.is_file() and file.stat().st_mtime < limit:
                file.unlink()


def draft_of(actor: Actor, draft_id: UUID, register: str = "") -> ImportDraft:
    """A draft of the actor's own, with its file still there.

    Raises:
        NotFoundError: there is none; that of somebody else looks the same.
        InvalidInputError: its file is gone by now.
    """
    draft = ImportDraft.objects.filter(pk=draft_id, owner_id=actor.id or 0).first()
    if draft is None or (register and draft.register != register):
        raise NotFoundError(_("tệp đang nhập"), str(draft_id))
    if not file_of(draft).is_file():
        raise InvalidInputError({"file": _("Tệp đã hết hạn lưu; hãy chọn lại tệp.")})
    return draft


def file_of(draft: ImportDraft) -> Path:
    return folder() / draft.stored_as


def importer_of(draft: ImportDraft) -> Importer:
    importer = importers.get(draft.kind)
    if importer is None:
        raise NotFoundError(_("loại dữ liệu"), draft.kind)
    return importer


def change(draft: ImportDraft, **chosen: Any) -> None:
    """Keep choices of a step; a check made before no longer counts."""
    draft.settings = {**draft.settings, **chosen}
    draft.run = None
    draft.job_run_id = None
    draft.save()


def request_of(draft: ImportDraft, *, dry_run: bool = True) -> Request:
    """The import as the draft asks for it."""
    return request_from(
        draft.settings,
        file=file_of(draft),
        name=draft.file_name,
        dry_run=dry_run,
        kept=_kept(draft.stored_as, draft.settings.get("layer", ""), draft.kind),
    )


def request_from(
    chosen: Mapping[str, Any], *, file: Path, name: str, dry_run: bool, kept: Path | None = None
) -> Request:
    """The import that kept choices ask for."""
    return Request(
        file=file,
        name=name,
        srid=chosen.get("srid"),
        swapped=bool(chosen.get("swapped")),
        mapping=dict(chosen.get("mapping", {})),
        layer=chosen.get("layer", ""),
        x=chosen.get("x", ""),
        y=chosen.get("y", ""),
        outside=bool(chosen.get("outside")),
        dry_run=dry_run,
        options=dict(chosen.get("options", {})),
        encodings=dict(chosen.get("encodings", {})),
        values=dict(chosen.get("values", {})),
        repairs=_accepted(chosen.get("repairs", {})),
        match=chosen.get("match", ""),
        within_m=float(chosen.get("within_m", NEAR_M)),
        decisions={int(row): key for row, key in chosen.get("decisions", {}).items()},
        kept=kept,
    )


def _accepted(said: Mapping[str, Any]) -> Accepted:
    return Accepted(
        frozenset(said.get("kinds", ())),
        frozenset(said.get("single", ())),
        min(float(said.get("snap_m", SNAP_M)), MOST_SNAP_M),
    )


def _kept(stored_as: str, layer: str, kind: str) -> Path:
    digest = hashlib.sha256(f"{layer}\n{kind}".encode()).hexdigest()[:16]
    return folder() / f"{Path(stored_as).stem}-{digest}.table"
