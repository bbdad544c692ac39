"""Attaching files to rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import models, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from sen.kernel.access.context import as_system
from sen.kernel.access.models import ScopedModel
from sen.kernel.access.scope import Actor, DataClass
from sen.kernel.audit.services import record
from sen.kernel.errors import ConflictError, InvalidInputError, NotFoundError
from sen.kernel.files.backends import backend
from sen.kernel.files.checks import needs_check
from sen.kernel.files.jobs import check
from sen.kernel.files.models import Attachment, StoredFile
from sen.kernel.files.store import Kept, erase, keep
from sen.kernel.jobs.services import enqueue
from sen.kernel.usecase import authorise
from sen.lib.text import nfc


@transaction.atomic
def store_file(
    *, actor: Actor, name: str, chunks: Iterable[bytes], own: bool = False
) -> StoredFile:
    """Keep a content; a kind that can do harm waits in quarantine until a job has checked it.

    ``own``: the house made it itself, so there is nothing to check.

    Raises:
        InvalidInputError: the file is not accepted, or the same content was rejected before.
    """
    kept = keep(name, chunks)
    waits = not own and needs_check(kept.kind.mime)
    state = StoredFile.State.QUARANTINE if waits else StoredFile.State.CLEAN
    file, made = StoredFile.objects.get_or_create(
        sha256=kept.sha256,
        defaults={
            "size": kept.size,
            "mime": kept.kind.mime,
            "is_image": kept.kind.is_image,
            "state": state,
            "findings": _own_facts(kept) if own else {},
        },
    )
    if file.state == StoredFile.State.REJECTED:
        raise InvalidInputError(
            {"file": _("Tệp này đã bị từ chối: %(reason)s.") % {"reason": file.reason}}
        )
    if made and waits:
        enqueue(check, actor=actor, title=_("Kiểm tra tệp %(name)s") % {"name": name},
                file_id=file.pk)  # fmt: skip
    return file


def _own_facts(kept: Kept) -> dict[str, Any]:
    """What is noted of a content that the house made itself: it needs no confinement."""
    from sen.kernel.files.inspection import INSPECTIONS  # its library is for programs that inspect

    inspect = INSPECTIONS.get(kept.kind.inspection)
    if inspect is None:
        return {"own": True}
    with backend().local(kept.sha256) as path:
        return {"own": True} | inspect(path).facts


def ensure_clean(file: StoredFile) -> None:
    """Refuse to hand out what was not found clean.

    Raises:
        ConflictError: it is still being checked, or it was rejected.
    """
    if file.state == StoredFile.State.REJECTED:
        raise ConflictError(
            _("Tệp bị từ chối: %(reason)s.") % {"reason": file.reason},
            hint=_("Hãy tải lên một bản khác."),
        )
    if not file.is_clean:
        raise ConflictError(
            _("Tệp đang được kiểm tra an toàn, chưa mở được."),
            hint=_("Hãy thử lại sau ít phút."),
        )


@transaction.atomic
def release_file(file: StoredFile) -> bool:
    """Erase a content to which nothing points any more; whether it was erased.

    The bytes go when the transaction is committed: a rollback must find them again.
    """
    found = StoredFile.objects.select_for_update().filter(pk=file.pk).first()
    if found is None or any(_points_at(field, found) for field in _pointers()):
        return False
    sha256 = found.sha256
    found.delete()
    transaction.on_commit(lambda: _erase_unless_back(sha256))
    return True


def _erase_unless_back(sha256: str) -> None:
    """The same content may have come in again meanwhile."""
    if not StoredFile.objects.filter(sha256=sha256).exists():
        erase(sha256)


def release_orphans(*, older_than: timedelta) -> int:
    """Erase every content to which nothing points any more; returns how many there were."""
    left = StoredFile.objects.filter(stored_at__lt=timezone.now() - older_than)
    with as_system("a content is used whoever may see the row that uses it"):
        for field in _pointers():
            used = field.model._base_manager.filter(**{f"{field.name}__isnull": False})
            left = left.exclude(pk__in=used.values(field.attname))
        return sum(release_file(file) for file in left)


def _pointers() -> list[Any]:
    """Every foreign key to a content, of whatever domain."""
    found = StoredFile._meta.get_fields(include_hidden=True)
    return [item.field for item in found if isinstance(item, models.ForeignObjectRel)]


def _points_at(field: Any, file: StoredFile) -> bool:
    with as_system("a content is used whoever may see the row that uses it"):
        found: bool = field.model._base_manager.filter(**{field.name: file}).exists()
    return found


@transaction.atomic
def attach(
    *,
    actor: Actor,
    row: ScopedModel,
    register: str,
    name: str,
    chunks: Iterable[bytes],
    title: str = "",
    data_class: int = DataClass.INTERNAL.value,
    is_demo: bool = False,
) -> Attachment:
    """Attach a file to a row that the actor may change.

    Raises:
        InvalidInputError: the file is not accepted, or the class is below the row's own.
        PermissionDeniedError: the actor may not change the row.
    """
    authorise(actor, row.access.permission("change"), rows=[row])
    if data_class < row.data_class:
        raise InvalidInputError(
            {"data_class": _("Mức dữ liệu của tệp không được thấp hơn mức của bản ghi.")}
        )
    file = store_file(actor=actor, name=name, chunks=chunks)
    made = Attachment.objects.create(
        register=register,
        object_id=row.pk,
        file=file,
        name=nfc(name)[:200],
        title=nfc(title.strip())[:200],
        data_class=data_class,
        added_by_id=actor.id,
        added_by_name=actor.name or actor.username,
        is_demo=is_demo,
    )
    record(act="files.attach", on=row, detail={"name": made.name, "sha256": file.sha256})
    return made


@transaction.atomic
def detach(*, actor: Actor, row: ScopedModel, register: str, attachment_id: int) -> None:
    """Take a file off a row; the content and the record of it stay.

    Raises:
        NotFoundError: no such file on the row.
        PermissionDeniedError: the actor may not change the row.
    """
    authorise(actor, row.access.permission("change"), rows=[row])
    found = Attachment.objects.filter(
        pk=attachment_id, register=register, object_id=row.pk, removed_at=None
    )
    if not found.update(removed_at=Now()):
        raise NotFoundError(_("tệp"), attachment_id)
    record(act="files.detach", on=row, detail={"attachment": attachment_id})


def attachments(*, actor: Actor, row: ScopedModel, register: str) -> list[Attachment]:
    """The files of a row that the actor sees: up to the class to which they are cleared there."""
    found = attached(actor=actor, row=row, register=register)
    return list(found.select_related("file").order_by("id"))


def attached(*, actor: Actor, row: ScopedModel, register: str) -> models.QuerySet[Attachment]:
    """The same, to be asked further."""
    level = actor.scope(row.access).clearance(row)
    return Attachment.objects.filter(
        register=register, object_id=row.pk, removed_at=None, data_class__lte=level
    )


@transaction.atomic
def carry_attachments(
    *, actor: Actor, row: ScopedModel, register: str, onto: ScopedModel, onto_register: str
) -> int:
    """Attach the files of one row to another as well; returns how many were new there.

    Raises:
        PermissionDeniedError: the actor may not change the row that takes them.
    """
    authorise(actor, onto.access.permission("change"), rows=[onto])
    there = Attachment.objects.filter(
        register=onto_register, object_id=onto.pk, removed_at=None
    ).values_list("file_id", flat=True)
    new = [item for item in attachments(actor=actor, row=row, register=register)
           if item.file_id not in set(there)]  # fmt: skip
    Attachment.objects.bulk_create(
        [
            Attachment(
                register=onto_register,
                object_id=onto.pk,
                file=item.file,
                name=item.name,
                title=item.title,
                data_class=max(item.data_class, onto.data_class),
                added_by_id=actor.id,
                added_by_name=actor.name or actor.username,
                is_demo=item.is_demo,
            )
            for item in new
        ]
    )
    if new:
        record(act="files.carry", on=onto, detail={"files": [item.name for item in new]})
    return len(new)
