"""Dossiers of works: opening, filling, what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _

from sen.domains.documents.catalogue import part_label, parts, works
from sen.domains.documents.data import Subject
from sen.domains.documents.events import DossierChanged
from sen.domains.documents.models import Document, Dossier, DossierItem, RetentionChoices
from sen.domains.documents.selectors import completeness, row_of
from sen.domains.documents.services.codes import new_code
from sen.domains.documents.services.documents import put_hold, take_hold
from sen.kernel.access.models import Area, Organisation
from sen.kernel.access.scope import Actor, DataClass
from sen.kernel.errors import ConflictError, InputCheck, InvalidInputError, NotFoundError
from sen.kernel.events import publish
from sen.kernel.usecase import check_version, use_case
from sen.lib.text import nfc


@use_case("documents.dossier.add")
def create_dossier(
    *,
    actor: Actor,
    name: str,
    work: str,
    owner_org: Organisation,
    area: Area,
    code: str = "",
    subject: Subject | str | None = None,
    opened_on: date | None = None,
    closed_on: date | None = None,
    shelf: str = "",
    retention: str = "",
    note: str = "",
    data_class: int | None = None,
    is_demo: bool = False,
) -> Dossier:
    """Open the dossier of a work; of a row of a register there is one at most.

    Raises:
        InvalidInputError: no name, an unknown kind of work, a taken code, dates in the wrong order.
        ConflictError: the row has a dossier.
        NotFoundError: no such row, or none that the actor may see.
    """
    check = InputCheck()
    _check(check, name, work, retention, opened_on, closed_on)
    taken = code and Dossier.base.filter(code=code).exists()
    check.need(not taken, "code", _("Mã hồ sơ này đã dùng."))
    about_what = _subject(check, subject)
    check.done()
    row = Dossier(
        code=code.strip() or new_code("HS", Dossier),
        name=nfc(name.strip())[:250],
        work=work,
        owner_org=owner_org,
        area=area,
        opened_on=opened_on,
        closed_on=closed_on,
        shelf=nfc(shelf.strip()),
        retention=retention,
        note=nfc(note.strip()),
        data_class=DataClass.INTERNAL.value if data_class is None else data_class,
        is_demo=is_demo,
    )
    if about_what is not None:
        resource, about = row_of(actor, about_what)
        row.register, row.resource = resource.key, resource.rule.resource
        row.object_id = about.pk
        if Dossier.base.filter(resource=row.resource, object_id=row.object_id).exists():
            raise ConflictError(_("%(row)s đã có hồ sơ.") % {"row": about})
    _count(row)
    row.save()
    _tell(row)
    return row


def _subject(check: InputCheck, said: Subject | str | None) -> Subject | None:
    if not isinstance(said, str):
        return said
    try:
        return Subject.parse(said.strip())
    except ValueError:
        check.add("subject", _("Hãy ghi như assets.bridges/12, hoặc để trống."))
        return None


def _check(
    check: InputCheck,
    name: str,
    work: str,
    retention: str,
    opened_on: date | None,
    closed_on: date | None,
) -> None:
    check.need(name.strip(), "name", _("Hãy ghi tên hồ sơ."))
    check.need(work in works, "work", _("Hãy chọn loại công trình."))
    check.need(
        not retention or retention in RetentionChoices.values,
        "retention",
        _("Không có nhóm thời hạn bảo quản này."),
    )
    check.need(
        not (opened_on and closed_on and closed_on < opened_on),
        "closed_on",
        _("Ngày kết thúc không được trước ngày mở hồ sơ."),
    )


@use_case("documents.dossier.change")
def update_dossier(
    *,
    actor: Actor,
    row: Dossier,
    version: int | None,
    reason: str = "",
    name: str,
    work: str,
    opened_on: date | None = None,
    closed_on: date | None = None,
    shelf: str = "",
    retention: str = "",
    note: str = "",
    owner_org: Organisation | None = None,
    area: Area | None = None,
    data_class: int | None = None,
    **_same: object,
) -> Dossier:
    """Change what describes a dossier.

    Raises:
        ConflictError: somebody changed it meanwhile.
        InvalidInputError: as in opening.
    """
    check_version(row, version)
    check = InputCheck()
    _check(check, name, work, retention, opened_on, closed_on)
    check.done()
    row.name, row.work = nfc(name.strip())[:250], work
    row.opened_on, row.closed_on = opened_on, closed_on
    row.shelf, row.retention, row.note = nfc(shelf.strip()), retention, nfc(note.strip())
    row.owner_org = owner_org or row.owner_org
    row.area = area or row.area
    row.data_class = row.data_class if data_class is None else data_class
    _count(row)
    row.save()
    _tell(row)
    return row


@use_case("documents.dossier.delete")
def delete_dossier(
    *, actor: Actor, row: Dossier, version: int | None = None, reason: str = ""
) -> None:
    """Take out a dossier that was opened by mistake; its documents stay where else they are.

    Raises:
        ConflictError: something lies in it, or it is held.
    """
    check_version(row, version)
    if row.is_held:
        raise ConflictError(_("Hồ sơ đang được giữ nguyên theo yêu cầu, không xóa được."))
    if row.items.exists():
        raise ConflictError(
            _("Hồ sơ còn tài liệu nên không xóa được."),
            hint=_("Hãy chuyển tài liệu ra khỏi hồ sơ trước."),
        )
    row.delete()


@use_case("documents.dossier.change", act="documents.put_into_dossier")
def put_into_dossier(
    *, actor: Actor, dossier: Dossier, part: str, documents: Sequence[Document]
) -> Dossier:
    """Lay documents into a part of a dossier; one that lies there already stays.

    Raises:
        InvalidInputError: the part is not one of this kind of work.
        NotFoundError: a document is not for the actor to see.
    """
    _check_part(dossier, part)
    ids = [document.pk for document in documents]
    seen = set(Document.objects.visible_to(actor).filter(pk__in=ids).values_list("pk", flat=True))
    for document in documents:
        if document.pk not in seen:
            raise NotFoundError(_("tài liệu"), document.code)
    DossierItem.objects.bulk_create(
        [
            DossierItem(
                dossier=dossier,
                part=part,
                document=document,
                added_by_name=actor.name or actor.username,
                is_demo=dossier.is_demo and document.is_demo,
            )
            for document in documents
        ],
        ignore_conflicts=True,
    )
    return _counted(dossier)


def _check_part(dossier: Dossier, part: str) -> None:
    known = parts.get(part)
    if known is None or not known.belongs_to(dossier.work):
        raise InvalidInputError(
            {"part": _("Hồ sơ “%(work)s” không có thành phần này.")
             % {"work": works.get(dossier.work, dossier.work)}}
        )  # fmt: skip


@use_case("documents.dossier.change", act="documents.take_from_dossier")
def take_from_dossier(*, actor: Actor, dossier: Dossier, item_id: int) -> Dossier:
    """Take a document out of a dossier; the document itself stays.

    Raises:
        ConflictError: the dossier is held.
        NotFoundError: it does not lie there.
    """
    if dossier.is_held:
        raise ConflictError(_("Hồ sơ đang được giữ nguyên theo yêu cầu, không rút tài liệu được."))
    gone, _by_model = DossierItem.objects.filter(pk=item_id, dossier=dossier).delete()
    if not gone:
        raise NotFoundError(_("tài liệu trong hồ sơ"), item_id)
    return _counted(dossier)


@use_case("documents.dossier.change", act="documents.waive_part")
def waive_part(*, actor: Actor, dossier: Dossier, part: str, reason: str) -> Dossier:
    """Say why this work has no such part; an empty reason asks for it again.

    Raises:
        InvalidInputError: the part is not one of this kind of work.
    """
    _check_part(dossier, part)
    locked = Dossier.base.select_for_update(of=("self",)).get(pk=dossier.pk)
    waived = {code: why for code, why in locked.waived.items() if code != part}
    if reason.strip():
        waived[part] = nfc(reason.strip())[:300]
    locked.waived = waived
    return _counted(locked)


@use_case("documents.dossier.hold")
def hold_dossier(*, actor: Actor, row: Dossier, reason: str) -> Dossier:
    """Forbid destroying anything that lies in a dossier, or comes to lie in it.

    Raises:
        InvalidInputError: no reason was given.
    """
    check_version(row, None)
    put_hold(row=row, actor=actor, reason=reason)
    return row


@use_case("documents.dossier.hold")
def release_dossier(*, actor: Actor, row: Dossier, reason: str) -> Dossier:
    """End the hold of a dossier.

    Raises:
        InvalidInputError: no reason was given.
    """
    check_version(row, None)
    take_hold(row, reason)
    return row


def _counted(dossier: Dossier) -> Dossier:
    _count(dossier)
    dossier.save()
    _tell(dossier)
    return dossier


@use_case("documents.dossier.change", act="documents.follow_parts")
def recount_all(*, actor: Actor) -> list[Dossier]:
    """Count every dossier again, after the rule of parts changed; those that differ."""
    return [row for row in Dossier.objects.visible_to(actor, "change").iterator() if _differs(row)]


def _differs(dossier: Dossier) -> bool:
    before = (dossier.share, dossier.documents_count, list(dossier.missing))
    _count(dossier)
    if before == (dossier.share, dossier.documents_count, dossier.missing):
        return False
    dossier.save()
    _tell(dossier)
    return True


def _count(row: Dossier) -> None:
    found = completeness(row)
    row.documents_count = sum(part.count for part in found.parts)
    row.required_count, row.missing_count = found.required, len(found.missing)
    row.share, row.missing = found.share, list(found.missing)
    row.missing_names = "; ".join(part_label(code) for code in found.missing)


def _tell(row: Dossier) -> None:
    publish(
        DossierChanged(
            dossier_id=row.pk, code=row.code, share=row.share, missing=tuple(row.missing)
        ),
        key=row.pk,
        on=row,
    )
