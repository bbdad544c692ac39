"""Administering accounts: inside one's own part of the house, through the real pages."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.utils import decrypt
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from sen.kernel.access.accounts import administration as admin
from sen.kernel.access.accounts import review, rotation, upkeep
from sen.kernel.access.actors import actor_for
from sen.kernel.access.context import acting_as
from sen.kernel.access.models import Area, Grant, Organisation, Role, User
from sen.kernel.access.services import put_node, put_role
from sen.kernel.audit.models import AuditEntry
from sen.kernel.errors import InvalidInputError, NotFoundError, PermissionDeniedError
from sen.kernel.testing.accounts import PASSWORD, MakeAccount, post_sign_in

pytestmark = pytest.mark.django_db
BASE = "/ql/he-thong/tai-khoan/"


@dataclass
class World:
    """Two departments; an administrator of the first, and somebody in each."""

    province: Organisation
    roads: Organisation
    office: Organisation
    police: Organisation
    east: Area
    admin: User
    inside: User
    outside: User
    role: Role

    def page(self, user: User, act: str = "") -> str:
        return f"{BASE}{user.pk}/{act}"


@pytest.fixture
def world(make_account: MakeAccount) -> World:
    province = put_node(Organisation, code="T-P", name="UBND tỉnh", kind="PROVINCE")
    roads = put_node(
        Organisation, code="T-X", name="Sở Xây dựng", kind="DEPARTMENT", parent=province
    )
    office = put_node(Organisation, code="T-K", name="Phòng KCHT", kind="DIVISION", parent=roads)
    police = put_node(
        Organisation, code="T-C", name="Công an tỉnh", kind="DEPARTMENT", parent=province
    )
    east = put_node(Area, code="T-E", name="Xã Tân Hồng", kind="COMMUNE")
    return World(
        province,
        roads,
        office,
        police,
        east,
        make_account("kernel.accounts.*", username="quan-tri", organisation=roads),
        make_account(username="trong-so", full_name="Trần Thị Trong", organisation=office),
        make_account(username="ngoai-so", full_name="Lê Văn Ngoài", organisation=police),
        put_role(
            code="xem-tai-san",
            name_vi="Xem tài sản",
            name_en="See assets",
            permissions=["assets.*.view"],
            clearance=1,
        ),
    )


@pytest.fixture
def office_of(world: World, sign_in: Callable[[User], Client]) -> Client:
    return sign_in(world.admin)


def test_an_administrator_sees_the_accounts_of_their_subtree_only(
    world: World, office_of: Client
) -> None:
    page = office_of.get(BASE).content.decode()
    assert "Trần Thị Trong" in page
    assert "Lê Văn Ngoài" not in page
    assert office_of.get(world.page(world.inside)).status_code == 200
    assert office_of.get(world.page(world.outside)).status_code == 404
    refused = office_of.post(world.page(world.outside, "khoa/"), {"reason": "thử"})
    assert refused.status_code == 404
    world.outside.refresh_from_db()
    assert world.outside.is_active


def test_others_are_refused_in_words(world: World, sign_in: Callable[[User], Client]) -> None:
    client = sign_in(world.inside)
    response = client.get(BASE)
    assert response.status_code == 403
    assert "kernel.accounts.view" in response.content.decode()
    assert client.get(f"{BASE}ra-soat.csv").status_code == 403


def test_search_needs_no_diacritics(world: World, office_of: Client) -> None:
    assert "Trần Thị Trong" in office_of.get(BASE, {"q": "tran thi"}).content.decode()
    assert "Trần Thị Trong" not in office_of.get(BASE, {"q": "nguyen"}).content.decode()
    assert "Trần Thị Trong" not in office_of.get(BASE, {"state": "locked"}).content.decode()


def test_a_new_account_signs_in_with_the_password_shown_once_and_changes_it(
    world: World, office_of: Client
) -> None:
    form = {
        "username": "Can-Bo.Moi",
        "full_name": "Phạm Thị Mới",
        "kind": "OFFICIAL",
        "organisation": world.office.pk,
    }
    page = office_of.post(f"{BASE}them/", form)
    password = page.context["secret"]
    assert password in page.content.decode()
    user = User.objects.get(username="can-bo.moi")
    assert user.must_change_password
    client = Client()
    assert post_sign_in(client, "can-bo.moi", password).status_code == 302
    assert client.get("/ql/").headers["Location"].startswith("/tai-khoan/doi-mat-khau/")
    entry = AuditEntry.objects.get(act="accounts.account.created")
    assert (entry.actor_name, entry.object_id) == ("quan-tri", str(user.pk))
    assert password not in str(AuditEntry.objects.values_list("detail", flat=True))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"username": "trong-so"}, "username"),
        ({"username": "có dấu"}, "username"),
        ({"full_name": " "}, "full_name"),
        ({"organisation": ""}, "organisation"),
    ],
)
def test_mistakes_stand_beside_their_field(
    world: World, office_of: Client, change: dict[str, Any], field: str
) -> None:
    form: dict[str, Any] = {
        "username": "moi",
        "full_name": "Phạm Thị Mới",
        "kind": "OFFICIAL",
        "organisation": world.office.pk,
    }
    page = office_of.post(f"{BASE}them/", form | change)
    assert list(page.context["form"].errors) == [field]


def test_nobody_is_created_in_a_foreign_organisation(world: World, office_of: Client) -> None:
    form = {"username": "moi", "full_name": "Mới", "kind": "OFFICIAL"}
    page = office_of.post(f"{BASE}them/", form | {"organisation": world.police.pk})
    assert "organisation" in page.context["form"].errors
    actor = actor_for(world.admin)
    with acting_as(actor), pytest.raises(InvalidInputError):
        admin.create_account(
            actor=actor,
            username="moi",
            full_name="Mới",
            kind="OFFICIAL",
            organisation=world.police,
        )


def test_roles_are_given_inside_ones_own_place_and_clearance_only(
    world: World, office_of: Client
) -> None:
    url = world.page(world.inside, "cap-vai-tro/")
    done = office_of.post(url, {"role": world.role.pk, "organisation": world.office.pk})
    assert done.status_code == 302
    assert actor_for(User.objects.get(pk=world.inside.pk)).may("assets.asset.view")

    for wrong in ({"organisation": ""}, {"organisation": world.police.pk}):
        page = office_of.post(url, {"role": world.role.pk, **wrong})
        assert "organisation" in page.context["form"].errors
    secret = put_role(
        code="mat", name_vi="Mật", name_en="Secret", permissions=["assets.*.view"], clearance=3
    )
    page = office_of.post(url, {"role": secret.pk, "organisation": world.office.pk})
    assert "role" in page.context["form"].errors
    assert Grant.objects.filter(user=world.inside).count() == 1

    grant = Grant.objects.get(user=world.inside)
    office_of.post(world.page(world.inside, "thu-hoi-vai-tro/"), {"grant": grant.pk})
    assert not Grant.objects.filter(user=world.inside).exists()
    acts = list(AuditEntry.objects.filter(act__startswith="accounts.role").values("act", "detail"))
    assert [entry["act"] for entry in acts] == ["accounts.role.granted", "accounts.role.revoked"]
    assert acts[0]["detail"]["organisation"] == "T-K"


def test_nobody_changes_their_own_account_here(world: World, office_of: Client) -> None:
    response = office_of.post(
        world.page(world.admin, "cap-vai-tro/"),
        {"role": world.role.pk, "organisation": world.roads.pk},
    )
    assert response.status_code == 403
    assert office_of.post(world.page(world.admin, "khoa/"), {"reason": "x"}).status_code == 403
    assert Grant.objects.filter(user=world.admin).count() == 1


def test_locking_ends_sessions_and_needs_a_reason(world: World, office_of: Client) -> None:
    victim = Client()
    post_sign_in(victim, "trong-so")
    office_of.post(world.page(world.inside, "khoa/"), {"reason": " "})
    assert victim.get("/tai-khoan/").status_code == 200
    office_of.post(world.page(world.inside, "khoa/"), {"reason": "Nghỉ việc"})
    assert victim.get("/tai-khoan/").status_code == 302
    assert post_sign_in(victim, "trong-so").headers["Location"] == "/tai-khoan/bi-khoa/"
    office_of.post(world.page(world.inside, "mo-khoa/"))
    assert post_sign_in(victim, "trong-so").headers["Location"] == "/ql/"
    entry = AuditEntry.objects.get(act="accounts.lock.set")
    assert entry.detail == {"why": "Nghỉ việc", "sessions": 1}


def test_a_reset_password_replaces_the_old_one(world: World, office_of: Client) -> None:
    page = office_of.post(world.page(world.inside, "dat-lai-mat-khau/"))
    assert post_sign_in(Client(), "trong-so", PASSWORD).status_code == 200
    assert post_sign_in(Client(), "trong-so", page.context["secret"]).status_code == 302


def test_resetting_the_second_factor_removes_it_and_is_logged(
    world: World, office_of: Client
) -> None:
    TOTP.activate(world.inside, "JBSWY3DPEHPK3PXP")
    office_of.post(
        world.page(world.inside, "dat-lai-lop-hai/"), {"reason": "Mất điện thoại, gặp trực tiếp"}
    )
    assert not Authenticator.objects.exists()
    world.inside.refresh_from_db()
    assert world.inside.must_change_password
    assert AuditEntry.objects.get(act="accounts.second-factor.reset").detail["types"] == ["totp"]


def test_the_national_number_is_shown_for_a_reason_that_is_kept(
    world: World, office_of: Client
) -> None:
    number = "087090001234"
    office_of.post(world.page(world.inside, "so-dinh-danh/"), {"national_id": number})
    page = office_of.get(world.page(world.inside)).content.decode()
    assert number not in page
    url = world.page(world.inside, "xem-so-dinh-danh/")
    assert office_of.post(url, {"reason": ""}).status_code == 302
    assert not AuditEntry.objects.filter(kind="READ").exists()
    shown = office_of.post(url, {"reason": "Đối chiếu hồ sơ 12/2026"})
    assert shown.context["secret"] == number
    entry = AuditEntry.objects.get(kind="READ")
    assert (entry.act, entry.reason) == ("accounts.national-id.read", "Đối chiếu hồ sơ 12/2026")
    office_of.post(world.page(world.inside, "so-dinh-danh/"), {"national_id": "12"})
    world.inside.refresh_from_db()
    assert world.inside.national_id == number


def test_programs_and_devices_get_keys(
    world: World, office_of: Client, make_account: MakeAccount
) -> None:
    program = make_account(
        "assets.*.view", kind="SERVICE", organisation=world.office, password=None
    )
    form = {"name": "Đồng bộ", "days": 90, "max_class": 1, "scopes": ["assets.*.view"]}
    page = office_of.post(world.page(program, "cap-khoa/"), form)
    key = page.context["secret"]
    answer = Client().get("/tai-khoan/dang-nhap/", headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 200
    # Not for people: they make their own, and know of it.
    TOTP.activate(world.inside, "JBSWY3DPEHPK3PXP")
    office_of.post(
        world.page(world.inside, "cap-vai-tro/"),
        {"role": world.role.pk, "organisation": world.office.pk},
    )
    person = office_of.post(world.page(world.inside, "cap-khoa/"), form)
    assert "secret" not in (person.context or {})

    device = make_account(kind="DEVICE", organisation=world.office, password=None)
    page = office_of.post(world.page(device, "cap-khoa-thiet-bi/"))
    assert page.context["secret"].startswith("sen_d_")


def test_the_review_lists_grants_of_ones_own_accounts_without_formulas(
    world: World, office_of: Client
) -> None:
    User.objects.filter(pk=world.inside.pk).update(full_name="=HYPERLINK(1)")
    Grant.objects.create(user=world.inside, role=world.role, organisation=world.office)
    response = office_of.get(f"{BASE}ra-soat.csv")
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    by_name = {row[0]: row for row in rows[1:]}
    assert set(by_name) == {"quan-tri", "trong-so"}
    assert by_name["trong-so"][1] == "'=HYPERLINK(1)"
    assert by_name["trong-so"][7:11] == ["Xem tài sản", "assets.*.view", "Nội bộ", "Phòng KCHT"]
    sheet = office_of.get(f"{BASE}ra-soat.xlsx")
    assert zipfile.ZipFile(io.BytesIO(sheet.content)).testzip() is None
    assert AuditEntry.objects.filter(act="accounts.review.exported").count() == 2
    assert len(review.header()) == len(rows[1])


def test_use_cases_ask_for_permission_whoever_calls_them(world: World) -> None:
    stranger = actor_for(world.inside)
    with acting_as(stranger), pytest.raises(PermissionDeniedError):
        admin.lock_account(actor=stranger, user=world.outside, reason="thử")
    actor = actor_for(world.admin)
    with acting_as(actor), pytest.raises(NotFoundError):
        admin.reset_password(actor=actor, user=world.outside)


def test_the_upkeep_turns_off_what_sleeps(world: World, settings: Any) -> None:
    old = timezone.now() - timedelta(days=46)
    User.objects.update(created_at=old, last_login=old, password_changed_at=old)
    User.objects.filter(pk=world.inside.pk).update(last_login=timezone.now())
    assert upkeep.lock_idle_accounts() == 2
    world.inside.refresh_from_db()
    world.outside.refresh_from_db()
    assert (world.inside.is_active, world.outside.is_active) == (True, False)
    assert AuditEntry.objects.filter(act="accounts.lock.idle").count() == 2


def test_what_is_over_is_dropped(world: World) -> None:
    clients = [Client(), Client()]
    for client in clients:
        post_sign_in(client, "trong-so")
    Session.objects.filter(pk=clients[0].session.session_key).update(
        expire_date=timezone.now() - timedelta(seconds=1)
    )
    assert upkeep.drop_sessions_that_are_over() == 1
    assert list(UserSession.objects.values_list("session_key", flat=True)) == [
        clients[1].session.session_key
    ]


def test_a_new_key_takes_over_everything_that_is_encrypted(world: World, settings: Any) -> None:
    index, old, new = (
        f"{name}:{'A' * 42}{end}=" for name, end in (("index", "A"), ("k1", "E"), ("k2", "I"))
    )
    settings.SEN_DATA_KEYS = f"{old},{index}"
    User.objects.filter(pk=world.inside.pk).update(national_id="087090001234")
    TOTP.activate(world.inside, "JBSWY3DPEHPK3PXP")
    settings.SEN_DATA_KEYS = f"{new},{index},{old}"
    assert rotation.rotate_values() == 2
    settings.SEN_DATA_KEYS = f"{new},{index}"
    assert User.objects.get(pk=world.inside.pk).national_id == "087090001234"
    assert decrypt(Authenticator.objects.get().data["secret"]) == "JBSWY3DPEHPK3PXP"
    assert rotation.rotate_values() == 0
