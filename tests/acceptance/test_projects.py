"""Investment projects: everything about a work in one place, from the proposal to the asset.

Through the pages of the demonstration province, as its officials use them.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.utils import timezone

from sen.domains.assets import api as assets
from sen.domains.projects import api
from sen.domains.projects.models import Funding, Payment, Project, Work
from sen.domains.projects.selectors import sequence_of
from sen.kernel.access.context import acting_as, as_system
from sen.kernel.access.scope import Actor
from sen.kernel.imports.engine import Request, run
from sen.kernel.imports.importer import importers
from sen.kernel.imports.models import ImportRun
from tests.conftest import Demo
from tests.contract.test_visibility import actor_named, signed_in

pytestmark = pytest.mark.acceptance


def project_at(step: str) -> Project:
    with as_system("a project of the demonstration"):
        row = Project.objects.filter(step=step).order_by("id").first()
    assert row is not None
    return row


def test_forty_projects_have_a_history_whose_sums_agree(demo: Demo) -> None:
    with as_system("the demonstration") as actor:
        assert Project.objects.filter(is_demo=True).count() >= 40
        for row in Project.objects.all():
            sums = api.capital_of(actor, row)
            paid = sum(p.amount_vnd for p in Payment.objects.filter(project=row))
            assert sums.whole.disbursed_vnd == paid == row.disbursed_vnd, row.code
            assert sum(m.allocated_vnd for m in sums.by_year.values()) == row.allocated_vnd
            assert sum(m.allocated_vnd for m in sums.by_source.values()) == row.allocated_vnd
            curve = api.curve_of(actor, row, timezone.localdate())
            assert not curve or curve[-1].planned == 100, row.code
        building = Project.objects.filter(step="CONSTRUCTION")
        assert len({row.pace for row in building}) >= 3
        months = {p.paid_at.replace(day=1) for p in Payment.objects.all()}
    assert len(months) >= 18, "two years of disbursement"


def test_a_leader_reads_stage_progress_money_risk_and_milestone_on_one_page(demo: Demo) -> None:
    client = signed_in("lanhdao")
    row = project_at("CONSTRUCTION")
    text = client.get(f"/ql/projects/projects/{row.pk}/").content.decode()
    head = text[: text.index("Đường cong")]
    for said in ("Thực hiện dự án", "Khối lượng", "Tổng mức đầu tư", "Giải ngân", "Mốc tiếp theo"):
        assert said in head, said
    desk = client.get("/ql/").content.decode()
    for said in ("Dự án chậm tiến độ", "Giải ngân trong năm"):
        assert said in desk, said


def test_a_finished_work_becomes_an_asset_by_one_act_with_a_preview(demo: Demo) -> None:
    client = signed_in("hatang")
    with as_system("a finished bridge of the demonstration"):
        work = Work.objects.filter(status="ACCEPTED", asset_type="bridge").first()
        assert work is not None
        length_m = work.attributes["length_m"]
    url = f"/ql/projects/projects/{work.project_id}/ban-giao/"
    page = client.get(url).content.decode()
    assert "tài sản mới" in page
    assert "Chưa bàn giao được" not in page
    receiver = re.search(r'<option value="(\d+)" selected>', page)
    assert receiver is not None
    with as_system("the preview wrote nothing") as actor:
        assert assets.asset_by_code(actor, work.code) is None
    values = {
        "receiver": receiver[1],
        "on": timezone.localdate().isoformat(),
        "act": "do",
        "work": str(work.pk),
    }
    assert client.post(url, values).status_code == 302
    with as_system("the asset") as actor:
        found = assets.asset_by_code(actor, work.code)
        assert found is not None
        asset = assets.assets(actor).get(pk=found.id)
        assert asset.attributes["length_m"] == length_m
        assert asset.road_id == work.road_id
    shown = client.get(f"/ql/assets/bridges/{found.id}/").content.decode()
    assert "Dự án xây dựng, sửa chữa" in shown
    road = client.get(f"/ql/network/roads/{work.road_id}/")
    assert road.status_code == 200


def test_the_yearly_plan_comes_from_excel_with_a_dry_run(demo: Demo, tmp_path: Path) -> None:
    with as_system("lines of the plan"):
        row = Project.objects.order_by("id").first()
        assert row is not None
        year = timezone.localdate().year + 1
        before = Funding.objects.filter(year=year).count()
    actor = actor_named("hatang")
    source = "Ngân sách tỉnh – xổ số kiến thiết"
    wrong = _sheet(tmp_path, [row.code, source, year, 12, 10], ["KHÔNG-CÓ", "NSDP-DAT", year, 1, 1])
    report = _import(actor, wrong, dry_run=True)
    assert report.fault_count == 1
    assert "Không có dự án mã này" in str(report.faults)
    good = _sheet(tmp_path, [row.code, source, year, 12, 10])
    assert _import(actor, good, dry_run=True).fault_count == 0
    with as_system("a dry run writes nothing"):
        assert Funding.objects.filter(year=year).count() == before
    assert _import(actor, good, dry_run=False).created == 1
    with as_system("the plan in đồng"):
        line = Funding.objects.get(project=row, year=year)
    assert (line.planned_vnd, line.allocated_vnd) == (12 * 10**9, 10 * 10**9)


def _sheet(folder: Path, *rows: list[Any]) -> Path:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(["Mã dự án", "Nguồn vốn", "Năm kế hoạch", "Vốn dự kiến", "Vốn được giao"])
    for row in rows:
        page.append(row)
    file = folder / "ke-hoach.xlsx"
    book.save(file)
    return file


def _import(actor: Actor, file: Path, *, dry_run: bool) -> ImportRun:
    request = Request(file=file, dry_run=dry_run, options={"unit": "ty"})
    with acting_as(actor):
        return run(importer=importers["capital-plan"], actor=actor, request=request)


def test_the_public_sees_projects_but_neither_payments_nor_diary(demo: Demo) -> None:
    client = Client()
    row = project_at("CONSTRUCTION")
    page = client.get(f"/tra-cuu/projects/projects/{row.pk}/")
    assert page.status_code == 200
    assert row.name in page.content.decode()
    for register in ("payments", "diary", "fundings", "risks", "contracts"):
        listed = client.get(f"/api/public/v1/projects/{register}")
        assert listed.status_code != 200 or listed.json()["count"] == 0, register


def test_works_are_on_the_map_and_in_the_interfaces(demo: Demo) -> None:
    client = Client()
    for layer in ("works", "works-lines"):
        found = client.get(f"/ogc/collections/{layer}/items", {"f": "json", "limit": "5"})
        assert found.status_code == 200, layer
        assert found.json()["features"], layer
    actor = actor_named("hatang")
    assert actor.may("projects.project.add")


def test_a_schedule_shows_its_critical_path_and_what_is_late(demo: Demo) -> None:
    client = signed_in("hatang")
    with as_system("schedules of the demonstration") as actor:
        building = list(Project.objects.filter(step="CONSTRUCTION").order_by("id"))
        found = [sequence_of(actor, row, timezone.localdate()) for row in building]
    schedules = [one for one in found if one is not None]
    assert all(one.has_ties and not one.problem for one in schedules)
    assert all(line.float_days >= 0 for one in schedules for line in one.lines)
    assert any(line.pushes for one in schedules for line in one.lines)
    text = client.get(f"/ql/projects/projects/{building[0].pk}/tien-do/").content.decode()
    for said in ("Đường găng:", "Dự báo theo thực tế", "gantt-tie", "Nền, móng công trình"):
        assert said in text, said
