"""Who owes which data by when, changes in four eyes and more, scores with a past."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from sen.domains.norms import api as norms
from sen.domains.norms.ports import uses_of
from sen.domains.stewardship import api as stewardship
from sen.domains.stewardship.models import ChangeSet, UpdateTask
from sen.kernel.access.context import as_system
from sen.kernel.access.models import User
from sen.kernel.jobs.testing import run_queued
from sen.kernel.notices.models import Notice
from sen.kernel.web.register.resource import resources
from tests.conftest import Demo

pytestmark = pytest.mark.acceptance


def signed_in(username: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=username))
    return client


def said(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def step(client: Client, page: str, set_id: int, do: str, reason: str = "") -> str:
    found = re.search(r'name="version" value="(\d+)"', said(client, page))
    data = {"do": do, "version": found[1] if found else "0", "reason": reason}
    url = f"/ql/stewardship/bo/{set_id}/buoc"
    return client.post(url, data, follow=True).content.decode()


def filled_in(form: str) -> dict[str, str]:
    """What a form would send as it stands."""
    main = form.split("<main")[1]
    values = dict(re.findall(r'<input[^>]* name="([^"]+)"[^>]* value="([^"]*)"', main))
    values |= {
        name: value for value, name in re.findall(r'value="([^"]*)"[^>]* name="([^"]+)"', main)
    }
    for name, body in re.findall(
        r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', main, re.DOTALL
    ):
        chosen = re.search(r'value="([^"]*)" selected', body)
        values[name] = chosen[1] if chosen else ""
    for name, body in re.findall(
        r'<textarea[^>]* name="([^"]+)"[^>]*>(.*?)</textarea>', main, re.DOTALL
    ):
        values[name] = body.strip()
    return values


def test_a_commune_drafts_another_checks_a_third_approves_and_history_names_the_set(
    demo: Demo,
) -> None:
    commune, engineer, leader = (signed_in(name) for name in ("xa.caolanh", "hatang", "giamdoc"))
    with as_system("a road, which communes may only read"):
        road = resources["network.roads"].model._base_manager.order_by("id").first()
    page = f"/ql/network/roads/{road.pk}/"
    assert "Đề nghị sửa" in said(commune, page)
    values = filled_in(said(commune, f"{page}sua/"))
    assert values["name"]
    answer = commune.post(f"{page}sua/", values | {"name": "Tên đường đề nghị", "propose": "1"})
    assert answer.status_code == 302, re.findall(
        r'class="error[^>]*>([^<]+)', answer.content.decode()
    )
    set_page = answer["Location"]
    set_id = int(re.findall(r"\d+", set_page)[-1])
    shown = said(commune, set_page)
    assert "Tên đường đề nghị" in shown
    assert str(road.name) in shown
    assert "Đã trình kiểm tra" in step(commune, set_page, set_id, "submit")
    assert "không tự kiểm tra" in step(commune, set_page, set_id, "check") or (
        'value="check"' not in said(commune, set_page)
    )
    assert "Thay đổi đang chờ duyệt" in said(engineer, page)
    assert "chờ duyệt" in step(engineer, set_page, set_id, "check")
    assert 'value="approve"' not in said(engineer, set_page)
    assert "Đã duyệt" in step(leader, set_page, set_id, "approve")
    assert "Tên đường đề nghị" in said(engineer, page)
    with as_system("look"):
        code = ChangeSet.objects.get(pk=set_id).code
    assert code in said(engineer, f"{page}lich-su/")
    author = User.objects.get(username="xa.caolanh")
    told = Notice.objects.filter(user=author, title__contains=code)
    assert told.filter(title__startswith="Đã duyệt").exists()


def test_the_board_shows_what_is_overdue_first_by_person_unit_and_month(demo: Demo) -> None:
    leader, commune = signed_in("giamdoc"), signed_in("xa.caolanh")
    board = said(leader, "/ql/stewardship/viec/?cua=tat-ca")
    assert board.index("Quá hạn") < board.index("Đúng hạn theo đơn vị")
    month = said(leader, "/ql/stewardship/viec/?cua=tat-ca&xem=thang")
    assert "Rà soát số liệu cầu" in month
    mine = said(commune, "/ql/stewardship/viec/?cua=don-vi")
    assert "Cao Lãnh" in mine
    assert "An Hữu" not in mine, "tasks of other communes"
    with as_system("look"):
        late = UpdateTask.objects.filter(status="OPEN", due_on__lt=timezone.localdate()).first()
        assert late is not None
        assert late.level > 0
        assert Notice.objects.filter(key=f"task-{late.pk}-late-1").exists()
    with as_system("the calendar of the law") as actor:
        made = stewardship.make_tasks(actor=actor, on=timezone.localdate() + timedelta(days=365))
    titles = {task.title for task in made}
    assert "Báo cáo kết quả thực hiện Kế hoạch 597" in titles


def test_a_fault_goes_as_a_task_to_the_owner_of_the_data(demo: Demo) -> None:
    engineer = signed_in("hatang")
    page = said(engineer, "/ql/chat-luong/assets/bridges/")
    assert "Diễn biến điểm chất lượng" in page
    assert "<sen-chart" in page
    links = re.findall(r'href="(/ql/stewardship/giao-loi/assets\.bridges\.[^"]+)"', page)
    assert links
    form = said(engineer, links[0])
    chosen = re.findall(r'name="data_set" value="(\d+)"', form)
    assert chosen
    answer = engineer.post(links[0], {"data_set": chosen[:1]}, follow=True)
    assert "Đã giao 1 việc" in answer.content.decode()
    again = engineer.post(links[0], {"data_set": chosen[:1]})
    assert "đã được giao" in again.content.decode()
    run_queued()


def test_every_rule_that_pages_take_their_numbers_from_says_so(demo: Demo) -> None:
    used = {
        "condition.iri": "network.roughness",
        "records.retention": "documents.retention",
        "records.dossier-parts": "documents.parts",
        "records.least-dpi": "digitisation.least-dpi",
        "projects.group": "projects.group",
        "projects.warranty-months": "projects.warranties",
        "calendar.holidays": "stewardship.calendar",
    }
    for norm, use in used.items():
        assert use in {item.name for item in uses_of(norm)}, norm
    engineer = signed_in("hatang")
    with as_system("find"):
        rule = norms.norm("condition.iri")
    assert "Mức độ gồ ghề" in said(engineer, f"/ql/norms/norms/{rule.pk}/")


def test_a_commune_puts_a_file_and_a_bulk_edit_into_one_set(demo: Demo) -> None:
    commune = signed_in("xa.caolanh")
    with as_system("culverts, which communes may only read"):
        model = resources["assets.culverts"].model
        rows = list(model._base_manager.filter(type="culvert").order_by("id")[:3])
    codes = [str(row) for row in rows]
    lines = "".join(f"{row.code},{row.name} (đo lại)\n" for row in rows[:2])
    file = SimpleUploadedFile("cong.csv", f"Mã tài sản,Tên\n{lines}".encode())
    begun = commune.post("/ql/assets/culverts/nhap/", {"file": file})
    check = begun["Location"].replace("/lop/", "/kiem-tra/")
    commune.post(check, {"act": "check"})
    assert "Lưu vào bộ thay đổi" in said(commune, check)
    page = commune.post(check, {"act": "propose"})["Location"]
    set_id = re.findall(r"\d+", page)[-1]
    chosen = {"ids": [str(row.pk) for row in rows], "set": "condition", "condition": "BAD"}
    answer = commune.post(
        "/ql/assets/culverts/hang-loat/", chosen | {"act": "propose", "propose_into": set_id}
    )
    assert answer["Location"] == page, "into the same set"
    shown = said(commune, page)
    assert shown.count("(đo lại)") >= 2
    assert all(code in shown for code in codes)
    with as_system("nothing is written before it is approved"):
        now = dict(
            model._base_manager.filter(pk__in=[r.pk for r in rows]).values_list("pk", "name")
        )
    assert now == {row.pk: row.name for row in rows}
    said_back = step(commune, page, int(set_id), "submit")
    assert "Đã trình kiểm tra" in said_back
