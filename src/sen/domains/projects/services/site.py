"""Records of acceptance and the diary of the site."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext as _

from sen.domains.projects.choices import AcceptanceKind, AcceptanceResult, WorkStatus
from sen.domains.projects.events import WorkAccepted
from sen.domains.projects.models import Acceptance, DiaryEntry, Project, Work
from sen.domains.projects.services.filling import (
    is_taken,
    join,
    need_amount,
    need_choice,
    need_given,
    need_open,
    need_past,
    need_same_project,
    need_text,
    take_out,
)
from sen.kernel.access.context import as_system
from sen.kernel.access.filling import fill
from sen.kernel.access.scope import Actor
from sen.kernel.errors import ConflictError, InputCheck
from sen.kernel.events import publish
from sen.kernel.usecase import check_version, use_case

ACCEPTANCE: Final = (
    "contract",
    "work",
    "code",
    "kind",
    "held_at",
    "result",
    "value_vnd",
    "attended",
    "remarks",
)
DIARY: Final = (
    "contract",
    "work",
    "on",
    "weather",
    "workers",
    "machines",
    "done",
    "incidents",
)
MOST_WORKERS: Final = 10_000


@use_case("projects.acceptance.add", act="projects.record_acceptance")
def record_acceptance(*, actor: Actor, project: Project, **values: Any) -> Acceptance:
    """Record an acceptance; one of completion makes its work ready to be handed over.

    Raises:
        InvalidInputError: by field.
    """
    row = Acceptance()
    join(row, project)
    _put_acceptance(row, values)
    return row


@use_case("projects.acceptance.change", act="projects.update_acceptance")
def update_acceptance(
    *, actor: Actor, row: Acceptance, version: int | None, reason: str = "", **values: Any
) -> Acceptance:
    """Correct a record of acceptance.

    Raises:
        ConflictError: somebody changed it after the form was opened.
        InvalidInputError: by field.
    """
    check_version(row, version)
    before = row.work if row.work_id else None
    _put_acceptance(row, values)
    if before is not None and before.pk != row.work_id:
        _follow_work(before)
    return row


@use_case("projects.acceptance.delete", act="projects.delete_acceptance")
def delete_acceptance(*, actor: Actor, row: Acceptance, version: int | None, reason: str) -> None:
    """Take out a record that was entered by mistake.

    Raises:
        ConflictError: somebody changed it meanwhile, or its work was handed over.
    """
    check_version(row, version)
    work = row.work if row.work_id else None
    if work is not None and work.status == WorkStatus.HANDED_OVER and _completes(row):
        raise ConflictError(
            _("Công trình đã bàn giao theo biên bản này; không xóa được."),
            hint=_("Hãy sửa nội dung biên bản nếu ghi sai."),
        )
    take_out(row)
    if work is not None:
        _follow_work(work)


def _completes(row: Acceptance) -> bool:
    return row.kind == AcceptanceKind.COMPLETION and row.result != AcceptanceResult.REJECTED


def _put_acceptance(row: Acceptance, values: dict[str, Any]) -> None:
    fill(row, values, ACCEPTANCE)
    check = InputCheck()
    need_open(check, row.project)
    need_text(check, row, "code")
    need_choice(check, row, "kind", "result")
    need_given(check, row, "held_at")
    need_past(check, row, "held_at")
    need_amount(check, row, "value_vnd")
    need_same_project(check, row, "contract", "work")
    check.need(
        row.work_id or row.kind not in (AcceptanceKind.COMPLETION, AcceptanceKind.HANDOVER),
        "work",
        _("Hãy chọn công trình được nghiệm thu hoàn thành hoặc bàn giao."),
    )
    needs_remarks = row.result in (AcceptanceResult.CONDITIONAL, AcceptanceResult.REJECTED)
    check.need(
        row.remarks or not needs_remarks,
        "remarks",
        _("Hãy ghi tồn tại, yêu cầu sửa chữa của kết luận này."),
    )
    if is_taken(row, project=row.project, code=row.code):
        check.add("code", _("Biên bản số này đã được ghi cho dự án."))
    check.done()
    row.save()
    if row.work_id and row.work is not None:
        _follow_work(row.work)
    publish(
        WorkAccepted(
            project_id=row.project_id,
            acceptance_id=row.pk,
            work_id=row.work_id,
            kind=row.kind,
            result=row.result,
        ),
        key=row.project_id,
        on=row,
    )


def _follow_work(work: Work) -> None:
    """A work is accepted from its first record of completion that is not a refusal."""
    with as_system("the state of a work follows from its records"):
        kept = Work.objects.select_for_update().get(pk=work.pk)
        if kept.status == WorkStatus.HANDED_OVER:
            return
        record = (
            Acceptance.objects.filter(work=kept, kind=AcceptanceKind.COMPLETION.value)
            .exclude(result=AcceptanceResult.REJECTED.value)
            .order_by("held_at", "id")
            .first()
        )
        if record is not None:
            kept.status, kept.finished_at = WorkStatus.ACCEPTED.value, record.held_at
        elif kept.status == WorkStatus.ACCEPTED:
            kept.status, kept.finished_at = WorkStatus.BUILDING.value, None
        else:
            return
        kept.save()


@use_case("projects.diary.add", act="projects.write_diary")
def write_diary(*, actor: Actor, project: Project, **values: Any) -> DiaryEntry:
    """Write an entry of the site diary.

    Raises:
        InvalidInputError: by field.
    """
    row = DiaryEntry(author=(actor.name or actor.username)[:120])
    join(row, project)
    _put_diary(row, values)
    return row


@use_case("projects.diary.change", act="projects.update_diary")
def update_diary(
    *, actor: Actor, row: DiaryEntry, version: int | None, reason: str = "", **values: Any
) -> DiaryEntry:
    """Correct an entry; history keeps what it said before.

    Raises:
        ConflictError: somebody changed it after the form was opened.
        InvalidInputError: by field.
    """
    check_version(row, version)
    _put_diary(row, values)
    return row


@use_case("projects.diary.delete", act="projects.delete_diary")
def delete_diary(*, actor: Actor, row: DiaryEntry, version: int | None, reason: str) -> None:
    """Take out an entry that was written for the wrong project.

    Raises:
        ConflictError: somebody changed it meanwhile.
    """
    check_version(row, version)
    take_out(row)


def _put_diary(row: DiaryEntry, values: dict[str, Any]) -> None:
    fill(row, values, DIARY)
    check = InputCheck()
    need_open(check, row.project)
    need_given(check, row, "on")
    need_past(check, row, "on")
    need_choice(check, row, "weather")
    need_text(check, row, "done")
    need_same_project(check, row, "contract", "work")
    check.need(
        row.workers is None or 0 <= row.workers <= MOST_WORKERS,
        "workers",
        _("Số người phải từ 0 đến 10.000."),
    )
    check.done()
    row.save()
