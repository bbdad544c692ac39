"""Attaching files to rows."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from sen.kernel.access.models import ScopedModel
from sen.kernel.access.scope import Actor, DataClass
from sen.kernel.audit.services import record
from sen.kernel.errors import InvalidInputError, NotFoundError
from sen.kernel.files.models import Attachment, StoredFile
from sen.kernel.files.store import keep
from sen.kernel.usecase import authorise
from sen.lib.text import nfc


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
    kept = keep(name, chunks)
    file, _made = StoredFile.objects.get_or_create(
        sha256=kept.sha256,
        defaults={"size": kept.size, "mime": kept.kind.mime, "is_image": kept.kind.is_image},
    )
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
    record(act="files.attach", on=row, detail={"name": made.name, "sha256": kept.sha256})
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
    level = actor.scope(row.access).clearance(row)
    found = Attachment.objects.filter(
        register=register, object_id=row.pk, removed_at=None, data_class__lte=level
    )
    return list(found.select_related("file").order_by("id"))
