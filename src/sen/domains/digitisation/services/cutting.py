"""What the operator corrects: where documents begin, which sheets count, what they are."""

from __future__ import annotations

from datetime import date

from django.db.models import F
from django.utils.translation import gettext as _

from sen.domains.digitisation.choices import BatchState, PartState, SheetRole
from sen.domains.digitisation.models import Batch, Part, Sheet
from sen.domains.digitisation.services.batches import refresh_counts
from sen.domains.documents.choices import DocumentKind
from sen.kernel.access.models import ScopedModel
from sen.kernel.access.scope import Actor
from sen.kernel.audit.services import record
from sen.kernel.errors import ConflictError, InputCheck, NotFoundError
from sen.kernel.usecase import use_case
from sen.lib.text import nfc

TURNS = (0, 90, 180, 270)


def _sheet(batch: Batch, sheet_id: int) -> Sheet:
    found = Sheet.objects.filter(pk=sheet_id, batch=batch).select_related("part").first()
    if found is None:
        raise NotFoundError(_("trang quét"), sheet_id)
    return found


def _ensure_changeable(batch: Batch, *parts: Part | None) -> None:
    taken = any(part is not None and part.state != PartState.PROPOSED for part in parts)
    if taken or batch.state == BatchState.DONE:
        raise ConflictError(
            _("Tài liệu này đã được tiếp nhận, không sửa cách tách trang được."),
            hint=_("Hãy tải lại trang."),
        )


@use_case("digitisation.batch.change", audit=False)
def cut_before(*, actor: Actor, batch: Batch, sheet_id: int) -> Part:
    """Begin a new document with a sheet: it and those after it leave the document before.

    Raises:
        ConflictError: the document was accepted, or begins there already.
        NotFoundError: no such sheet in the batch.
    """
    sheet = _sheet(batch, sheet_id)
    old = sheet.part
    if old is None:
        raise ConflictError(
            _("Trang này không thuộc tài liệu nào."), hint=_("Hãy giữ trang này trước.")
        )
    _ensure_changeable(batch, old)
    if not old.sheets.filter(order__lt=sheet.order).exists():
        raise ConflictError(_("Tài liệu đã bắt đầu ở trang này."), hint=_("Hãy chọn trang sau."))
    batch.parts.filter(order__gt=old.order).update(order=F("order") + 1)
    made = Part.objects.create(
        batch=batch,
        order=old.order + 1,
        kind="",
        dossier_id=old.dossier_id,
        is_demo=batch.is_demo,
    )
    old.sheets.filter(order__gte=sheet.order).update(part=made)
    refresh_counts(batch)
    record(act="digitisation.cut", on=batch, detail={"sheet": sheet.order})
    return made


@use_case("digitisation.batch.change", audit=False)
def join_with_previous(*, actor: Actor, batch: Batch, part: Part) -> Part:
    """Lay the sheets of a document onto the one before it.

    Raises:
        ConflictError: one of them was accepted, or there is none before.
    """
    previous = batch.parts.filter(order__lt=part.order).order_by("-order").first()
    if previous is None:
        raise ConflictError(_("Không có tài liệu nào đứng trước."), hint=_("Hãy tải lại trang."))
    _ensure_changeable(batch, part, previous)
    part.sheets.update(part=previous)
    order = part.order
    part.delete()
    batch.parts.filter(order__gt=order).update(order=F("order") - 1)
    refresh_counts(batch)
    record(act="digitisation.join", on=batch, detail={"part": order})
    return previous


@use_case("digitisation.batch.change", audit=False)
def set_role(*, actor: Actor, batch: Batch, sheet_id: int, role: str) -> Sheet:
    """Keep a sheet that was left out, or leave one out; it stays in the scanned file.

    A sheet that is kept joins the document of the nearest sheet before it, else after it.

    Raises:
        ConflictError: the document was accepted.
        InvalidInputError: no such role.
        NotFoundError: no such sheet in the batch.
    """
    check = InputCheck()
    check.need(role in (SheetRole.KEPT, SheetRole.DROPPED), "role", _("Không có cách xử lý này."))
    check.done()
    sheet = _sheet(batch, sheet_id)
    part = sheet.part
    if role == SheetRole.KEPT and part is None:
        part = _nearest_part(batch, sheet)
    _ensure_changeable(batch, sheet.part, part)
    sheet.role, sheet.part = role, part
    sheet.save(update_fields=["role", "part"])
    refresh_counts(batch)
    record(act="digitisation.set_role", on=batch, detail={"sheet": sheet.order, "role": role})
    return sheet


def _nearest_part(batch: Batch, sheet: Sheet) -> Part:
    around = batch.sheets.filter(part__isnull=False).select_related("part")
    near = (
        around.filter(order__lt=sheet.order).order_by("-order").first()
        or around.filter(order__gt=sheet.order).order_by("order").first()
    )
    if near is not None and near.part is not None:
        return near.part
    return Part.objects.create(batch=batch, order=1, is_demo=batch.is_demo)


@use_case("digitisation.batch.change", audit=False)
def turn_sheet(*, actor: Actor, batch: Batch, sheet_id: int, by: int = 90) -> Sheet:
    """Turn a sheet clockwise.

    Raises:
        ConflictError: the document was accepted.
        NotFoundError: no such sheet in the batch.
    """
    sheet = _sheet(batch, sheet_id)
    _ensure_changeable(batch, sheet.part)
    sheet.rotation = TURNS[(sheet.rotation // 90 + by // 90) % len(TURNS)]
    sheet.save(update_fields=["rotation"])
    return sheet


@use_case("digitisation.batch.change", audit=False)
def describe_part(
    *,
    actor: Actor,
    batch: Batch,
    part: Part,
    kind: str,
    abstract: str,
    number: str = "",
    issued_on: date | None = None,
    dossier: ScopedModel | None = None,
    dossier_part: str = "",
) -> Part:
    """Say what a proposed document is and where it belongs.

    Raises:
        ConflictError: it was accepted.
        InvalidInputError: no such kind.
    """
    _ensure_changeable(batch, part)
    check = InputCheck()
    check.need(not kind or kind in DocumentKind.__members__, "kind", _("Không có loại này."))
    check.done()
    part.kind, part.abstract = kind, nfc(abstract.strip())[:500]
    part.number, part.issued_on = nfc(number.strip())[:80], issued_on
    part.dossier_id = dossier.pk if dossier else None
    part.dossier_part = dossier_part if dossier else ""
    part.save()
    return part
