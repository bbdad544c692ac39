"""Batches from the first file to the last accepted document."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.db.models import Count, Max, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from sen.domains.digitisation.choices import BatchState, PartState, SheetRole
from sen.domains.digitisation.events import PartAccepted
from sen.domains.digitisation.models import Batch, BatchFile, Part, Sheet
from sen.domains.digitisation.rules.splitting import Cut, Seen, role_of, split
from sen.domains.documents import api as documents
from sen.domains.documents.choices import DocumentKind, Source
from sen.kernel.access.models import Area, Organisation, ScopedModel
from sen.kernel.access.scope import Actor, DataClass
from sen.kernel.audit.services import record
from sen.kernel.errors import ConflictError, InputCheck
from sen.kernel.events import publish
from sen.kernel.files.services import release_file, store_file
from sen.kernel.usecase import check_version, use_case
from sen.lib.text import nfc

#: What a scanner writes; anything else belongs into the documents themselves.
SCANS: Final = frozenset({"application/pdf", "image/tiff", "image/jpeg", "image/png"})
MOST_SHEETS: Final = 2_000
LETTERS: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_code() -> str:
    """``LQ26-7F3K9Q``: a batch, the year, six letters that nothing bears yet."""
    while True:
        tail = "".join(secrets.choice(LETTERS) for _letter in range(6))
        code = f"LQ{timezone.localdate():%y}-{tail}"
        if not Batch.base.filter(code=code).exists():
            return code


@use_case("digitisation.batch.add")
def create_batch(
    *,
    actor: Actor,
    name: str,
    owner_org: Organisation,
    area: Area,
    dossier: ScopedModel | None = None,
    shelf: str = "",
    note: str = "",
    data_class: int = DataClass.INTERNAL.value,
    is_demo: bool = False,
) -> Batch:
    """Open a batch for scanned files.

    Raises:
        InvalidInputError: the name is empty.
    """
    check = InputCheck()
    check.need(name.strip(), "name", _("Hãy ghi tên lô quét."))
    check.done()
    row = Batch(
        code=new_code(),
        name=nfc(name.strip()),
        owner_org=owner_org,
        area=area,
        dossier_id=dossier.pk if dossier else None,
        shelf=nfc(shelf.strip()),
        note=nfc(note.strip()),
        data_class=data_class,
        is_demo=is_demo,
    )
    row.save()
    return row


@use_case("digitisation.batch.change")
def update_batch(
    *,
    actor: Actor,
    row: Batch,
    version: int | None,
    reason: str = "",
    name: str,
    dossier: ScopedModel | None = None,
    shelf: str = "",
    note: str = "",
    owner_org: Organisation | None = None,
    area: Area | None = None,
    data_class: int | None = None,
    **_same: object,
) -> Batch:
    """Change what describes a batch; documents that were accepted keep what they took from it.

    Raises:
        ConflictError: somebody changed it after the form was opened.
        InvalidInputError: the name is empty.
    """
    check_version(row, version)
    check = InputCheck()
    check.need(name.strip(), "name", _("Hãy ghi tên lô quét."))
    check.done()
    row.name, row.shelf, row.note = nfc(name.strip()), nfc(shelf.strip()), nfc(note.strip())
    row.dossier_id = dossier.pk if dossier else None
    row.owner_org = owner_org or row.owner_org
    row.area = area or row.area
    row.data_class = row.data_class if data_class is None else data_class
    row.save()
    return row


@use_case("digitisation.batch.change")
def delete_batch(*, actor: Actor, row: Batch, version: int | None = None, reason: str = "") -> None:
    """Take out a batch of which nothing was accepted; its files go with it.

    Raises:
        ConflictError: documents were made of it.
    """
    check_version(row, version)
    if row.parts.exclude(state=PartState.PROPOSED.value).exists():
        raise ConflictError(
            _("Lô này đã có tài liệu được tiếp nhận, không xóa được."),
            hint=_("Hãy kết thúc lô thay vì xóa."),
        )
    files = [item.file for item in row.files.select_related("file")]
    row.delete()
    for file in files:
        release_file(file)


@use_case("digitisation.batch.change", audit=False)
def add_files(
    *, actor: Actor, batch: Batch, files: Sequence[tuple[str, Iterable[bytes]]]
) -> list[BatchFile]:
    """Take scanned files in; each waits until it is found clean, then it is split.

    Raises:
        ConflictError: the batch is closed.
        InvalidInputError: no file, or one that no scanner writes.
    """
    _ensure_open(batch)
    check = InputCheck()
    check.need(files, "files", _("Hãy chọn ít nhất một tệp."))
    check.done()
    made = []
    for name, chunks in files:
        file = store_file(actor=actor, name=name, chunks=chunks)
        check.need(
            file.mime in SCANS,
            "files",
            _("“%(name)s” không phải tệp quét; nhận PDF, TIFF, JPEG, PNG.") % {"name": name},
        )
        check.done()
        made.append(
            BatchFile.objects.create(
                batch=batch,
                file=file,
                name=nfc(name)[-200:],
                added_by_name=actor.name or actor.username,
                is_demo=batch.is_demo,
            )
        )
    batch.state = BatchState.SPLITTING.value
    batch.save(update_fields=["state"])
    record(act="digitisation.add_files", on=batch, detail={"files": [item.name for item in made]})
    return made


def _ensure_open(batch: Batch) -> None:
    if batch.state == BatchState.DONE:
        raise ConflictError(_("Lô đã kết thúc."), hint=_("Hãy mở lô quét mới."))


@use_case("digitisation.batch.change", audit=False)
def note_survey(
    *, actor: Actor, file: BatchFile, sheets: Sequence[Mapping[str, Any]], error: str = ""
) -> int:
    """Lay the sheets of a file onto the pile and propose documents; how many it proposes."""
    batch = Batch.base.select_for_update(of=("self",)).get(pk=file.batch_id)
    file.state = BatchFile.State.FAILED if error else BatchFile.State.SPLIT
    file.error = error[:300]
    file.save(update_fields=["state", "error"])
    first = (batch.sheets.aggregate(last=Max("order"))["last"] or 0) + 1
    pile = [Seen(file.pk, tuple(sheet["codes"]), bool(sheet["is_blank"])) for sheet in sheets]
    rows = [
        Sheet(
            batch=batch,
            file=file,
            order=first + number,
            page=sheets[number]["page"],
            role=role_of(seen).value,
            code=next(iter(seen.codes), "")[:160],
            rotation=sheets[number].get("rotation", 0),
            is_demo=batch.is_demo,
        )
        for number, seen in enumerate(pile)
    ]
    cuts = split([*_earlier(batch), *pile])
    known = len(_earlier(batch))
    proposed = 0
    for cut in cuts:
        mine = [number - known for number in cut.sheets if number >= known]
        if mine:
            part = _propose(actor, batch, cut)
            proposed += 1
            for number in mine:
                rows[number].part = part
    Sheet.objects.bulk_create(rows)
    refresh_counts(batch)
    return proposed


def _earlier(batch: Batch) -> list[Seen]:
    """The last separator of the pile still holds for what comes on top of it."""
    last = batch.sheets.filter(role=SheetRole.SEPARATOR.value).order_by("-order").first()
    return [Seen(last.file_id, (last.code,))] if last else []


def _propose(actor: Actor, batch: Batch, cut: Cut) -> Part:
    said = cut.separator
    dossier_id, note = batch.dossier_id, ""
    if said and said.dossier:
        found = documents.dossiers(actor).filter(code=said.dossier).first()
        dossier_id = found.pk if found else dossier_id
        if found is None:
            note = _("Không có hồ sơ mã %(code)s ghi trên tờ phân cách.") % {"code": said.dossier}
    order = (batch.parts.aggregate(last=Max("order"))["last"] or 0) + 1
    return Part.objects.create(
        batch=batch,
        order=order,
        kind=said.kind if said and said.kind in DocumentKind.__members__ else "",
        dossier_id=dossier_id,
        dossier_part=said.part if said else "",
        note=note,
        is_demo=batch.is_demo,
    )


def refresh_counts(batch: Batch) -> None:
    """Write what lists show of a batch."""
    counted = batch.parts.aggregate(
        parts=Count("id"), accepted=Count("id", filter=Q(state=PartState.ACCEPTED.value))
    )
    batch.parts_count, batch.accepted_count = counted["parts"], counted["accepted"]
    batch.sheets_count = batch.sheets.count()
    waiting = batch.files.filter(state=BatchFile.State.WAITING).exists()
    if batch.state != BatchState.DONE:
        batch.state = (BatchState.SPLITTING if waiting else BatchState.OPEN).value
    batch.save(update_fields=["parts_count", "accepted_count", "sheets_count", "state"])


@use_case("digitisation.batch.change", audit=False)
def queue_part(*, actor: Actor, batch: Batch, part: Part) -> Part:
    """Ask for a document to be made of a part that the operator has looked at.

    Raises:
        ConflictError: it was asked for already.
        InvalidInputError: the kind or the abstract is missing, or no sheet is left.
    """
    locked = Part.objects.select_for_update(of=("self",)).get(pk=part.pk, batch=batch)
    if locked.state != PartState.PROPOSED:
        raise ConflictError(_("Tài liệu này đã được tiếp nhận."), hint=_("Hãy tải lại trang."))
    check = InputCheck()
    check.need(locked.kind, "kind", _("Hãy chọn loại tài liệu."))
    check.need(locked.abstract.strip(), "abstract", _("Hãy ghi trích yếu nội dung."))
    check.need(
        not locked.dossier_id or locked.dossier_part,
        "dossier_part",
        _("Hãy chọn thành phần hồ sơ."),
    )
    kept = locked.sheets.filter(role=SheetRole.KEPT.value).exists()
    check.need(kept, "sheets", _("Không còn trang nào trong tài liệu này."))
    check.done()
    locked.state, locked.note = PartState.QUEUED.value, ""
    locked.save(update_fields=["state", "note"])
    return locked


@use_case("digitisation.batch.change", audit=False)
def accept_part(*, actor: Actor, batch: Batch, part: Part, chunks: Iterable[bytes]) -> Part:
    """Make the document of a part: its PDF, its place in the dossier.

    Raises:
        InvalidInputError: the dossier has no such part.
        PermissionDeniedError: the actor may enter no documents, or not change the dossier.
    """
    document = documents.create_document(
        actor=actor,
        kind=part.kind,
        abstract=part.abstract,
        number=part.number,
        issued_on=part.issued_on,
        owner_org=batch.owner_org,
        area=batch.area,
        data_class=batch.data_class,
        is_demo=batch.is_demo,
    )
    documents.add_version(
        actor=actor,
        document=document,
        name=f"{document.code}.pdf",
        chunks=chunks,
        source=Source.SCAN.value,
        note=_("Lô quét %(code)s, tài liệu %(order)s") % {"code": batch.code, "order": part.order},
        # Cut out of files that were found clean, by our own program.
        own=True,
        is_demo=batch.is_demo,
    )
    if part.dossier is not None:
        documents.put_into_dossier(
            actor=actor, dossier=part.dossier, part=part.dossier_part, documents=[document]
        )
    part.document, part.state = document, PartState.ACCEPTED.value
    part.accepted_by_name = actor.name or actor.username
    part.save(update_fields=["document", "state", "accepted_by_name"])
    Part.objects.filter(pk=part.pk).update(accepted_at=Now())
    refresh_counts(batch)
    pages = part.sheets.filter(role=SheetRole.KEPT.value).count()
    record(
        act="digitisation.accept_part",
        on=batch,
        detail={"part": part.order, "document": document.code, "pages": pages},
    )
    publish(
        PartAccepted(batch_id=batch.pk, part_id=part.pk, document_id=document.pk, pages=pages),
        key=batch.pk,
        on=batch,
    )
    return part


@use_case("digitisation.batch.change", audit=False)
def give_part_back(*, actor: Actor, batch: Batch, part: Part, error: str) -> None:
    """The document could not be made: the operator sees why."""
    Part.objects.filter(pk=part.pk, batch=batch, state=PartState.QUEUED.value).update(
        state=PartState.PROPOSED.value, note=error[:300]
    )


@use_case("digitisation.batch.change")
def close_batch(*, actor: Actor, row: Batch, version: int | None = None) -> Batch:
    """Close a batch; what was not accepted stays with it as it was scanned.

    Raises:
        ConflictError: a document is being made, or files are being split.
    """
    check_version(row, version)
    busy = row.parts.filter(state=PartState.QUEUED.value).exists()
    if busy or row.state == BatchState.SPLITTING:
        raise ConflictError(
            _("Lô còn việc đang chạy."), hint=_("Hãy chờ tách trang và lập tài liệu xong.")
        )
    row.state = BatchState.DONE.value
    row.save()
    return row
