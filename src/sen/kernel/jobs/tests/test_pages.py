from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client

from sen.kernel.access.actors import actor_for
from sen.kernel.access.models import User
from sen.kernel.access.scope import system
from sen.kernel.access.services import grant_role, put_role
from sen.kernel.jobs.context import JobContext
from sen.kernel.jobs.definition import Job, job, jobs
from sen.kernel.jobs.models import JobRun
from sen.kernel.jobs.services import enqueue
from sen.kernel.jobs.testing import run_queued

pytestmark = pytest.mark.django_db
LIST = "/ql/he-thong/cong-viec/"


@pytest.fixture
def count() -> Iterator[Job]:
    @job(name="testing.count", title="Đếm cầu")
    def count_bridges(context: JobContext, *, area: str) -> dict[str, int]:
        if area == "lạ":
            raise ValueError("không rõ địa bàn")
        return {"bridges": 12}

    yield count_bridges
    jobs.remove("testing.count")


@pytest.fixture
def user(client: Client) -> User:
    user = User.objects.create_user("nv.dem", full_name="Phạm Thị Đếm", kind="OFFICIAL")
    client.force_login(user)
    return user


def test_a_guest_is_asked_to_sign_in(client: Client) -> None:
    answer = client.get(LIST)
    assert answer.status_code == 302
    assert "dang-nhap" in answer["location"]


def test_the_list_shows_own_runs_by_status(client: Client, user: User, count: Job) -> None:
    enqueue(count, actor=actor_for(user), title="Đếm cầu xã Mỹ Thọ", area="Mỹ Thọ")
    enqueue(count, actor=actor_for(user), title="Đếm cầu nơi lạ", area="lạ")
    enqueue(count, actor=system("lịch"), title="Đếm cầu toàn tỉnh", area="tỉnh")
    run_queued()
    page = client.get(LIST).content.decode()
    assert "Đếm cầu xã Mỹ Thọ" in page
    assert "Đếm cầu toàn tỉnh" not in page
    failed = client.get(LIST, {"trang-thai": "FAILED"}).content.decode()
    assert "Đếm cầu nơi lạ" in failed
    assert "không rõ địa bàn" in failed
    assert "Mỹ Thọ" not in failed


def test_a_run_is_followed_cancelled_and_asked_for_again(
    client: Client, user: User, count: Job
) -> None:
    run = enqueue(count, actor=actor_for(user), title="Đếm cầu xã Mỹ Thọ", area="Mỹ Thọ")
    page = client.get(f"{LIST}{run.pk}/").content.decode()
    assert "Đang chờ" in page
    assert f'hx-get="{LIST}{run.pk}/tien-do"' in page
    client.post(f"{LIST}{run.pk}/huy")
    run.refresh_from_db()
    assert run.status == JobRun.Status.CANCELLED
    fragment = client.get(f"{LIST}{run.pk}/tien-do").content.decode()
    assert "hx-get" not in fragment
    assert "Chạy lại" in fragment
    client.post(f"{LIST}{run.pk}/chay-lai")
    run_queued()
    fragment = client.get(f"{LIST}{run.pk}/tien-do").content.decode()
    assert "Hoàn thành" in fragment
    assert "bridges" in fragment
    answer = client.post(f"{LIST}{run.pk}/huy", follow=True).content.decode()
    assert "đã kết thúc, không hủy được nữa" in answer


def test_runs_of_others_are_not_found_and_need_a_permission(
    client: Client, user: User, count: Job
) -> None:
    run = enqueue(count, actor=system("lịch"), title="Đếm cầu toàn tỉnh", area="tỉnh")
    for path in ("", "tien-do"):
        assert client.get(f"{LIST}{run.pk}/{path}").status_code == 404
    assert client.post(f"{LIST}{run.pk}/huy").status_code == 404
    role = put_role(
        code="it",
        name_vi="CNTT",
        name_en="IT",
        permissions=["kernel.*.*"],
        clearance=1,
        needs_mfa=False,
    )
    grant_role(user=user, role=role)
    assert "Đếm cầu toàn tỉnh" in client.get(LIST).content.decode()
    assert client.post(f"{LIST}{run.pk}/huy").status_code == 302


def test_the_page_of_undelivered_events_needs_its_permission(client: Client, user: User) -> None:
    answer = client.get("/ql/he-thong/su-kien/")
    assert answer.status_code == 403
    assert "kernel.events.view" in answer.content.decode()
