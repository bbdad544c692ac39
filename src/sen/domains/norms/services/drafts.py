"""Use cases on drafts: what would change, before anybody publishes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.timezone import now
from django.utils.translation import gettext as _

from sen.domains.norms.choices import DraftAct, DraftStatus, Verification
from sen.domains.norms.data import Row
from sen.domains.norms.models import (
    CaseChange,
    Document,
    DraftTable,
    Norm,
    NormCase,
    NormDraft,
    NormVersion,
)
from sen.domains.norms.rules import faults
from sen.domains.norms.selectors import norms_resting_on, owners, tables_of, version_or_none
from sen.kernel.access.scope import Actor
from sen.kernel.errors import ConflictError, InputCheck, InvalidInputError, NotFoundError
from sen.kernel.usecase import check_version, use_case
from sen.lib.text import nfc

#: What a person writes as a reason says at least something.
SHORTEST_REASON = 10


@use_case("norms.draft.add")
def create_draft(
    *,
    actor: Actor,
    title: str,
    act: str,
    document: Document,
    target: Document | None = None,
    effective_from: date | None = None,
    note: str = "",
    is_demo: bool = False,
) -> NormDraft:
    """Begin a change; replacing a document takes every table that rests on it into the draft.

    Raises:
        InvalidInputError: no title, no date, nothing to replace, or a document replacing itself.
    """
    start = effective_from or document.effective_from
    check = InputCheck()
    check.need(nfc(title).strip(), "title", _("Hãy ghi tên dự thảo."))
    check.need(start, "effective_from", _("Hãy ghi ngày hiệu lực của văn bản mới."))
    check.need(
        target is not None or act == DraftAct.CORRECT,
        "target",
        _("Hãy chọn văn bản bị sửa đổi hoặc thay thế."),
    )
    check.need(
        act != DraftAct.REPLACE or target is None or target.pk != document.pk,
        "target",
        _("Một văn bản không thay thế chính nó."),
    )
    check.done()
    if start is None:
        raise TypeError("checked above")
    organisation, area = owners()
    draft = NormDraft(
        title=nfc(title).strip(),
        act=act,
        document=document,
        target=target,
        effective_from=start,
        note=nfc(note),
        owner_org=organisation,
        area=area,
        is_demo=is_demo,
    )
    _sign(draft, actor)
    draft.save()
    if act == DraftAct.REPLACE and target is not None:
        for norm in norms_resting_on(target, start):
            _take_in(draft, norm)
    return draft


@use_case("norms.draft.change")
def update_draft(
    *,
    actor: Actor,
    row: NormDraft,
    version: int | None,
    reason: str = "",
    title: str,
    document: Document,
    target: Document | None = None,
    effective_from: date,
    note: str = "",
    **_kept: Any,
) -> NormDraft:
    """Change the head of a draft; tables that began on its day move along.

    Raises:
        ConflictError: it is no longer being edited, or somebody changed it meanwhile.
    """
    _open(row, version)
    if effective_from != row.effective_from:
        moving = DraftTable.objects.unscoped("tables of one draft").filter(
            draft=row, effective_from=row.effective_from
        )
        for table in moving:
            table.effective_from = effective_from
            _check_dates(table)
            table.save()
    row.title, row.document, row.target = nfc(title).strip(), document, target
    row.effective_from, row.note = effective_from, nfc(note)
    _sign(row, actor)
    row.save()
    return row


@use_case("norms.draft.change", act="norms.draft.take_in")
def take_in_norm(*, actor: Actor, draft: NormDraft, norm: Norm) -> DraftTable:
    """Take the table of a rule into a draft, as it is in force on the draft's day.

    Raises:
        ConflictError: the draft is no longer being edited, or holds the rule already.
    """
    _open(draft, None)
    if DraftTable.objects.unscoped("one draft").filter(draft=draft, norm=norm).exists():
        raise ConflictError(_("Dự thảo đã có bảng của quy định “%(norm)s”.") % {"norm": norm})
    _touch(draft, actor)
    return _take_in(draft, norm)


@use_case("norms.draft.change", act="norms.draft.leave_out")
def leave_out_norm(*, actor: Actor, draft: NormDraft, table: DraftTable) -> NormDraft:
    """Take the table of a rule out of a draft again, with what it changed of the tests.

    Raises:
        ConflictError: the draft is no longer being edited.
    """
    _open(draft, None)
    CaseChange.objects.unscoped("one draft").filter(draft=draft, norm=table.norm).delete()
    table.delete()
    _touch(draft, actor)
    return draft


@use_case("norms.draft.change", act="norms.draft.write_table")
def write_table(
    *,
    actor: Actor,
    table: DraftTable,
    version: int,
    rows: Sequence[Mapping[str, Any]],
    legal_ref: str,
    effective_from: date,
    effective_to: date | None = None,
    verification: str = Verification.UNVERIFIED.value,
    source: str = "",
    note: str = "",
) -> DraftTable:
    """Write the rows of a rule into a draft.

    Raises:
        InvalidInputError: the table is malformed, the span empty, the clause or the source lacking.
        ConflictError: the draft is no longer being edited, or somebody wrote the table meanwhile.
    """
    draft = table.draft
    _open(draft, None)
    check_version(table, version)
    check = InputCheck()
    check.need(nfc(legal_ref).strip(), "legal_ref", _("Hãy ghi điều khoản, ví dụ “Điều 11”."))
    check.need(rows, "rows", _("Bảng phải có ít nhất một dòng."))
    check.need(
        effective_to is None or effective_to > effective_from,
        "effective_to",
        _("Ngày hết hiệu lực phải sau ngày có hiệu lực."),
    )
    check.need(
        verification != Verification.VERIFIED or nfc(source).strip(),
        "source",
        _("Hãy ghi nguồn đã đối chiếu: số Công báo, địa chỉ văn bản, trang."),
    )
    for fault in faults([Row(dict(r.get("when", {})), r["value"]) for r in rows], table.norm.keys):
        check.add("rows", _(fault.template) % fault.params)
    check.done()
    table.rows = [dict(row) for row in rows]
    table.legal_ref, table.source, table.note = nfc(legal_ref).strip(), nfc(source), nfc(note)
    table.effective_from, table.effective_to = effective_from, effective_to
    table.verification = verification
    table.save()
    _touch(draft, actor)
    return table


@use_case("norms.draft.change", act="norms.draft.rebase")
def rebase_table(*, actor: Actor, table: DraftTable) -> DraftTable:
    """Compare a table with the version now in force, which came in after the draft was begun.

    Raises:
        ConflictError: the draft is no longer being edited.
    """
    _open(table.draft, None)
    table.taken_from = version_or_none(table.norm.code, table.effective_from)
    table.save()
    _touch(table.draft, actor)
    return table


@use_case("norms.draft.change", act="norms.draft.change_case")
def change_case(
    *, actor: Actor, draft: NormDraft, case: NormCase, expected: Any, reason: str
) -> CaseChange:
    """Say that by the new text a test has another result, and why.

    Raises:
        InvalidInputError: no reason; or the rule is not in the draft.
    """
    _open(draft, None)
    _table_in(draft, case.norm)
    said = _reason(reason)
    rows = CaseChange.objects.unscoped("one draft").filter(draft=draft, case=case)
    change = rows.first() or CaseChange(
        draft=draft,
        case=case,
        norm=case.norm,
        owner_org=draft.owner_org,
        area=draft.area,
        is_demo=draft.is_demo,
    )
    change.inputs, change.expected, change.reason = case.inputs, expected, said
    change.save()
    _touch(draft, actor)
    return change


@use_case("norms.draft.change", act="norms.draft.add_case")
def add_draft_case(
    *,
    actor: Actor,
    draft: NormDraft,
    norm: Norm,
    inputs: Mapping[str, Any],
    expected: Any,
    reason: str,
) -> CaseChange:
    """Add a test that holds from the day of the draft.

    Raises:
        InvalidInputError: no reason; or the rule is not in the draft.
    """
    _open(draft, None)
    _table_in(draft, norm)
    change = CaseChange(
        draft=draft,
        norm=norm,
        inputs=dict(inputs),
        expected=expected,
        reason=_reason(reason),
        owner_org=draft.owner_org,
        area=draft.area,
        is_demo=draft.is_demo,
    )
    change.save()
    _touch(draft, actor)
    return change


@use_case("norms.draft.change", act="norms.draft.drop_case_change")
def drop_case_change(*, actor: Actor, draft: NormDraft, change: CaseChange) -> NormDraft:
    """Take back what a draft changes of a test.

    Raises:
        ConflictError: the draft is no longer being edited.
    """
    _open(draft, None)
    change.delete()
    _touch(draft, actor)
    return draft


@use_case("norms.draft.change", act="norms.draft.submit")
def submit_draft(*, actor: Actor, row: NormDraft, version: int | None) -> NormDraft:
    """Hand a draft to whoever publishes.

    Raises:
        InvalidInputError: it holds no table.
        ConflictError: it is no longer being edited.
    """
    _open(row, version)
    if not DraftTable.objects.unscoped("one draft").filter(draft=row).exists():
        raise InvalidInputError(message=_("Dự thảo chưa có bảng quy định nào."))
    row.status, row.submitted_at = DraftStatus.REVIEW.value, now()
    _sign(row, actor)
    row.save()
    return row


@use_case("norms.draft.change", act="norms.draft.return")
def return_draft(*, actor: Actor, row: NormDraft, version: int | None, reason: str) -> NormDraft:
    """Give a draft back to its authors.

    Raises:
        InvalidInputError: no reason.
        ConflictError: it does not wait for publication.
    """
    return _give_back(row, version, reason)


@use_case("norms.draft.publish", act="norms.draft.refuse")
def refuse_draft(*, actor: Actor, row: NormDraft, version: int | None, reason: str) -> NormDraft:
    """Refuse to publish: whoever may publish gives the draft back with the reason.

    Raises:
        InvalidInputError: no reason.
        ConflictError: it does not wait for publication.
    """
    return _give_back(row, version, reason)


def _give_back(row: NormDraft, version: int | None, reason: str) -> NormDraft:
    check_version(row, version)
    if row.status != DraftStatus.REVIEW:
        raise ConflictError(_("Dự thảo không ở giai đoạn chờ công bố."))
    row.ended_why = _reason(reason)
    row.status, row.submitted_at = DraftStatus.EDITING.value, None
    row.save()
    return row


@use_case("norms.draft.change", act="norms.draft.withdraw")
def withdraw_draft(*, actor: Actor, row: NormDraft, version: int | None, reason: str) -> NormDraft:
    """End a draft that was not published.

    Raises:
        InvalidInputError: no reason.
        ConflictError: it was published or withdrawn already.
    """
    check_version(row, version)
    if row.status not in (DraftStatus.EDITING, DraftStatus.REVIEW):
        raise ConflictError(_("Dự thảo đã kết thúc, không rút được nữa."))
    row.ended_why, row.ended_at, row.ended_by = _reason(reason), now(), actor.name
    row.status = DraftStatus.WITHDRAWN.value
    row.save()
    return row


def _take_in(draft: NormDraft, norm: Norm) -> DraftTable:
    base = version_or_none(norm.code, draft.effective_from)
    rows = base.rows if base else next((v.rows for v in tables_of(norm)), [])
    table = DraftTable(
        draft=draft,
        norm=norm,
        taken_from=base,
        legal_ref=base.legal_ref if base and draft.document_id == base.document_id else "",
        effective_from=draft.effective_from,
        effective_to=_end_of(base, draft),
        rows=rows,
        owner_org=draft.owner_org,
        area=draft.area,
        is_demo=draft.is_demo,
    )
    table.save()
    return table


def _end_of(base: NormVersion | None, draft: NormDraft) -> date | None:
    """A correction holds as long as what it corrects; a new text has no end."""
    return base.effective_to if base and draft.act == DraftAct.CORRECT else None


def _table_in(draft: NormDraft, norm: Norm) -> DraftTable:
    rows = DraftTable.objects.unscoped("one draft")
    table = rows.filter(draft=draft, norm=norm).first()
    if table is None:
        raise NotFoundError(_("bảng của dự thảo"), norm.name)
    return table


def _open(draft: NormDraft, version: int | None) -> None:
    """Lock a draft and make sure that it is being edited; ``version`` None: whatever its head."""
    if version is not None:
        check_version(draft, version)
    else:
        draft.refresh_from_db(from_queryset=NormDraft.base.select_for_update(of=("self",)))
    if draft.status != DraftStatus.EDITING:
        raise ConflictError(
            _("Dự thảo “%(draft)s” không ở giai đoạn soạn.") % {"draft": draft},
            hint=_("Trả lại dự thảo để soạn tiếp, hoặc lập dự thảo mới."),
        )


def _check_dates(table: DraftTable) -> None:
    if table.effective_to is not None and table.effective_to <= table.effective_from:
        raise InvalidInputError(
            {"effective_from": _("“%(norm)s” hết hiệu lực trước ngày này.") % {"norm": table.norm}}
        )


def _reason(text: str) -> str:
    said = nfc(text).strip()
    if len(said) < SHORTEST_REASON:
        raise InvalidInputError(
            {"reason": _("Hãy ghi lý do, ít nhất %(n)s ký tự.") % {"n": SHORTEST_REASON}}
        )
    return said


def _touch(draft: NormDraft, actor: Actor) -> None:
    """Write a new author down."""
    if _sign(draft, actor):
        draft.save(update_fields=["author_ids", "authors"])


def _sign(draft: NormDraft, actor: Actor) -> bool:
    """Whoever writes in a draft is one of its authors, and may not publish it."""
    if actor.id is None or actor.id in draft.author_ids:
        return False
    draft.author_ids = [*draft.author_ids, actor.id]
    names = [name for name in draft.authors.split(", ") if name]
    draft.authors = ", ".join([*names, actor.name])[:400]
    return True
