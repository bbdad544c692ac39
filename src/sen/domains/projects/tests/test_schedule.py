"""Ties of a real schedule: kept true by the services, drawn, read from files, written to them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from sen.domains.projects import api
from sen.domains.projects.data import ProjectInput
from sen.domains.projects.models import Project, Task
from sen.domains.projects.selectors import sequence_of
from sen.domains.projects.services import delete_task, update_task
from sen.domains.projects.tests.conftest import Site, reread
from sen.kernel.access.context import as_system
from sen.kernel.errors import ConflictError, InvalidInputError
from sen.kernel.imports.engine import Request, run
from sen.kernel.imports.importer import importers
from sen.kernel.imports.models import ImportRun
from sen.kernel.testing.accounts import MakeAccount

Make = Callable[..., Project]
MONDAY = date(2026, 3, 2)


def put(project: Project, code: str, start: date, days: int, ties: str = "", **more: Any) -> Task:
    with as_system("a task") as actor:
        return api.create_task(
            actor=actor,
            project=project,
            code=code,
            name=f"Việc {code}",
            starts_at=start,
            ends_at=start + timedelta(days=days - 1),
            weight=10,
            predecessors=ties,
            **more,
        )


def change(task: Task, **values: Any) -> Task:
    with as_system("a change") as actor:
        return update_task(actor=actor, row=reread(task), version=None, **values)


def test_ties_stay_true_when_tasks_are_renamed_and_taken_out(site: Site, project: Make) -> None:
    row = project()
    first, second = put(row, "1", MONDAY, 5), put(row, "2", MONDAY, 5, "1fs + 2 ngày")
    third = put(row, "3", MONDAY, 5, "2; 1SS")
    assert second.predecessors == "1FS+2"
    change(first, code="A1")
    assert [reread(task).predecessors for task in (second, third)] == ["A1FS+2", "2, A1SS"]
    with pytest.raises(InvalidInputError, match="A1 → 3 → A1"):
        change(first, predecessors="3")
    with pytest.raises(InvalidInputError, match="Không hiểu công việc trước “9”"):
        change(third, predecessors="9")
    assert reread(first).predecessors == ""
    with as_system("take it out") as actor:
        with pytest.raises(ConflictError, match="2, 3 đang chờ"):
            delete_task(actor=actor, row=reread(first), version=None, reason="thừa")
        delete_task(actor=actor, row=reread(third), version=None, reason="thừa")
        delete_task(actor=actor, row=reread(second), version=None, reason="thừa")
        delete_task(actor=actor, row=reread(first), version=None, reason="thừa")


def test_days_are_counted_without_days_off_from_the_start_of_the_contract(
    site: Site, project: Make
) -> None:
    row = project(starts_at=MONDAY)
    put(row, "1", MONDAY, 5)
    put(row, "2", MONDAY, 3, "1FS+1")
    put(row, "3", MONDAY, 2, "1")
    with as_system("look") as actor:
        found = sequence_of(actor, reread(row), MONDAY)
    assert found is not None
    lines = {one.task.code: one for one in found.lines}
    assert lines["2"].earliest == (date(2026, 3, 10), date(2026, 3, 12)), "over a weekend"
    assert (lines["3"].float_days, lines["3"].is_critical) == (2, False)
    assert found.critical == ("1", "2")
    assert found.open_years == (2026,), "a house without rules knows no holidays"


def test_what_is_late_pushes_what_waits_for_it(site: Site, project: Make) -> None:
    row, today = project(starts_at=MONDAY), MONDAY + timedelta(days=14)
    first = put(row, "1", MONDAY, 12)
    put(row, "2", MONDAY + timedelta(days=14), 5, "1")
    put(row, "3", MONDAY + timedelta(days=60), 5, "1")
    with as_system("a report") as actor:
        api.report_task(actor=actor, task=first, on=MONDAY, pct=50)
        found = sequence_of(actor, reread(row), today)
    assert found is not None
    lines = {one.task.code: one for one in found.lines}
    assert lines["1"].is_late
    assert (lines["1"].delay_days, lines["1"].pushes) == (5, ("2",))
    assert (lines["2"].delay_days, lines["2"].pushed_by) == (5, "1")
    assert lines["3"].delay_days == 0
    assert found.outlook_end == found.agreed_end


def test_the_page_says_in_words_what_the_drawing_shows(
    site: Site, project: Make, make_account: MakeAccount
) -> None:
    row, today = project(), timezone.localdate()
    put(row, "1", today - timedelta(days=40), 20)
    put(row, "2", today - timedelta(days=15), 20, "1FS+2")
    put(row, "M1", today + timedelta(days=5), 1, "2", kind="MILESTONE")
    client = Client()
    client.force_login(make_account("*.*.*"))
    page = client.get(f"/ql/projects/projects/{row.pk}/tien-do/").content.decode()
    assert page.count('class="gantt-bar') == 2
    assert page.count('class="gantt-mark') == 1
    assert page.count('class="gantt-tie') == 2
    for said in ("Việc 1 → 2 Việc 2", "1FS+2", "quá hạn", "Đẩy lùi:", "do việc 1"):
        assert said in page, said
    other = Client()
    other.force_login(make_account("projects.project.view"))
    assert other.get(f"/ql/projects/projects/{row.pk}/tien-do/").status_code == 404


def test_a_schedule_goes_out_and_comes_in_with_its_ties(
    site: Site, project: Make, tmp_path: Path, make_account: MakeAccount
) -> None:
    row = project("DA-7")
    file = tmp_path / "tien-do.csv"
    file.write_text(
        "STT,Tên công việc,Bắt đầu,Kết thúc,Số ngày,Công việc trước\n"
        "1,Nền đường,02/03/2026,,10,\n"
        "2,Mặt đường,16/03/2026,27/03/2026,,3FS+2d\n"
        "3,Thoát nước,02/03/2026,06/03/2026,,1SS\n"
    )
    assert (done := read(file, project="DA-7")).state == "DONE", done.faults
    with as_system("look"):
        kept = {task.code: task for task in Task.objects.filter(project=row)}
    assert {code: task.predecessors for code, task in kept.items()} == {
        "1": "",
        "2": "3FS+2",
        "3": "1SS",
    }
    assert kept["1"].ends_at == date(2026, 3, 11)
    client = Client()
    client.force_login(make_account("*.*.*"))
    out = tmp_path / "ra.csv"
    columns = "project_code,code,name,starts_at,ends_at,predecessors"
    answer = client.get(f"/ql/projects/tasks/xuat.csv?project=DA-7&cols={columns}")
    out.write_bytes(answer.getvalue())
    again = read(out)
    assert (again.state, again.unchanged) == ("DONE", 3), again.faults
    file.write_text("STT,Công việc trước\n1,2\n")
    refused = read(file, project="DA-7")
    assert refused.state == "REFUSED"
    assert "theo vòng" in refused.faults[0]["message"]


def test_a_demonstration_is_taken_over_with_its_past(site: Site) -> None:
    since = datetime(2026, 1, 5, 9, tzinfo=timezone.get_default_timezone())
    reports = [(date(2025, 12, 28), 10), (date(2026, 2, 27), 40), (date(2026, 3, 30), 100)]
    task = {
        "code": "1",
        "name": "Nền đường",
        "weight": 10,
        "reports": reports,
        "starts_at": date(2025, 12, 1),
        "ends_at": date(2026, 3, 30),
    }
    given = ProjectInput(
        code="DA-CU",
        name="Dự án có quá khứ",
        owner_org="BQLDA",
        area="82",
        investor="CDT",
        values={"kind": "UPGRADE", "group": "C", "field": "ROAD"},
        tasks=[task],
    )
    with as_system("take it over") as actor:
        api.bulk_put_projects(actor=actor, rows=[given], is_demo=True, since=since)
        row = Task.objects.get(project__code="DA-CU")
        assert (row.done_pct, row.started_at, row.finished_at) == (
            100,
            date(2025, 12, 28),
            date(2026, 3, 30),
        )
        moments = {at.date(): pct for at, pct in _states(row)}
    assert moments == {
        date(2026, 1, 5): 10,  # what was reported before the record begins is there from the start
        date(2026, 2, 27): 40,
        date(2026, 3, 30): 100,
    }


def _states(task: Task) -> list[tuple[datetime, int]]:
    """From when on a task was how far, by the history of its row."""
    sql = """
    SELECT valid_from, (image->>'done_pct')::int FROM kernel_audit_rowversion
    WHERE table_name = 'projects_task' AND row_id = %s AND op = 'U'
    UNION ALL SELECT updated_at, done_pct FROM projects_task WHERE id = %s ORDER BY 1, 2
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, [task.pk, task.pk])
        rows = cursor.fetchall()
    return [(timezone.localtime(at), pct) for at, pct in rows]


def read(path: Path, **options: str) -> ImportRun:
    with as_system("a schedule from a file") as actor:
        request = Request(file=path, options=options)
        return run(importer=importers["schedule"], actor=actor, request=request)
