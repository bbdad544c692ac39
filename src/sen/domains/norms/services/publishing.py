"""Publishing a draft and taking a publication back: by another person than its authors.

Nothing that was published is edited. What held in the span of a draft is superseded and stays
readable; what lies before and after it is written anew beside it. So the house can always say
what a rule was on a date, and what it was held to be at any time.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _

from sen.domains.norms.choices import DraftAct, DraftStatus, Verification
from sen.domains.norms.events import (
    NormDraftPublished,
    NormVersionPublished,
    NormVersionWithdrawn,
)
from sen.domains.norms.models import (
    CaseChange,
    Document,
    DocumentLink,
    DraftTable,
    NormCase,
    NormDraft,
    NormVersion,
)
from sen.domains.norms.rules import Span
from sen.domains.norms.selectors import run_cases, version_or_none
from sen.domains.norms.services.drafts import SHORTEST_REASON
from sen.domains.norms.services.versions import current_versions
from sen.kernel.access.scope import Actor
from sen.kernel.errors import (
    ConflictError,
    InvalidInputError,
    PermissionDeniedError,
)
from sen.kernel.events import publish
from sen.kernel.usecase import check_version, use_case
from sen.lib.text import nfc


@use_case("norms.draft.publish")
def publish_draft(
    *, actor: Actor, row: NormDraft, version: int | None, reason: str = ""
) -> NormDraft:
    """Make the tables of a draft what the rules say.

    Raises:
        PermissionDeniedError: the actor wrote in the draft.
        InvalidInputError: a test fails, or a day in the past is given no reason.
        ConflictError: the draft does not wait for publication, or rests on an outdated version.
    """
    check_version(row, version)
    if row.status != DraftStatus.REVIEW:
        raise ConflictError(_("Dự thảo không ở giai đoạn chờ công bố."))
    _other_person(actor, row)
    tables = list(_tables(row))
    _check(row, tables, nfc(reason).strip())
    for table in tables:
        _publish_table(table, nfc(reason).strip())
    row.undo = _change_cases(row) | _link(row)
    row.status, row.published_at = DraftStatus.PUBLISHED.value, now()
    row.published_by, row.ended_why = actor.name, ""
    row.save()
    for table in tables:
        publish(
            NormVersionPublished(norm=table.norm.code, effective_from=table.effective_from),
            key=table.norm.code,
            on=row,
        )
    publish(
        NormDraftPublished(
            draft_id=row.pk,
            document=row.document.code,
            act=row.act,
            norms=tuple(table.norm.code for table in tables),
            effective_from=row.effective_from,
        ),
        key=row.pk,
        on=row,
    )
    return row


@use_case("norms.draft.publish", act="norms.draft.revoke")
def revoke_draft(*, actor: Actor, row: NormDraft, version: int | None, reason: str) -> NormDraft:
    """Take a publication back: the rules say again what they said before.

    Raises:
        PermissionDeniedError: the actor wrote in the draft.
        InvalidInputError: no reason.
        ConflictError: it is not published, or a later publication rests on it.
    """
    check_version(row, version)
    said = nfc(reason).strip()
    if row.status != DraftStatus.PUBLISHED:
        raise ConflictError(_("Dự thảo chưa được công bố."))
    _other_person(actor, row)
    if len(said) < SHORTEST_REASON:
        raise InvalidInputError(
            {"reason": _("Hãy ghi lý do, ít nhất %(n)s ký tự.") % {"n": SHORTEST_REASON}}
        )
    tables = list(_tables(row))
    for table in tables:
        _take_back(table, said)
    _undo(row)
    row.status, row.ended_at = DraftStatus.REVOKED.value, now()
    row.ended_by, row.ended_why = actor.name, said
    row.save()
    for table in tables:
        publish(
            NormVersionWithdrawn(norm=table.norm.code, effective_from=table.effective_from),
            key=table.norm.code,
            on=row,
        )
    return row


def _other_person(actor: Actor, draft: NormDraft) -> None:
    if actor.id is None or actor.id in draft.author_ids:
        raise PermissionDeniedError(
            "norms.draft.publish",
            _("Người soạn không tự công bố hoặc hủy công bố dự thảo của mình."),
            hint=_("Hãy đề nghị một người khác có quyền công bố; người soạn: %(authors)s.")
            % {"authors": draft.authors or "—"},
        )


def _tables(draft: NormDraft) -> Any:
    rows = DraftTable.objects.unscoped("tables of one draft").filter(draft=draft)
    return rows.select_related("norm", "taken_from", "draft__document").order_by("norm__name", "id")


def _check(draft: NormDraft, tables: list[DraftTable], reason: str) -> None:
    if not tables:
        raise InvalidInputError(message=_("Dự thảo chưa có bảng quy định nào."))
    for table in tables:
        now_in_force = version_or_none(table.norm.code, table.effective_from)
        if (now_in_force and now_in_force.pk) != table.taken_from_id:
            raise ConflictError(
                _("“%(norm)s” đã có phiên bản khác từ khi lập dự thảo.") % {"norm": table.norm},
                hint=_("Trả lại dự thảo, so lại với phiên bản đang hiệu lực rồi trình lại."),
            )
        if not table.legal_ref:
            raise InvalidInputError(
                message=_("“%(norm)s” chưa ghi điều khoản.") % {"norm": table.norm}
            )
        failing = [run for run in run_cases(table) if not run.passes]
        if failing:
            raise InvalidInputError(
                message=_("%(n)s ca kiểm thử của “%(norm)s” chưa đạt.")
                % {"n": len(failing), "norm": table.norm},
                hint=_("Sửa bảng, hoặc đổi kết quả đúng của ca kiểm thử kèm lý do."),
            )
    past = min(table.effective_from for table in tables)
    if past <= localdate() and len(reason) < SHORTEST_REASON:
        raise InvalidInputError(
            {
                "reason": _("Hiệu lực từ %(day)s, không sau hôm nay: hãy ghi lý do công bố hồi tố.")
                % {"day": past.strftime("%d/%m/%Y")}
            }
        )


def _publish_table(table: DraftTable, reason: str) -> None:
    span = Span(table.effective_from, table.effective_to)
    why = reason or _("Thay bằng %(document)s") % {"document": table.draft.document}
    table.before = [
        _supersede(old, span, why)
        for old in list(current_versions(table.norm))
        if Span(old.effective_from, old.effective_to).overlaps(span)
    ]
    table.save(update_fields=["before"])
    _write(table.norm_id, _content(table), span, table)


def _supersede(old: NormVersion, span: Span, why: str) -> dict[str, Any]:
    """Put a version aside and write what of it lies outside the span anew."""
    own = Span(old.effective_from, old.effective_to)
    old.superseded_at, old.superseded_why = now(), why[:500]
    old.save(update_fields=["superseded_at", "superseded_why"])
    kept = [_copy(old, rest).pk for rest in (own.before(span), own.after(span)) if rest is not None]
    return {"id": old.pk, "kept": kept}


def _copy(old: NormVersion, span: Span) -> NormVersion:
    """The same content in another span."""
    names = ("legal_ref", "verification", "verified_by", "verified_on", "source", "rows", "note")
    made = NormVersion(
        norm_id=old.norm_id,
        document_id=old.document_id,
        draft_id=old.draft_id,
        effective_from=span.start,
        effective_to=span.end,
        owner_org_id=old.owner_org_id,
        area_id=old.area_id,
        data_class=old.data_class,
        is_demo=old.is_demo,
        **{name: getattr(old, name) for name in names},
    )
    made.save()
    return made


def _content(table: DraftTable) -> dict[str, Any]:
    is_verified = table.verification == Verification.VERIFIED
    return {
        "legal_ref": table.legal_ref,
        "verification": table.verification,
        "verified_by": table.draft.authors[:120] if is_verified else "",
        "verified_on": localdate() if is_verified else None,
        "source": table.source,
        "rows": table.rows,
        "note": table.note,
    }


def _write(norm_id: int, content: dict[str, Any], span: Span, table: DraftTable) -> None:
    NormVersion(
        norm_id=norm_id,
        document=table.draft.document,
        draft=table.draft,
        effective_from=span.start,
        effective_to=span.end,
        owner_org=table.norm.owner_org,
        area=table.norm.area,
        is_demo=table.draft.is_demo,
        **content,
    ).save()


def _change_cases(draft: NormDraft) -> dict[str, Any]:
    """Tests with another result end on the day, and begin with the new one."""
    ended: list[dict[str, Any]] = []
    made: list[int] = []
    starts = {table.norm_id: table.effective_from for table in _tables(draft)}
    changes = CaseChange.objects.unscoped("changes of one draft").filter(draft=draft)
    for change in changes.select_related("case", "norm"):
        start, end = starts[change.norm_id], None
        if change.case is not None:
            end = change.case.effective_to
            ended.append({"id": change.case.pk, "end": end.isoformat() if end else None})
            change.case.effective_to = start
            change.case.save(update_fields=["effective_to"])
        case = NormCase(
            norm=change.norm,
            inputs=change.inputs,
            expected=change.expected,
            effective_from=start,
            effective_to=end,
            reason=change.reason,
            draft=draft,
            is_demo=draft.is_demo,
            owner_org=change.norm.owner_org,
            area=change.norm.area,
        )
        case.save()
        made.append(case.pk)
    return {"cases_ended": ended, "cases_made": made}


def _link(draft: NormDraft) -> dict[str, Any]:
    """The documents know of each other; what is replaced ends on the day."""
    target = draft.target
    if target is None or target.pk == draft.document_id:
        return {}
    link = DocumentLink.objects.unscoped("one link").filter(
        document=draft.document, target=target, act=draft.act
    )
    undo: dict[str, Any] = {}
    if not link.exists():
        made = DocumentLink(
            document=draft.document,
            target=target,
            act=draft.act,
            effective_from=draft.effective_from,
            is_demo=draft.is_demo,
            owner_org=target.owner_org,
            area=target.area,
        )
        made.save()
        undo["link"] = made.pk
    if draft.act == DraftAct.REPLACE:
        old_end = target.effective_to
        undo["target_end"] = old_end.isoformat() if old_end else None
        target.effective_to = draft.effective_from
        target.save(update_fields=["effective_to"])
    return undo


def _take_back(table: DraftTable, why: str) -> None:
    mine = list(
        current_versions(table.norm).filter(
            draft=table.draft,
            effective_from=table.effective_from,
            effective_to=table.effective_to,
        )
    )
    if len(mine) != 1:
        raise ConflictError(
            _("“%(norm)s” đã được công bố tiếp sau dự thảo này.") % {"norm": table.norm},
            hint=_("Lập dự thảo mới để sửa phiên bản đang hiệu lực."),
        )
    _aside(mine[0], why)
    span = Span(table.effective_from, table.effective_to)
    for entry in table.before:
        old = NormVersion.objects.unscoped("what held before").get(pk=entry["id"])
        kept = list(current_versions(table.norm).filter(pk__in=entry["kept"]))
        own = Span(old.effective_from, old.effective_to)
        if len(kept) == len(entry["kept"]):  # nothing touched them since: one piece again
            for piece in kept:
                _aside(piece, why)
            _copy(old, own)
        elif (rest := own.within(span)) is not None:
            _copy(old, rest)


def _aside(version: NormVersion, why: str) -> None:
    version.superseded_at, version.superseded_why = now(), why[:500]
    version.save(update_fields=["superseded_at", "superseded_why"])


def _undo(draft: NormDraft) -> None:
    cases = NormCase.objects.unscoped("tests of one draft")
    cases.filter(pk__in=draft.undo.get("cases_made", [])).delete()
    for entry in draft.undo.get("cases_ended", []):
        case = cases.get(pk=entry["id"])
        case.effective_to = date.fromisoformat(entry["end"]) if entry["end"] else None
        case.save(update_fields=["effective_to"])
    if "link" in draft.undo:
        DocumentLink.objects.unscoped("one link").filter(pk=draft.undo["link"]).delete()
    if "target_end" in draft.undo and draft.target_id is not None:
        target = Document.objects.unscoped("one document").get(pk=draft.target_id)
        end = draft.undo["target_end"]
        target.effective_to = date.fromisoformat(end) if end else None
        target.save(update_fields=["effective_to"])
