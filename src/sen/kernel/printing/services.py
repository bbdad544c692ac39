"""Keeping printed maps."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from sen.kernel.access.scope import Actor
from sen.kernel.audit.services import record
from sen.kernel.errors import NotFoundError, PermissionDeniedError
from sen.kernel.files.services import release_file, store_file
from sen.kernel.jobs.models import JobRun
from sen.kernel.jobs.services import enqueue
from sen.kernel.printing import jobs
from sen.kernel.printing.models import PrintedMap
from sen.kernel.printing.request import PrintRequest
from sen.lib.text import fold


def order_map(*, actor: Actor, order: PrintRequest) -> JobRun:
    """Have a map printed by a worker and kept as a file.

    Raises:
        PermissionDeniedError: nobody signed in, so there is nobody to keep it for.
    """
    if not actor.is_authenticated:
        raise PermissionDeniedError("kernel.printing.add")
    title = _("In bản đồ: %(title)s") % {"title": order.title}
    return enqueue(jobs.print_to_file, actor=actor, title=title, order=order.plain())


@transaction.atomic
def keep_map(*, actor: Actor, order: PrintRequest, content: bytes, pages: int) -> PrintedMap:
    """Put a printed map into the store, for the actor alone."""
    if actor.id is None:
        raise PermissionDeniedError("kernel.printing.add")
    name = f"{fold(order.title).replace(' ', '-')[:80]}.pdf"
    file = store_file(actor=actor, name=name, chunks=[content], own=True)
    made = PrintedMap.objects.create(
        title=order.title[:200],
        order=order.plain(),
        file=file,
        asked_by_id=actor.id,
        pages=pages,
    )
    record(
        act="kernel.printing.print",
        resource="kernel.printing",
        object_id=str(made.pk),
        label=made.title,
        detail={"layers": list(order.layers), "scale": order.scale},
    )
    return made


def kept_map(actor: Actor, number: int) -> PrintedMap:
    """A map that the actor had printed.

    Raises:
        NotFoundError: there is none, or it is somebody else's.
    """
    found = (
        PrintedMap.objects.select_related("file")
        .filter(pk=number, asked_by_id=actor.id or 0)
        .first()
    )
    if found is None:
        raise NotFoundError(message=_("Không có bản in này."))
    return found


@transaction.atomic
def drop_map(*, actor: Actor, number: int) -> None:
    """Erase a map that the actor had printed."""
    found = kept_map(actor, number)
    file, title = found.file, found.title
    found.delete()
    release_file(file)
    record(act="kernel.printing.drop", resource="kernel.printing", object_id=str(number),
           label=title)  # fmt: skip
