"""The log as people read it: each entry once, no more than one may see, checks on record."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sen.kernel.access.context import acting_as, as_system
from sen.kernel.access.models import DataClassChoices, User
from sen.kernel.audit.models import AuditEntry
from sen.kernel.audit.services import record, record_read
from sen.kernel.errors import PermissionDeniedError
from sen.kernel.health import checks as health
from sen.kernel.jobs.models import JobRun
from sen.kernel.jobs.testing import run_queued
from sen.kernel.logbook.checking import check_log, last_check
from sen.kernel.logbook.selectors import LogFilter, lines_of, page_of
from sen.kernel.testing.accounts import MakeAccount
from sen.kernel.testing.house import build_house, official

LOG = "/ql/he-thong/nhat-ky/"
READER = official("kernel.audit.view", "guarded.thing.view")


@pytest.mark.django_db
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    acts=st.lists(st.sampled_from(["t.a.add", "t.a.change", "t.b.add"]), max_size=15),
    size=st.integers(1, 6),
    act=st.sampled_from(["", "t.a.add"]),
)
def test_pages_hold_every_entry_once_in_order(acts: list[str], size: int, act: str) -> None:
    with as_system("set up a test"):
        last = AuditEntry.objects.order_by("-pk").first()
        for name in acts:
            record(act=name, resource="t.page")
    asked = LogFilter(act=act, resource="t.page")
    read: list[int] = []
    behind = None
    while True:
        found = page_of(READER, asked, behind=behind, size=size)
        read += [entry.pk for entry in found[:size]]
        if len(found) <= size:
            break
        behind = (found[size - 1].at, found[size - 1].pk)
    new = [pk for pk in read if last is None or pk > last.pk]
    assert len(set(read)) == len(read)
    assert read == sorted(read, reverse=True)
    assert len(new) == sum(not act or name == act for name in acts)


@pytest.mark.django_db
def test_what_the_reader_may_not_see_is_withheld() -> None:
    house = build_house()
    seen = house.thing("V-1")
    secret = house.thing("V-2", data_class=DataClassChoices.SECRET)
    gone = house.thing("V-3")
    gone_secret = house.thing("V-4", data_class=DataClassChoices.SECRET)
    with as_system("set up a test"):
        for thing in (seen, secret, gone, gone_secret):
            record(act="guarded.thing.change", on=thing, reason="Đo lại", detail={"n": 1})
        gone.delete()
        gone_secret.delete()
        record(act="accounts.sign-in", resource="kernel_access.user", object_id="1", label="Lan")
    entries = page_of(READER, LogFilter(), behind=None, size=50)
    with acting_as(READER):
        lines = {line.entry.object_label or "-": line for line in lines_of(READER, entries)}
    assert {"V-1", "V-3", "Lan"} <= lines.keys()
    assert not {"V-2", "V-4"} & lines.keys()
    assert lines["V-1"].found
    assert not lines["V-3"].found
    hidden = lines["-"]
    assert (hidden.is_withheld, hidden.entry.reason, hidden.entry.detail) == (True, "", {})


@pytest.mark.django_db
def test_the_log_of_a_unit_shows_what_its_people_did(make_account: MakeAccount) -> None:
    house = build_house()
    ours, theirs = (
        make_account(organisation=house.roads),
        make_account(organisation=house.police),
    )
    for user in (ours, theirs):
        with acting_as(official(user=user)):
            record(act="t.a.add")
    reader = official("kernel.audit.view", orgs=[house.roads])
    names = {e.actor_name for e in page_of(reader, LogFilter(), behind=None, size=50)}
    assert names == {ours.username}
    with pytest.raises(PermissionDeniedError):
        page_of(official("guarded.thing.view"), LogFilter(), behind=None, size=50)


@pytest.mark.django_db
def test_pages_filter_show_and_export(
    make_account: MakeAccount, sign_in: Callable[[User], Client]
) -> None:
    house = build_house()
    thing = house.thing("V-7", length_m=12)
    lan = make_account(full_name="Nguyễn Thị Lan")
    with acting_as(official(user=lan), reason="Khảo sát tháng 11", ip="10.1.2.3"):
        changes = {"length_m": ["12.00", "12.50"], "phone": ["1", "2"]}
        record(act="guarded.thing.change", on=thing, detail={"changes": changes, "version": 2})
        record_read(on=thing, fields=["phone"])
    with as_system("set up a test"):
        thing.length_m = 12.5
        thing.save()
    client = sign_in(make_account("kernel.audit.view", "guarded.thing.view"))
    for query in ("", "?nguoi=thi+lan", "?q=khao+sat", "?muc=guarded.thing", "?ip=10.1.2.3"):
        assert "V-7" in client.get(f"{LOG}{query}").content.decode(), query
    shown = client.get(f"{LOG}?loai=READ").content.decode()
    assert "Xem dữ liệu cá nhân" in shown
    past = (timezone.localdate() - timedelta(days=30)).isoformat()
    assert "V-7" not in client.get(f"{LOG}?tu=2020-01-01&den={past}").content.decode()
    wrong = client.get(f"{LOG}?ip=abc&tu=31/12&sau=x&giao-dich=-1")
    assert wrong.content.decode().count('class="error"') == 4
    entry = AuditEntry.objects.get(act="guarded.thing.change")
    detail = client.get(f"{LOG}{entry.pk}/").content.decode()
    assert "12,5" in detail
    assert "Khảo sát tháng 11" in detail
    for fmt in ("csv", "xlsx"):
        answer = client.get(f"{LOG}xuat.{fmt}?muc=guarded.thing")
        assert answer.status_code == 200
        assert AuditEntry.objects.filter(act="kernel.audit.export").exists()
    assert "Khảo sát" in client.get(f"{LOG}xuat.csv").content.decode("utf-8-sig")
    stranger = sign_in(make_account("guarded.thing.view"))
    assert stranger.get(LOG).status_code == 403
    assert Client().get(LOG).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_checks_are_on_record_and_a_broken_chain_is_told(
    make_account: MakeAccount,
    sign_in: Callable[[User], Client],
    settings: Any,
    tmp_path: Path,
) -> None:
    from sen.kernel.audit.tests.test_seal import seal_now
    from sen.kernel.dbsync import as_superuser

    settings.SEN_VAR = tmp_path
    settings.SEN_SEAL_TARGETS = [f"file://{tmp_path}/seals.jsonl"]
    user = make_account("kernel.audit.*")
    client = sign_in(user)
    with as_system("set up a test"):
        record(act="guarded.test.write", reason="đúng")
    seal_now()
    assert client.post(f"{LOG}niem-phong/kiem-tra", {"pham-vi": "toan-bo"}).status_code == 302
    (run,) = run_queued()
    assert run.status == JobRun.Status.SUCCEEDED
    check = last_check()
    assert check is not None
    assert (check.is_whole, check.who) == (True, user.username)
    assert "Nhật ký nguyên vẹn" in client.get(f"{LOG}niem-phong/").content.decode()
    seal_now()
    with as_system("nightly") as house:
        verdict = check_log(actor=house, whole=False)
    assert verdict.is_whole
    again = last_check()
    assert again is not None
    assert again.from_seal == check.last_seal
    as_superuser(
        "SET session_replication_role = replica;"
        "UPDATE kernel_audit_auditentry SET reason = 'đúnG' WHERE reason = 'đúng'"
    )
    with as_system("nightly") as house:
        check_log(actor=house, whole=True)
    assert health.log().status == health.Status.DEGRADED
    assert "Nhật ký đã bị can thiệp" in client.get("/ql/").content.decode()
    shown = client.get(f"{LOG}niem-phong/").content.decode()
    assert "dòng đã bị sửa" in shown
