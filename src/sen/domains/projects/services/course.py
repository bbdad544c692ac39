"""Moving a project along its course."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext as _

from sen.domains.parties.choices import SyncState
from sen.domains.projects.choices import Status
from sen.domains.projects.course import COURSE, missing
from sen.domains.projects.events import ProjectMoved, ProjectStatusChanged
from sen.domains.projects.labels import said
from sen.domains.projects.models import Project, Work
from sen.domains.projects.rules import STATUS_MOVES
from sen.domains.projects.selectors import facts_of
from sen.domains.projects.services.figures import refresh
from sen.domains.projects.services.filling import is_taken, need_choice, need_move
from sen.kernel.access.scope import Actor
from sen.kernel.audit.services import record
from sen.kernel.errors import InputCheck, InvalidInputError
from sen.kernel.events import publish
from sen.kernel.usecase import check_version, use_case

SHORTEST_REASON: Final = 5


@use_case("projects.project.change", act="projects.move_project")
def move_project(
    *,
    actor: Actor,
    row: Project,
    version: int | None,
    to_step: str,
    on: date | None = None,
    reason: str = "",
) -> Project:
    """Move a project to another step. A way back asks for the reason.

    Raises:
        ConflictError: somebody changed the project meanwhile.
        InvalidInputError: the course does not allow it, or something that it needs is missing.
    """
    check_version(row, version)
    check = InputCheck()
    step = COURSE.by_step.get(to_step)
    move = COURSE.move(row.step, to_step, row.kind)
    if step is None or move is None:
        allowed = ", ".join(
            said(COURSE.by_step[item.to_step].name)
            for item in COURSE.moves_from(row.step, row.kind)
        )
        raise InvalidInputError(
            {
                "to_step": _(
                    "Từ bước “%(old)s” không chuyển sang bước này được; có thể: %(known)s."
                )
                % {"old": said(row.at.name), "known": allowed or _("không có bước nào")}
            }
        )
    check.need(row.status == Status.ACTIVE, "to_step", _("Dự án đang tạm dừng hoặc đã dừng hẳn."))
    for need in missing(move, facts_of(row)):
        check.add("to_step", _("Còn thiếu: %(what)s.") % {"what": need_text(need)})
    is_back = step.position < row.at.position
    check.need(
        not is_back or len(reason.strip()) >= SHORTEST_REASON,
        "reason",
        _("Hãy ghi lý do quay lại bước trước, ít nhất 5 ký tự."),
    )
    day = on or timezone.localdate()
    check.need(day <= timezone.localdate(), "on", _("Ngày này không được ở tương lai."))
    check.done()
    old = row.step
    row.step, row.stage, row.step_since = step.code, step.stage, day
    row.save()
    refresh(row)
    publish(
        ProjectMoved(project_id=row.pk, code=row.code, from_step=old, to_step=row.step),
        key=row.pk,
        on=row,
    )
    return row


@use_case("projects.project.change", act="projects.set_status")
def set_project_status(
    *, actor: Actor, row: Project, version: int | None, status: str, reason: str
) -> Project:
    """Suspend a project, take it up again, or give it up for good.

    Raises:
        ConflictError: somebody changed the project meanwhile.
        InvalidInputError: the state cannot follow, or there is no reason.
    """
    check_version(row, version)
    check = InputCheck()
    old, row.status = row.status, status
    need_choice(check, row, "status")
    need_move(check, row, "status", STATUS_MOVES, old)
    check.need(
        len(reason.strip()) >= SHORTEST_REASON, "reason", _("Hãy ghi lý do, ít nhất 5 ký tự.")
    )
    check.done()
    row.save()
    refresh(row)
    publish(
        ProjectStatusChanged(project_id=row.pk, code=row.code, status=row.status),
        key=row.pk,
        on=row,
    )
    return row


@use_case("projects.project.change", act="projects.note_national_id", audit=False)
def note_national_id(
    *,
    actor: Actor,
    row: Project | Work,
    value: str,
    state: SyncState,
    at: datetime,
    note: str = "",
) -> Project | Work:
    """Note the id that csdlhdxd.gov.vn minted, or what it said of one. Ids are never made here.

    Raises:
        InvalidInputError: another project or work bears the id.
    """
    text = " ".join(value.split())
    if text and is_taken(row, national_id=text):
        raise InvalidInputError({"national_id": _("Mã số quốc gia này đã gắn với bản ghi khác.")})
    row.national_id, row.national_sync = text[:60], state.value
    row.national_note, row.national_at = note[:250], at
    row.save()
    record(act="projects.note_national_id", on=row, detail={"state": state.value})
    return row


def need_text(need: str) -> str:
    """What a move needs, in words."""
    head, _sep, kind = need.partition(":")
    if head == "decision":
        return _("quyết định “%(kind)s”") % {"kind": said(COURSE.by_decision[kind].name)}
    if head == "contract":
        return _("hợp đồng thi công còn hiệu lực")
    return {
        "total": _("tổng mức đầu tư trong quyết định phê duyệt"),
        "works_accepted": _("biên bản nghiệm thu hoàn thành của mọi công trình"),
        "works_handed_over": _("bàn giao mọi công trình"),
        "contracts_ended": _("hoàn thành hoặc thanh lý mọi hợp đồng"),
        "warranties_over": _("kết thúc mọi thời hạn bảo hành"),
    }[need]
