"""TOTP and recovery codes through the real forms."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client

from sen.kernel.access.models import SignInThrottle, User
from sen.kernel.audit.models import AuditEntry
from sen.kernel.testing.accounts import MakeAccount, actor_behind, post_sign_in, totp_code

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def text_of(response: Any) -> str:
    return str(response.content.decode())


@pytest.mark.django_db
def test_setting_up_signing_in_and_recovering(
    make_account: MakeAccount, django_capture_on_commit_callbacks: Any
) -> None:
    user = make_account(username="can-bo-a")
    client = Client()
    post_sign_in(client, "can-bo-a")
    page = text_of(client.get("/tai-khoan/bao-mat/ung-dung/"))
    assert "data:image/svg+xml;base64," in page
    secret = re.search(r'id="totp-secret">([A-Z2-7]+)<', page)
    assert secret is not None
    wrong = client.post("/tai-khoan/bao-mat/ung-dung/", {"code": "000000"})
    assert "Mã không đúng" in text_of(wrong)
    with django_capture_on_commit_callbacks(execute=True):
        done = client.post("/tai-khoan/bao-mat/ung-dung/", {"code": totp_code(secret[1], steps=-1)})
    assert done.headers["Location"] == "/tai-khoan/bao-mat/ma-du-phong/"
    codes = re.findall(r"<li>(\d{8})</li>", text_of(client.get("/tai-khoan/bao-mat/ma-du-phong/")))
    assert len(codes) == 10
    again = text_of(client.get("/tai-khoan/bao-mat/ma-du-phong/"))
    assert not re.findall(r"\d{8}</li>", again)  # shown once

    stored = Authenticator.objects.get(user=user, type="totp").data["secret"]
    assert secret[1] not in stored

    phone = Client()
    response = post_sign_in(phone, "can-bo-a")
    assert response.headers["Location"] == "/tai-khoan/dang-nhap/xac-thuc/"
    assert phone.get("/tai-khoan/").status_code == 302  # not in yet
    response = phone.post("/tai-khoan/dang-nhap/xac-thuc/", {"code": totp_code(secret[1])})
    assert response.headers["Location"] == "/ql/"
    entry = AuditEntry.objects.filter(act="accounts.sign-in").latest("id")
    assert entry.detail["methods"] == ["password", "totp"]

    lost = Client()
    post_sign_in(lost, "can-bo-a")
    assert lost.post("/tai-khoan/dang-nhap/xac-thuc/", {"code": codes[0]}).status_code == 302
    used = Client()
    post_sign_in(used, "can-bo-a")
    assert used.post("/tai-khoan/dang-nhap/xac-thuc/", {"code": codes[0]}).status_code == 200
    listed = set(AuditEntry.objects.values_list("act", flat=True))
    assert {"accounts.second-factor.totp-added", "accounts.second-factor.failed"} <= listed


@pytest.mark.django_db
def test_a_code_is_good_once(make_account: MakeAccount) -> None:
    user = make_account(username="can-bo-a")
    TOTP.activate(user, SECRET)
    code = totp_code(SECRET)
    clients = [Client(), Client()]
    for client in clients:
        post_sign_in(client, "can-bo-a")
    results = [c.post("/tai-khoan/dang-nhap/xac-thuc/", {"code": code}) for c in clients]
    assert [r.status_code for r in results] == [302, 200]
    assert "vừa được dùng" in text_of(results[1])


@pytest.mark.django_db
def test_guessing_codes_is_braked_across_sign_ins(make_account: MakeAccount) -> None:
    user = make_account(username="can-bo-a")
    TOTP.activate(user, SECRET)
    for _attempt in range(5):
        client = Client()
        post_sign_in(client, "can-bo-a")
        client.post("/tai-khoan/dang-nhap/xac-thuc/", {"code": "123456"})
    client = Client()
    post_sign_in(client, "can-bo-a")
    response = client.post("/tai-khoan/dang-nhap/xac-thuc/", {"code": totp_code(SECRET)})
    assert response.status_code == 200
    assert "thử lại sau 5 phút" in text_of(response)
    assert SignInThrottle.objects.get(pk=f"code:{user.pk}").failures == 5


def test_roles_that_need_it_keep_one_outside_until_it_is_proved(
    make_account: MakeAccount, settings: Any, committing: None
) -> None:
    settings.SEN_REQUIRE_MFA = True
    user = make_account("assets.*.view", username="can-bo-a", needs_mfa=True)
    make_account("assets.*.view", username="can-bo-b", needs_mfa=False)
    client = Client()
    post_sign_in(client, "can-bo-a")
    assert client.get("/ql/").headers["Location"] == "/tai-khoan/bao-mat/?can=hai-lop"
    page = client.get("/tai-khoan/bao-mat/")
    assert "Cần bật xác thực hai lớp" in text_of(page)
    assert actor_behind(page).entitlements == ()

    other = Client()
    post_sign_in(other, "can-bo-b")
    assert actor_behind(other.get("/tai-khoan/")).may("assets.asset.view")
    assert other.get("/ql/").status_code == 200

    secret = re.search(
        r'id="totp-secret">([A-Z2-7]+)<', text_of(client.get("/tai-khoan/bao-mat/ung-dung/"))
    )
    assert secret is not None
    client.post("/tai-khoan/bao-mat/ung-dung/", {"code": totp_code(secret[1])})
    assert client.get("/ql/").status_code == 200
    assert actor_behind(client.get("/tai-khoan/")).may("assets.asset.view")

    # A session that was opened without the second factor gains nothing from it.
    stolen = Client()
    stolen.force_login(user)
    assert stolen.get("/ql/").status_code == 302


@pytest.mark.django_db
def test_turning_it_off_asks_for_a_longer_password(make_account: MakeAccount) -> None:
    user = make_account(username="can-bo-a")
    TOTP.activate(user, SECRET)
    client = Client()
    post_sign_in(client, "can-bo-a")
    client.post("/tai-khoan/dang-nhap/xac-thuc/", {"code": totp_code(SECRET)})
    User.objects.filter(pk=user.pk).update(password_is_long=False)
    assert client.get("/ql/").status_code == 200
    client.post("/tai-khoan/bao-mat/ung-dung/tat/")
    assert client.get("/ql/").headers["Location"].startswith("/tai-khoan/doi-mat-khau/")
