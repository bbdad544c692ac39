from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import pytest
from django.test import Client

from sen.kernel.access.models import User
from sen.kernel.access.services import grant_role, put_role
from sen.kernel.events import PII, Event, Origin, on, publish
from sen.kernel.events.handlers import handlers
from sen.kernel.events.models import Delivery
from sen.kernel.events.relay import deliver_pending

pytestmark = pytest.mark.django_db
LIST = "/ql/he-thong/su-kien/"


@dataclass(frozen=True, kw_only=True)
class FerryStopped(Event):
    type = "vn.dongthap.sen.testing.ferry.stopped.v1"
    ferry: str
    master: Annotated[str, PII]


@pytest.fixture
def parked() -> Iterator[Delivery]:
    @on(FerryStopped, name="testing.detour", tries=1)
    def detour(event: FerryStopped, origin: Origin) -> None:
        raise ValueError("không có đường vòng")

    publish(FerryStopped(ferry="Phà Vàm Cống", master="Trần Thị B"), key=1)
    deliver_pending(raise_errors=False)
    yield Delivery.objects.get()
    handlers.remove("testing.detour")


@pytest.fixture(autouse=True)
def _keeper(client: Client) -> None:
    user = User.objects.create_user("nv.it", full_name="Võ Văn Tin", kind="OFFICIAL")
    role = put_role(
        code="it",
        name_vi="CNTT",
        name_en="IT",
        permissions=["kernel.events.*"],
        clearance=1,
        needs_mfa=False,
    )
    grant_role(user=user, role=role)
    client.force_login(user)


def test_a_parked_event_is_shown_with_its_cause_and_without_personal_data(
    client: Client, parked: Delivery
) -> None:
    page = client.get(LIST).content.decode()
    assert "Phà Vàm Cống" in page
    assert "ValueError: không có đường vòng" in page
    assert "Trần Thị B" not in page


def test_it_is_handed_over_again_or_given_up(client: Client, parked: Delivery) -> None:
    client.post(f"{LIST}{parked.pk}/xu-ly-lai")
    parked.refresh_from_db()
    assert (parked.state, parked.attempts) == ("RETRYING", 0)
    answer = client.post(f"{LIST}{parked.pk}/bo-qua", follow=True)
    assert "Hãy ghi lý do" in answer.content.decode()
    client.post(f"{LIST}{parked.pk}/bo-qua", {"reason": "Phà đã chạy lại"})
    assert not Delivery.objects.exists()
    assert "Mọi sự kiện đã được xử lý" in client.get(LIST).content.decode()
    assert client.post(f"{LIST}{parked.pk}/bo-qua").status_code == 404
