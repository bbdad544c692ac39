from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from sen.domains.projects import api
from sen.domains.projects.imports import PlanImporter
from sen.domains.projects.kpis import disbursed, late, running
from sen.domains.projects.models import DiaryEntry, Funding, Payment, Project
from sen.domains.projects.tests.conftest import BILLION, Site, reread
from sen.domains.projects.tests.test_projects import contract_of, decide, pay, plan
from sen.kernel.access.context import acting_as, as_system
from sen.kernel.files.models import Attachment
from sen.kernel.imports.importer import ImportRow
from sen.kernel.testing.accounts import MakeAccount
from sen.kernel.testing.house import official

pytestmark = pytest.mark.django_db
Make = Callable[..., Project]


@pytest.fixture
def signed(make_account: MakeAccount) -> Client:
    client = Client()
    client.force_login(make_account("*.*.*"))
    return client


def full(project: Make, site: Site) -> Project:
    """A project with something in every panel."""
    row = project()
    decide(row, "PROJECT_APPROVAL", total_vnd=100 * BILLION, due_at=date(2027, 1, 1))
    contract = contract_of(row, site)
    today = timezone.localdate()
    plan(row, site, today.year)
    pay(row, site, BILLION, "CT1", contract=contract, kind="ADVANCE", year=today.year)
    with as_system("a schedule") as actor:
        task = api.create_task(
            actor=actor,
            project=row,
            code="1",
            name="Thi công nền",
            starts_at=today - timedelta(days=60),
            ends_at=today + timedelta(days=60),
            weight=100,
        )
        api.report_task(actor=actor, task=task, on=today - timedelta(days=5), pct=40)
        api.raise_risk(
            actor=actor,
            project=row,
            kind="LAND",
            level="HIGH",
            description="Chậm mặt bằng",
            raised_at=today,
        )
    kept: Project = reread(row)
    return kept


def test_the_page_of_a_project_tells_stage_progress_money_and_risks(
    site: Site, project: Make, signed: Client
) -> None:
    row = full(project, site)
    text = signed.get(f"/ql/projects/projects/{row.pk}/").content.decode()
    for said in ("Chuẩn bị dự án", "Chậm mặt bằng", "kế hoạch", "Đường cong", "01/HĐ-XL"):
        assert said in text, said
    assert "50.000.000.000" in text
    public = Client().get(f"/tra-cuu/projects/projects/{row.pk}/").content.decode()
    assert row.name in public
    for hidden in ("Chậm mặt bằng", "01/HĐ-XL", "50.000.000.000"):
        assert hidden not in public, hidden


def test_a_step_is_taken_on_the_page_and_what_is_missing_is_said(
    site: Site, project: Make, signed: Client
) -> None:
    row = project()
    url = f"/ql/projects/projects/{row.pk}/"
    refused = signed.post(f"{url}buoc/", {"to_step": "POLICY", "version": row.version}, follow=True)
    assert "Còn thiếu: quyết định “Chủ trương đầu tư”" in refused.content.decode()
    decide(row, "INVESTMENT_POLICY")
    signed.post(f"{url}buoc/", {"to_step": "POLICY"})
    assert reread(row).step == "POLICY"
    signed.post(f"{url}trang-thai/", {"status": "SUSPENDED", "reason": "chờ bố trí vốn"})
    assert reread(row).status == "SUSPENDED"


def test_progress_of_all_tasks_is_reported_on_one_page(
    site: Site, project: Make, signed: Client
) -> None:
    row = full(project, site)
    url = f"/ql/projects/projects/{row.pk}/khoi-luong/"
    page = signed.get(url).content.decode()
    name = page.split('name="task_')[1].split('"')[0]
    today = timezone.localdate().isoformat()
    wrong = signed.post(url, {"on": today, f"task_{name}": "30"})
    assert wrong.status_code == 422
    assert "40 %" in wrong.content.decode()
    assert signed.post(url, {"on": today, f"task_{name}": "55"}).status_code == 302
    assert float(reread(row).actual_pct) == 55.0


def test_a_day_on_the_site_is_written_with_photos(
    site: Site, project: Make, signed: Client
) -> None:
    row = project()
    picture = BytesIO()
    Image.new("RGB", (40, 30), "green").save(picture, "JPEG")
    url = f"/ql/projects/projects/{row.pk}/nhat-ky/"
    values = {"on": timezone.localdate().isoformat(), "weather": "RAIN", "done": "Đổ bê tông dầm"}
    photo = SimpleUploadedFile("anh.jpg", picture.getvalue(), "image/jpeg")
    answer = signed.post(url, {**values, "photos": photo})
    assert answer.status_code == 302, answer.content.decode()
    with as_system("what was written"):
        entry = DiaryEntry.objects.get()
        kept = Attachment.objects.filter(register="projects.diary", object_id=entry.pk)
        assert kept.count() == 1
    assert entry.author.startswith("Cán bộ")
    assert "Đổ bê tông dầm" in signed.get(url).content.decode()
    assert signed.post(url, {**values, "done": ""}).status_code == 422


def test_payments_choose_source_and_year_on_the_form(
    site: Site, project: Make, signed: Client
) -> None:
    row = project()
    plan(row, site)
    values = {
        "project": row.pk,
        "funding__source": site.central.pk,
        "funding__year": 2025,
        "code": "CT-9",
        "kind": "OTHER",
        "paid_at": "2025-05-05",
        "amount_vnd": 7 * BILLION,
        "recovered_vnd": 0,
    }
    wrong = signed.post("/ql/projects/payments/them/", values | {"funding__year": 2030})
    assert "Dự án chưa có kế hoạch vốn" in wrong.content.decode()
    saved = signed.post("/ql/projects/payments/them/", values)
    assert saved.status_code == 302, saved.content.decode()
    with as_system("what was paid"):
        paid = Payment.objects.get()
        assert paid.funding.disbursed_vnd == 7 * BILLION
    edit = signed.get(saved.headers["Location"] + "sua/").content.decode()
    assert "2025" in edit
    money = signed.get("/ql/projects/giai-ngan/?year=2025").content.decode()
    assert "14,0" in money
    assert "Ngân sách trung ương thử" in money


def sheet(*rows: tuple[Any, ...]) -> list[ImportRow]:
    names = ("project", "source", "year", "planned_vnd", "allocated_vnd", "carried_vnd")
    return [
        ImportRow(number, dict(zip(names, row, strict=False))) for number, row in enumerate(rows, 2)
    ]


def test_the_yearly_plan_comes_in_from_a_sheet_in_any_unit(site: Site, project: Make) -> None:
    row = project()
    with as_system("a plan") as actor:
        done = PlanImporter().apply(
            actor=actor,
            rows=sheet(
                ("DA-1", "TW", None, 12.5, 10, None), ("DA-1", "ngan sach tinh thu", 2027, 1, 2)
            ),
            options={"year": "2026", "unit": "ty"},
        )
        assert (done.created, done.faults) == (2, [])
        again = PlanImporter().apply(
            actor=actor,
            rows=sheet(("DA-1", "TW", 2026, None, 11, None), ("DA-1", "DP", 2027, 1, 2, None)),
            options={"unit": "ty"},
        )
        assert (again.updated, again.unchanged) == (1, 1)
        line = Funding.objects.get(year=2026)
        assert (line.planned_vnd, line.allocated_vnd) == (12_500_000_000, 11 * BILLION)
        wrong = PlanImporter().apply(
            actor=actor,
            rows=sheet(
                ("KHÔNG", "TW", 2026),
                ("DA-1", "XX", 2026),
                ("DA-1", "TW", None),
                ("DA-1", "TW", 2026, -5),
                ("DA-1", "TW", 2026),
            ),
            options={},
        )
    assert [fault.row for fault in wrong.faults] == [2, 3, 4, 5, 6]
    assert reread(row).allocated_vnd == 13 * BILLION


def test_figures_count_what_the_actor_sees(site: Site, project: Make) -> None:
    row = full(project, site)
    actor = official("projects.*.view")
    with acting_as(actor):
        assert running(actor) == 1
        assert late(actor) == (1 if row.pace == "LATE" else 0)
        assert disbursed(actor) == 2.0
    nobody = official("places.*.view")
    with acting_as(nobody):
        assert disbursed(nobody) is None


def test_the_curve_and_the_plan_are_served_to_systems(
    site: Site, project: Make, signed: Client
) -> None:
    row = full(project, site)
    curve = signed.get(f"/api/internal/v1/projects/projects/{row.pk}/s-curve").json()
    assert curve[-1]["planned"] == 100
    money = signed.get(f"/api/internal/v1/projects/projects/{row.pk}/capital").json()
    assert money[0]["disbursed_vnd"] == BILLION
    assert signed.get("/api/internal/v1/projects/projects/999999/s-curve").status_code == 404
