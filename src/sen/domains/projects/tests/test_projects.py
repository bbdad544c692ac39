from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from sen.domains.parties.choices import SyncState
from sen.domains.projects import api
from sen.domains.projects.course import COURSE
from sen.domains.projects.models import Contract, Funding, Project, Work
from sen.domains.projects.services import (
    create_warranty,
    delete_amendment,
    delete_funding,
    remind_warranties,
    update_contract,
    update_funding,
    update_warranty,
)
from sen.domains.projects.tests.conftest import BILLION, Site, reread
from sen.kernel.access.context import acting_as, as_system
from sen.kernel.errors import ConflictError, InvalidInputError, PermissionDeniedError, SenError
from sen.kernel.events.models import OutboxEvent
from sen.kernel.testing.house import official

pytestmark = pytest.mark.django_db
Make = Callable[..., Project]


def published() -> list[str]:
    names = OutboxEvent.objects.order_by("id").values_list("type", flat=True)
    return [name.split(".projects.")[1] for name in names if ".projects." in name]


def contract_of(project: Project, site: Site, **values: Any) -> Contract:
    given = {
        "code": "01/HĐ-XL",
        "name": "Thi công",
        "kind": "CONSTRUCTION",
        "contractor": site.firm_id,
        "signed_at": date(2025, 1, 5),
        "value_vnd": 80 * BILLION,
        "warranty_months": 12,
    } | values
    with as_system("a contract") as actor:
        return api.create_contract(actor=actor, project=project, **given)


def plan(project: Project, site: Site, year: int = 2025, vnd: int = 50 * BILLION) -> Funding:
    with as_system("a plan") as actor:
        return api.plan_funding(
            actor=actor,
            project=project,
            source=site.central,
            year=year,
            planned_vnd=vnd,
            allocated_vnd=vnd,
        )


def pay(project: Project, site: Site, amount: int, code: str, **values: Any) -> Any:
    given: dict[str, Any] = {"kind": "OTHER", "paid_at": date(2025, 6, 1)} | values
    with as_system("a payment") as actor:
        return api.record_payment(
            actor=actor,
            project=project,
            source=given.pop("source", site.central),
            year=given.pop("year", 2025),
            code=code,
            amount_vnd=amount,
            **given,
        )


def decide(project: Project, kind: str, **values: Any) -> Any:
    given = {"number": f"{kind}/QĐ", "issued_at": date(2025, 1, 2), "issuer": "UBND tỉnh"}
    with as_system("a decision") as actor:
        return api.record_decision(actor=actor, project=project, kind=kind, **(given | values))


def move(project: Project, to: str, **values: Any) -> Project:
    with as_system("a move") as actor:
        return api.move_project(
            actor=actor, row=reread(project), version=None, to_step=to, **values
        )


def test_a_project_begins_at_the_first_step_and_tells_all_its_faults(
    site: Site, project: Make
) -> None:
    row = project()
    assert (row.step, row.stage) == ("PROPOSAL", "PREPARATION")
    assert published() == ["project.changed.v1"]
    with pytest.raises(InvalidInputError) as error:
        project("DA-1", name=" ", kind="CASTLE", due_at=date(2020, 1, 1), proposed_vnd=-5)
    assert set(error.value.fields) == {"code", "name", "kind", "due_at", "proposed_vnd"}


def test_a_move_names_what_is_missing_and_a_way_back_asks_for_the_reason(
    site: Site, project: Make
) -> None:
    row = project()
    with pytest.raises(InvalidInputError) as error:
        move(row, "POLICY")
    assert "Chủ trương đầu tư" in error.value.fields["to_step"][0]
    with pytest.raises(InvalidInputError) as error:
        move(row, "CONSTRUCTION")
    assert "Lập báo cáo nghiên cứu khả thi" in error.value.fields["to_step"][0]
    decide(row, "INVESTMENT_POLICY")
    move(row, "POLICY")
    move(row, "APPRAISAL")
    with pytest.raises(InvalidInputError) as error:
        move(row, "POLICY")
    assert "reason" in error.value.fields
    assert move(row, "POLICY", reason="thẩm định yêu cầu bổ sung").step == "POLICY"
    assert published().count("project.moved.v1") == 3


def test_random_wishes_never_bring_a_project_to_a_forbidden_state(
    site: Site, project: Make
) -> None:
    """Whatever is asked for in whatever order: every step taken is a listed one."""
    dice = random.Random(7)
    row = project()
    decide(row, "INVESTMENT_POLICY")
    steps = [step.code for step in COURSE.steps]
    for _turn in range(60):
        before = reread(row)
        try:
            if dice.random() < 0.25:
                status = dice.choice(["ACTIVE", "SUSPENDED", "CANCELLED", "WRONG"])
                if status == "CANCELLED" and dice.random() < 0.9:
                    continue
                with as_system("a wish") as actor:
                    api.set_project_status(
                        actor=actor, row=before, version=None, status=status, reason="thử nghiệm"
                    )
            else:
                move(row, dice.choice(steps), reason="thử nghiệm")
        except SenError:
            pass
        old, now = before, reread(row)
        if now.step != old.step:
            assert COURSE.move(old.step, now.step, now.kind) is not None
            assert now.status == "ACTIVE"
        assert now.stage == COURSE.by_step[now.step].stage
        assert COURSE.by_step[now.step].position <= COURSE.by_step["APPRAISAL"].position
        assert now.status in ("ACTIVE", "SUSPENDED", "CANCELLED")


def test_decisions_set_the_total_and_the_time(site: Site, project: Make) -> None:
    row = project()
    decide(row, "PROJECT_APPROVAL", total_vnd=100 * BILLION, due_at=date(2026, 6, 30))
    decide(
        row,
        "PROJECT_ADJUSTMENT",
        number="2",
        issued_at=date(2025, 9, 1),
        total_vnd=120 * BILLION,
        due_at=date(2026, 10, 1),
    )
    kept = reread(row)
    assert (kept.total_vnd, kept.due_at) == (120 * BILLION, date(2026, 10, 1))
    with pytest.raises(InvalidInputError) as error:
        decide(row, "PROJECT_APPROVAL", number="3")
    assert "total_vnd" in error.value.fields


def test_money_is_paid_out_of_the_plan_and_within_the_contract(site: Site, project: Make) -> None:
    row = project()
    contract = contract_of(row, site, value_vnd=30 * BILLION)
    plan(row, site)
    pay(row, site, 6 * BILLION, "1", kind="ADVANCE", contract=contract)
    pay(row, site, 9 * BILLION, "2", kind="VOLUME", contract=contract, recovered_vnd=2 * BILLION)
    for amount, values, field in (
        (1, {"year": 2031}, "funding__source"),
        (60 * BILLION, {}, "amount_vnd"),
        (16 * BILLION, {"kind": "VOLUME", "contract": contract}, "amount_vnd"),
        (1, {"kind": "VOLUME"}, "contract"),
        (
            1,
            {"kind": "VOLUME", "contract": contract, "recovered_vnd": 5 * BILLION},
            "recovered_vnd",
        ),
        (1, {"paid_at": timezone.localdate() + timedelta(days=1)}, "paid_at"),
    ):
        with pytest.raises(InvalidInputError) as error:
            pay(row, site, amount, "3", **values)
        assert field in error.value.fields, (amount, values, error.value.fields)
    assert reread(contract).paid_vnd == 15 * BILLION
    kept = reread(row)
    assert (kept.disbursed_vnd, kept.allocated_vnd) == (15 * BILLION, 50 * BILLION)


def test_an_amendment_changes_the_contract_but_not_below_what_was_paid(
    site: Site, project: Make
) -> None:
    row = project()
    contract = contract_of(row, site, value_vnd=30 * BILLION, ends_at=date(2026, 1, 1))
    plan(row, site)
    pay(row, site, 20 * BILLION, "1", kind="VOLUME", contract=contract)
    values = {"signed_at": date(2025, 7, 1), "grounds": "bổ sung khối lượng"}
    with as_system("amendments") as actor:
        more = api.add_amendment(
            actor=actor,
            contract=contract,
            number="PL1",
            change_vnd=5 * BILLION,
            ends_at=date(2026, 5, 1),
            **values,
        )
        kept = Contract.objects.get(pk=contract.pk)
        assert (kept.current_vnd, kept.current_ends_at) == (35 * BILLION, date(2026, 5, 1))
        with pytest.raises(InvalidInputError) as error:
            api.add_amendment(
                actor=actor, contract=contract, number="PL2", change_vnd=-16 * BILLION, **values
            )
        assert "20.000.000.000 đ" in error.value.fields["change_vnd"][0]
        delete_amendment(actor=actor, row=more, version=None, reason="ghi nhầm")
        assert Contract.objects.get(pk=contract.pk).current_vnd == 30 * BILLION
        with pytest.raises(InvalidInputError):
            update_contract(
                actor=actor,
                row=Contract.objects.get(pk=contract.pk),
                version=None,
                value_vnd=40 * BILLION,
            )


def test_a_plan_keeps_what_was_paid_out_of_it(site: Site, project: Make) -> None:
    row = project()
    line = plan(row, site)
    pay(row, site, 10 * BILLION, "1")
    with as_system("a plan") as actor:
        with pytest.raises(InvalidInputError) as error:
            update_funding(actor=actor, row=reread(line), version=None, allocated_vnd=9 * BILLION)
        assert "10.000.000.000 đ" in error.value.fields["allocated_vnd"][0]
        with pytest.raises(ConflictError):
            delete_funding(actor=actor, row=reread(line), version=None, reason="thử xóa")
        with pytest.raises(InvalidInputError):
            plan(row, site)


def test_random_payments_keep_all_sums_equal(site: Site, project: Make) -> None:
    """Lines, contracts, the project and the totals by year and source tell the same."""
    dice = random.Random(3)
    row = project()
    contract = contract_of(row, site, value_vnd=70 * BILLION)
    for year in (2024, 2025):
        for source in (site.central, site.local):
            with as_system("a plan") as actor:
                api.plan_funding(
                    actor=actor,
                    project=row,
                    source=source,
                    year=year,
                    allocated_vnd=30 * BILLION,
                    carried_vnd=dice.randrange(3) * BILLION,
                )
    paid, refused = 0, list[set[str]]()
    for number in range(25):
        amount = dice.randrange(1, 9) * BILLION
        values: dict[str, Any] = {
            "source": dice.choice([site.central, site.local]),
            "year": dice.choice([2024, 2025]),
        }
        if dice.random() < 0.5:
            values |= {"kind": "VOLUME", "contract": contract}
        try:
            pay(row, site, amount, str(number), **values)
            paid += amount
        except InvalidInputError as error:
            refused.append(set(error.fields))
    with as_system("sums") as actor:
        sums = api.capital_of(actor, reread(row))
        lines = sum(line.disbursed_vnd for line in Funding.objects.filter(project=row))
    assert paid > 20 * BILLION
    assert all(fields == {"amount_vnd"} for fields in refused)
    assert sums.whole.disbursed_vnd == lines == paid == reread(row).disbursed_vnd
    assert sum(m.disbursed_vnd for m in sums.by_year.values()) == paid
    assert sum(m.disbursed_vnd for m in sums.by_source.values()) == paid
    assert reread(contract).paid_vnd <= reread(contract).current_vnd


def test_reports_of_progress_never_fall_and_move_the_pace(site: Site, project: Make) -> None:
    row = project(due_at=timezone.localdate() + timedelta(days=300))
    today = timezone.localdate()
    with as_system("a schedule") as actor:
        task = api.create_task(
            actor=actor,
            project=row,
            code="1",
            name="Nền đường",
            starts_at=today - timedelta(days=100),
            ends_at=today + timedelta(days=100),
            weight=10,
        )
        assert reread(row).pace == "LATE"
        api.report_task(actor=actor, task=task, on=today - timedelta(days=50), pct=30)
        api.report_progress(actor=actor, project=row, on=today, done={task.pk: 60})
        assert (reread(row).pace, float(reread(row).actual_pct)) == ("ON_TIME", 60.0)
        for on, pct in ((today, 20), (today - timedelta(days=20), 70), (today, 101)):
            with pytest.raises(InvalidInputError):
                api.report_task(actor=actor, task=task, on=on, pct=pct)
        with pytest.raises(InvalidInputError) as error:
            api.report_progress(actor=actor, project=row, on=today, done={task.pk: 10, 999: 5})
        assert set(error.value.fields) == {f"task_{task.pk}", "task_999"}
        curve = api.curve_of(actor, reread(row), today)
    assert curve[-1].planned == 100
    assert [p.actual for p in curve if p.on == today] == [60.0]
    assert "project.pace_changed.v1" in published()


def test_a_warranty_ends_by_the_contract_and_is_called_to_mind_once(
    site: Site, project: Make
) -> None:
    row = project()
    contract = contract_of(row, site)
    start = timezone.localdate() - timedelta(days=350)
    with as_system("a warranty") as actor:
        warranty = create_warranty(actor=actor, contract=contract, starts_at=start)
        assert warranty.ends_at is not None
        assert 0 < (warranty.ends_at - timezone.localdate()).days < 20
        assert remind_warranties(actor=actor) == 1
        assert remind_warranties(actor=actor) == 0
        assert published().count("warranty.ending.v1") == 1
        released = update_warranty(
            actor=actor, row=reread(warranty), version=None, status="RELEASED"
        )
        with pytest.raises(InvalidInputError):
            update_warranty(actor=actor, row=reread(released), version=None, status="RUNNING")


def test_national_ids_are_noted_never_made_and_borne_once(site: Site, project: Make) -> None:
    first, second = project(), project("DA-2")
    assert (first.national_id, first.national_sync) == ("", "LOCAL")
    now = timezone.now()
    with as_system("the answer of the national database") as actor:
        api.note_national_id(
            actor=actor, row=reread(first), value="QG-82-001", state=SyncState.MATCHED, at=now
        )
        with pytest.raises(InvalidInputError):
            api.note_national_id(
                actor=actor, row=reread(second), value="QG-82-001", state=SyncState.MATCHED, at=now
            )
    assert reread(first).national_sync == "MATCHED"


def test_a_board_writes_its_own_projects_only(site: Site, project: Make) -> None:
    own, foreign = project(), project("DA-2", owner_org=site.other_org)
    actor = official("projects.*.*", "places.*.view", orgs=[site.org])
    values = {"kind": "LAND", "description": "Vướng mặt bằng", "raised_at": date(2025, 3, 1)}
    with acting_as(actor):
        writable = Project.objects.visible_to(actor, "change").values_list("code", flat=True)
        assert list(writable) == [own.code]
        risk = api.raise_risk(actor=actor, project=own, **values)
        assert (risk.owner_org_id, risk.area_id) == (site.org.pk, site.area.pk)
    with acting_as(actor), pytest.raises(PermissionDeniedError):
        api.raise_risk(actor=actor, project=foreign, **values)


def test_parts_follow_their_project_to_another_owner(site: Site, project: Make) -> None:
    row = project()
    line = plan(row, site)
    with as_system("handing a project over") as actor:
        work = api.create_work(actor=actor, project=row, code="CT1", name="Cầu số 1")
        api.update_project(actor=actor, row=reread(row), version=None, owner_org=site.other_org)
    assert reread(line).owner_org_id == reread(work).owner_org_id == site.other_org.pk
    assert isinstance(work, Work)


def test_a_project_that_was_given_up_takes_nothing_new(site: Site, project: Make) -> None:
    row = project()
    with as_system("giving up") as actor:
        api.set_project_status(
            actor=actor, row=row, version=None, status="CANCELLED", reason="không còn phù hợp"
        )
        with pytest.raises(InvalidInputError):
            api.set_project_status(
                actor=actor, row=reread(row), version=None, status="ACTIVE", reason="mở lại"
            )
    with pytest.raises(InvalidInputError) as error:
        plan(reread(row), site)
    assert "project" in error.value.fields
