"""Rules of law are changed in a draft, seen before and after, and published by another person."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.test import Client

from sen.domains.norms import api as norms
from sen.kernel.access.context import as_system
from sen.kernel.access.models import User
from tests.conftest import Demo

pytestmark = pytest.mark.acceptance
DAY = date(2027, 7, 1)


def signed_in(username: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=username))
    return client


def said(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def step(client: Client, page: str, do: str, reason: str = "") -> str:
    """A button of the draft's page; what the page says then."""
    found = re.search(r'name="version" value="(\d+)"', said(client, page))
    version = found[1] if found else "0"
    answer = client.post(
        f"{page}buoc/", {"do": do, "version": version, "reason": reason}, follow=True
    )
    return answer.content.decode()


def width_m(length_m: float, on: date) -> int:
    with as_system("ask"):
        value = norms.ruling("corridor.bridge", on=on, length_m=length_m).value
    assert isinstance(value, int)
    return value


def filled_in(form: str) -> dict[str, str]:
    """What a form of a table would send as it stands."""
    values = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form))
    lists = re.findall(
        r'<select class="input" [^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL
    )
    for name, body in lists:
        if found := re.search(r'value="([^"]*)" selected', body):
            values[name] = found[1]
    return values


def test_a_replaced_decree_from_the_draft_to_the_rule_in_force(demo: Demo) -> None:
    author, leader = signed_in("hatang"), signed_in("giamdoc")

    made = author.post(
        "/ql/norms/documents/them/",
        {
            "number": "96/2027/NĐ-CP",
            "name": "Nghị định thay thế (thử)",
            "effective_from": "2027-07-01",
        },
    )
    assert made.status_code == 302, made.content.decode()[-3000:]
    with as_system("find"):
        new, old = norms.document("nd-96-2027"), norms.document("nd-165-2024")

    page = said(author, f"/ql/norms/documents/{old.pk}/")
    assert "Hành lang an toàn cầu" in page, "rules that rest on the document"
    assert f"/ql/norms/drafts/them/?target={old.pk}" in page

    made = author.post(
        "/ql/norms/drafts/them/",
        {
            "title": "Thay Nghị định 165",
            "act": "REPLACE",
            "document": new.pk,
            "target": old.pk,
            "effective_from": "2027-07-01",
        },
    )
    assert made.status_code == 302
    draft = str(made["Location"])
    page = said(author, draft)
    tables = re.findall(r'href="(/ql/norms/drafts/\d+/bang/\d+/)"', page)
    assert len(tables) >= 3

    for address in tables:
        values = filled_in(said(author, address)) | {"do": "save", "legal_ref": "Điều 15"}
        if "r0-length_m-low" in values:
            bad = author.post(address, values | {"r0-value": "hai trăm"})
            assert bad.status_code == 422
            assert "không phải là số" in bad.content.decode()
            values["r0-value"] = "200"
        saved = author.post(address, values)
        assert saved.status_code == 302, saved.content.decode()[-3000:]

    page = said(author, draft)
    assert "đổi giá trị" in page
    assert re.search(r"<del>150</del>.*?<ins>200</ins>", page, re.DOTALL), "row by row"
    assert "1 ca chưa đạt" in page
    step(author, draft, "submit")
    assert "chưa đạt" in step(leader, draft, "publish")
    assert width_m(400, DAY) == 150

    step(leader, draft, "refuse", "còn ca kiểm thử chưa đạt")
    case = re.search(r'name="case" value="(\d+)"', said(author, draft))
    assert case is not None
    author.post(
        f"{draft}ca/doi/",
        {"case": case[1], "expected": "200", "reason": "Điều 15 nâng lên 200 m"},
    )
    step(author, draft, "submit")
    step(author, draft, "publish")
    assert width_m(400, DAY) == 150, "authors do not publish"
    assert "Đã công bố dự thảo" in step(leader, draft, "publish")
    assert (width_m(400, DAY), width_m(400, date(2027, 6, 30))) == (200, 150)

    rest = Client().get("/api/public/v1/norms/tables/corridor.bridge?on=2027-07-01").json()
    assert (rest["document"], rest["rows"][0]["value"]) == ("96/2027/NĐ-CP", 200)
    asked = Client().get(
        "/api/public/v1/norms/rulings/corridor.bridge?on=2027-06-30&case=length_m=400"
    )
    assert asked.json()["value"] == 150
    assert "Thay thế" in said(leader, f"/ql/norms/documents/{old.pk}/")
    history = said(leader, f"{draft}lich-su/")
    assert "Trần Thị Thu Hà" in history
    assert "Lê Văn Đức" in said(leader, draft), "the authors stand on the page"

    assert "Đã hủy công bố" in step(leader, draft, "revoke", "văn bản bị hoãn thi hành")
    assert width_m(400, DAY) == 150
