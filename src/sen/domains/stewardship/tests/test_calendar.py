"""When things are due, who is reminded, who is told that something is late."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sen.domains.stewardship import services
from sen.domains.stewardship.choices import Recurrence, Shift
from sen.domains.stewardship.models import UpdateTask
from sen.domains.stewardship.rules import due_days, level_due, moved, reminder_due
from sen.domains.stewardship.tests.conftest import People
from sen.kernel.access.context import as_system
from sen.kernel.errors import ConflictError, InvalidInputError
from sen.kernel.notices.models import Notice
from sen.kernel.testing.guarded.models import Thing
from sen.kernel.testing.house import House
from sen.kernel.web.register.resource import Resource

DAYS = st.dates(date(2024, 1, 1), date(2030, 12, 31))


@given(first=DAYS, length=st.integers(0, 800), day=st.integers(1, 31))
def test_each_month_has_one_due_day_and_none_lies_outside(
    first: date, length: int, day: int
) -> None:
    last = first + timedelta(days=length)
    found = due_days(Recurrence.MONTHLY, [str(day)], first, last)
    assert all(first <= due.on <= last for due in found)
    assert len({due.period for due in found}) == len(found)
    whole = due_days(Recurrence.MONTHLY, [str(day)], date(2026, 1, 1), date(2026, 12, 31))
    assert len(whole) == 12


@given(on=DAYS, shift=st.sampled_from([Shift.BEFORE, Shift.AFTER]))
def test_a_moved_day_is_the_nearest_working_day(on: date, shift: Shift) -> None:
    def works(day: date) -> bool:
        return day.weekday() < 5

    found = moved(on, shift, works)
    assert works(found)
    between = range(1, abs((found - on).days))
    step = 1 if shift is Shift.AFTER else -1
    assert not any(works(on + timedelta(days=step * n)) for n in between)


@given(
    planned=st.lists(st.integers(0, 30), max_size=5, unique=True),
    start=st.integers(0, 40),
)
def test_each_reminder_is_sent_once_and_missed_ones_not_afterwards(
    planned: list[int], start: int
) -> None:
    reminded: list[int] = []
    for left in range(start, -3, -1):
        now = reminder_due(left, planned, reminded)
        if now is not None:
            assert now >= left >= 0
            assert now not in reminded
            reminded = sorted({*reminded, *(days for days in planned if days >= now)})
    assert set(reminded) == {days for days in planned if days <= start or days >= min(planned)}
    assert [level_due(days, (1, 5)) for days in (0, 1, 4, 5, 9)] == [0, 1, 1, 2, 2]


def test_tasks_are_made_once_reminded_of_and_told_to_superiors_by_level(
    house: House, people: People, things: Resource[Thing]
) -> None:
    with as_system("a duty") as actor:
        data_set = services.create_data_set(
            actor=actor,
            code="vat-dong",
            name="Vật xã Đông",
            register_key=things.key,
            slice_by="AREA",
            owner_org=house.division,
            area=house.east,
        )
        services.create_obligation(
            actor=actor,
            code="ra-soat",
            title="Rà soát vật",
            kind="UPDATE",
            register_key=things.key,
            owner_org=house.roads,
            area=house.whole,
            recurrence="YEARLY",
            due_days=["03-15"],
            lead_days=20,
            remind_days=[7, 1],
            escalate_days=[1, 5],
            starts_on=date(2026, 1, 1),
        )
        assert services.make_tasks(actor=actor, on=date(2026, 2, 10)) == [], "not open yet"
        # 15 March 2026 is a Sunday: due on the Friday before.
        made = services.make_tasks(actor=actor, on=date(2026, 2, 25))
        assert [(task.due_on, task.data_set) for task in made] == [(date(2026, 3, 13), data_set)]
        assert services.make_tasks(actor=actor, on=date(2026, 3, 1)) == []
        for on in (date(2026, 3, 6), date(2026, 3, 6), date(2026, 3, 7)):
            services.send_reminders(actor=actor, on=on)
        author, overseer = people.users["author"].pk, people.users["approver"].pk
        told = list(Notice.objects.values_list("user_id", "tone"))
        assert told == [(author, "warn")]
        services.send_reminders(actor=actor, on=date(2026, 3, 14))
        late = Notice.objects.filter(tone="danger")
        assert set(late.values_list("user_id", flat=True)) == {author, overseer}
        assert UpdateTask.objects.get().level == 1


def test_a_task_is_confirmed_once_and_a_report_says_where_it_went(
    house: House, people: People
) -> None:
    with as_system("a report") as actor:
        services.create_obligation(
            actor=actor,
            code="bao-cao",
            title="Báo cáo",
            kind="REPORT",
            owner_org=house.roads,
            area=house.whole,
            recurrence="ONCE",
            due_days=["2026-12-31"],
            lead_days=30,
            starts_on=date(2026, 1, 1),
        )
        task = services.make_tasks(actor=actor, on=date(2026, 12, 10))[0]
        task = UpdateTask.objects.get(pk=task.pk)
        with pytest.raises(InvalidInputError):
            services.confirm_task(actor=actor, row=task, version=None, outcome="REPORTED")
        services.confirm_task(
            actor=actor, row=task, version=None, outcome="REPORTED", reason="12/BC-SXD"
        )
        with pytest.raises(ConflictError):
            services.confirm_task(actor=actor, row=task, version=None, outcome="NO_CHANGE")
        with pytest.raises(InvalidInputError) as wrong:
            services.create_obligation(
                actor=actor,
                code="sai",
                title="Sai",
                kind="REPORT",
                owner_org=house.roads,
                area=house.whole,
                recurrence="YEARLY",
                due_days=["02-31"],
                starts_on=date(2026, 1, 1),
            )
        assert "due_days" in wrong.value.fields
