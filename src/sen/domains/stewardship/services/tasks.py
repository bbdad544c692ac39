"""Use cases on tasks: made by the calendar, done by the units."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext as _

from sen.domains.norms import api as norms
from sen.domains.stewardship.choices import DutyKind, Outcome, Recurrence, Shift, Stage, TaskStatus
from sen.domains.stewardship.events import UpdateTaskDone
from sen.domains.stewardship.models import ChangeSet, DataSet, Obligation, UpdateTask
from sen.domains.stewardship.rules import Due, due_days, moved
from sen.kernel.access.context import as_system
from sen.kernel.access.models import Area, Organisation, User
from sen.kernel.access.scope import Actor
from sen.kernel.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    RuleNotInForceError,
)
from sen.kernel.events import publish
from sen.kernel.usecase import check_version, use_case
from sen.lib.text import nfc
from sen.lib.workdays import CalendarError, WorkCalendar

#: Days on which a day off could move a due day.
_SLACK: Final = 15
#: A fault that is handed over is to be mended within so many working days.
FAULT_DAYS: Final = 10


class WorkDays:
    """Working days by the rules of holidays; of a year that is not known, by the days of the week.

    A year is read once.
    """

    def __init__(self) -> None:
        self._years: dict[int, WorkCalendar | None] = {}

    def __call__(self, on: date) -> bool:
        """Whether people work on a day."""
        if on.year not in self._years:
            self._years[on.year] = _calendar_of(on.year)
        known = self._years[on.year]
        return known.is_working_day(on) if known is not None else on.weekday() < 5


def _calendar_of(year: int) -> WorkCalendar | None:
    try:
        return norms.calendar(date(year, 1, 1), date(year, 12, 31))
    except (NotFoundError, RuleNotInForceError, CalendarError):
        return None


@use_case("stewardship.task.add", act="stewardship.task.generate")
def make_tasks(*, actor: Actor, on: date) -> list[UpdateTask]:
    """The tasks that are open on a day and not there yet, of every duty in force."""
    made: list[UpdateTask] = []
    with as_system("duties and their data sets"):
        duties = list(Obligation.objects.filter(is_active=True).select_related("owner_org", "area"))
        sets: dict[str, list[DataSet]] = {}
        for row in DataSet.objects.filter(is_active=True).select_related("owner_org", "area"):
            sets.setdefault(row.register_key, []).append(row)
        have = set(
            UpdateTask.objects.filter(obligation__isnull=False).values_list(
                "obligation_id", "data_set_id", "owner_org_id", "period"
            )
        )
    works = WorkDays()
    for duty in duties:
        owers: list[DataSet | None] = (
            [*sets.get(duty.register_key, [])] if duty.register_key else [None]
        )
        for due in _dues(duty, on, works):
            made += [
                task
                for data_set in owers
                for task in [_task(duty, data_set, due)]
                if (duty.pk, task.data_set_id, task.owner_org_id, task.period) not in have
            ]
    with as_system("tasks of the calendar"):
        for task in made:
            task.save()
    return made


def _dues(duty: Obligation, on: date, works: WorkDays) -> list[Due]:
    """Due days whose tasks are open on a day, moved off days off."""
    first = max(duty.starts_on, on - timedelta(days=_SLACK))
    last = on + timedelta(days=duty.lead_days + _SLACK)
    if duty.ends_on is not None:
        last = min(last, duty.ends_on - timedelta(days=1))
    shift = Shift(duty.shift)
    found = [
        Due(moved(due.on, shift, works), due.period)
        for due in due_days(Recurrence(duty.recurrence), duty.due_days, first, last)
    ]
    return [due for due in found if due.on - timedelta(days=duty.lead_days) <= on]


def _task(duty: Obligation, data_set: DataSet | None, due: Due) -> UpdateTask:
    owner = data_set or duty
    people = data_set.responsible_id if data_set else None
    title = f"{duty.title}: {data_set.name}" if data_set else duty.title
    return UpdateTask(
        title=title[:300],
        kind=duty.kind,
        obligation=duty,
        data_set=data_set,
        owner_org=owner.owner_org,
        area=owner.area,
        assignee_id=people or duty.responsible_id,
        period=due.period,
        opens_on=due.on - timedelta(days=duty.lead_days),
        due_on=due.on,
        is_demo=duty.is_demo or owner.is_demo,
    )


@use_case("stewardship.task.change", act="stewardship.task.confirm")
def confirm_task(
    *, actor: Actor, row: UpdateTask, version: int | None, outcome: str, reason: str = ""
) -> UpdateTask:
    """Say that a task is done: nothing to change, or the report was sent.

    Raises:
        ConflictError: the task is over already.
        InvalidInputError: for a report or a publication: where it was sent is not said.
    """
    check_version(row, version)
    _be_open(row)
    result = Outcome(outcome)
    said = nfc(reason).strip()
    if result is Outcome.REPORTED and not said:
        raise InvalidInputError({"reason": _("Hãy ghi số, ngày văn bản hoặc nơi đã gửi.")})
    if result is Outcome.CHANGED:
        raise InvalidInputError(message=_("Kết quả này đi cùng một bộ thay đổi."))
    row.status, row.outcome, row.note = TaskStatus.DONE.value, result.value, said
    row.done_at, row.done_by = timezone.now(), actor.name
    row.save()
    _publish(row)
    return row


def _publish(row: UpdateTask) -> None:
    duty = row.obligation
    publish(
        UpdateTaskDone(
            task_id=row.pk,
            obligation=duty.code if duty else "",
            outcome=row.outcome,
            on_time=row.done_at is not None and timezone.localdate(row.done_at) <= row.due_on,
        ),
        key=row.pk,
        on=row,
    )


@use_case("stewardship.task.add", act="stewardship.task.record")
def bulk_record_done(
    *, actor: Actor, rows: Sequence[tuple[UpdateTask, datetime, str]]
) -> list[UpdateTask]:
    """Take over what was done before: the task, when, with which outcome; no one is told."""
    for task, at, outcome in rows:
        task.status, task.outcome, task.done_at = TaskStatus.DONE.value, Outcome(outcome).value, at
        task.done_by = task.owner_org.name[:150]
        task.reminded = sorted(task.obligation.remind_days) if task.obligation else []
    tasks = [task for task, _at, _outcome in rows]
    names = ("status", "outcome", "done_at", "done_by", "reminded")
    with as_system("tasks done before"):
        UpdateTask.objects.unscoped("tasks done before").bulk_update(tasks, names)
    return tasks


@use_case("stewardship.task.change", act="stewardship.task.attach")
def attach_set(
    *, actor: Actor, row: UpdateTask, version: int | None, change_set: ChangeSet, reason: str = ""
) -> UpdateTask:
    """Do a task by a change-set: it is done when the set is applied.

    Raises:
        ConflictError: the task or the set is over already.
    """
    check_version(row, version)
    _be_open(row)
    states = {
        Stage.DRAFT.value: TaskStatus.OPEN,
        Stage.CHECKING.value: TaskStatus.SUBMITTED,
        Stage.APPROVING.value: TaskStatus.SUBMITTED,
    }
    if change_set.status not in states:
        raise ConflictError(_("Bộ thay đổi này đã kết thúc; hãy chọn bộ khác."))
    row.change_set, row.status = change_set, states[change_set.status].value
    row.save()
    return row


@use_case("stewardship.task.assign")
def assign_task(
    *, actor: Actor, row: UpdateTask, version: int | None, assignee: User | None, reason: str = ""
) -> UpdateTask:
    """Give a task to somebody.

    Raises:
        ConflictError: the task is over already.
    """
    check_version(row, version)
    _be_open(row)
    row.assignee = assignee
    row.save()
    return row


@use_case("stewardship.task.cancel")
def cancel_task(*, actor: Actor, row: UpdateTask, version: int | None, reason: str) -> UpdateTask:
    """Strike a task out that is not owed after all.

    Raises:
        ConflictError: the task is over already.
        InvalidInputError: no reason.
    """
    check_version(row, version)
    _be_open(row)
    said = nfc(reason).strip()
    if len(said) < 5:
        raise InvalidInputError({"reason": _("Hãy ghi lý do hủy.")})
    row.status, row.note = TaskStatus.CANCELLED.value, said
    row.save()
    return row


def _be_open(row: UpdateTask) -> None:
    if row.status in (TaskStatus.DONE.value, TaskStatus.CANCELLED.value):
        raise ConflictError(_("Việc này đã kết thúc."))


@use_case("stewardship.task.add", act="stewardship.task.hand_over_fault")
def hand_over_fault(
    *,
    actor: Actor,
    data_set: DataSet | None,
    check_key: str,
    title: str,
    count: int,
    owner_org: Organisation | None = None,
    area: Area | None = None,
    is_demo: bool = False,
) -> UpdateTask:
    """Ask the owner of a data set to mend what a check finds.

    Raises:
        ConflictError: it was asked already and is not done yet.
        InvalidInputError: nobody owns the data.
    """
    with as_system("whether a fault was handed over"):
        asked = UpdateTask.objects.filter(
            data_set=data_set, check_key=check_key, status=TaskStatus.OPEN.value
        ).exists()
    if asked:
        raise ConflictError(_("Lỗi này đã được giao và chưa xong."))
    owner = data_set.owner_org if data_set else owner_org
    place = data_set.area if data_set else area
    if owner is None or place is None:
        raise InvalidInputError(message=_("Chưa có bộ dữ liệu nào nhận lỗi này."))
    today = timezone.localdate()
    row = UpdateTask(
        title=_("Sửa %(n)s bản ghi: %(title)s") % {"n": count, "title": title},
        kind=DutyKind.FAULT.value,
        data_set=data_set,
        check_key=check_key,
        owner_org=owner,
        area=place,
        assignee_id=data_set.responsible_id if data_set else None,
        period=today.strftime("%d/%m/%Y"),
        opens_on=today,
        due_on=_after_working_days(today, FAULT_DAYS),
        is_demo=is_demo,
    )
    row.title = row.title[:300]
    row.save()
    return row


def _after_working_days(on: date, count: int) -> date:
    works = WorkDays()
    while count:
        on += timedelta(days=1)
        count -= works(on)
    return on
