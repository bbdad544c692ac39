"""Signing in through the real forms, with CSRF checks on where they matter."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from sen.kernel.access.accounts import sessions, throttle
from sen.kernel.access.models import SignInThrottle, User
from sen.kernel.audit.models import AuditEntry
from sen.kernel.testing.accounts import PASSWORD, MakeAccount, post_sign_in

pytestmark = pytest.mark.django_db


def acts() -> list[tuple[str, str]]:
    return list(AuditEntry.objects.order_by("id").values_list("kind", "act"))


def text_of(response: Any) -> str:
    return str(response.content.decode())


@pytest.mark.parametrize("login", ["can-bo-a", "CAN-BO-A", "a@dongthap.gov.vn"])
def test_name_or_mail_address_with_the_password_opens_a_session(
    make_account: MakeAccount, login: str
) -> None:
    user = make_account(username="can-bo-a", email="a@dongthap.gov.vn")
    client = Client(headers={"user-agent": "Firefox thử"})
    response = post_sign_in(client, login)
    assert (response.status_code, response.headers["Location"]) == (302, "/ql/")
    assert client.get("/tai-khoan/").status_code == 200
    entry = AuditEntry.objects.get(act="accounts.sign-in")
    assert (entry.kind, entry.actor_id, entry.ip) == ("SIGN_IN", user.pk, "127.0.0.1")
    assert entry.detail == {"methods": ["password"], "user_agent": "Firefox thử"}


def test_wrong_password_and_unknown_name_look_the_same_and_are_logged(
    make_account: MakeAccount,
) -> None:
    make_account(username="can-bo-a")
    pages = []
    for name in ("can-bo-a", "khong-co-ai"):
        response = post_sign_in(Client(), name, "sai-mat-khau")
        page = re.sub(r'(value|nonce|content)="[^"]*"', "", text_of(response))
        pages.append(page.replace(name, ""))
    assert pages[0] == pages[1]
    assert "không đúng" in pages[0]
    entries = AuditEntry.objects.filter(act="accounts.sign-in.failed").order_by("id")
    assert [(e.kind, e.actor_id, e.object_label) for e in entries] == [
        ("REFUSED", None, "can-bo-a"),
        ("REFUSED", None, "tên không có trong hệ thống"),
    ]
    # What was typed as a name may be a password in the wrong field: it is not kept.
    assert not AuditEntry.objects.filter(detail__icontains="khong-co-ai").exists()


def test_after_five_failures_even_the_right_password_waits(make_account: MakeAccount) -> None:
    user = make_account(username="can-bo-a", email="a@dongthap.gov.vn")
    client = Client()
    for number in range(5):
        # Both names of the account share one counter.
        post_sign_in(client, ("can-bo-a", "a@dongthap.gov.vn")[number % 2], "sai")
    refused = post_sign_in(client, "can-bo-a")
    assert refused.status_code == 200
    assert "thử lại sau 1 phút" in text_of(refused)
    assert acts().count(("REFUSED", "accounts.sign-in.locked")) == 1
    row = SignInThrottle.objects.get(pk=throttle.user_key(user.pk))
    assert (row.failures, row.refused) == (5, 1)

    SignInThrottle.objects.filter(pk=row.pk).update(blocked_until=timezone.now())
    post_sign_in(client, "can-bo-a", "sai")
    row.refresh_from_db()
    assert row.blocked_until is not None
    assert row.blocked_until > timezone.now() + timedelta(seconds=100)  # it doubled

    SignInThrottle.objects.filter(pk=row.pk).update(blocked_until=timezone.now())
    assert post_sign_in(client, "can-bo-a").status_code == 302
    assert not SignInThrottle.objects.filter(pk=row.pk).exists()


def test_an_address_that_fails_for_many_names_is_braked(make_account: MakeAccount) -> None:
    make_account(username="can-bo-a")
    SignInThrottle.objects.create(
        key=throttle.address_key("127.0.0.1"), failures=59, last_failed_at=timezone.now()
    )
    client = Client()
    post_sign_in(client, "khong-co-ai", "sai")
    assert "quá nhiều lần" in text_of(post_sign_in(client, "can-bo-a"))
    elsewhere = Client(REMOTE_ADDR="10.1.2.3")
    assert post_sign_in(elsewhere, "can-bo-a").status_code == 302


def test_signing_in_gives_a_new_session_key(make_account: MakeAccount) -> None:
    """Session fixation: a key that was planted before the sign-in is worth nothing after it."""
    make_account(username="can-bo-a")
    client = Client()
    session = client.session
    session["planted"] = True
    session.save()
    planted = session.session_key
    assert post_sign_in(client, "can-bo-a").status_code == 302
    assert client.session.session_key != planted
    thief = Client()
    thief.cookies["sen_session"] = str(planted)
    assert thief.get("/tai-khoan/").status_code == 302


def test_the_form_needs_its_csrf_token(make_account: MakeAccount) -> None:
    make_account(username="can-bo-a")
    client = Client(enforce_csrf_checks=True)
    assert post_sign_in(client, "can-bo-a").status_code == 403
    page = text_of(client.get("/tai-khoan/dang-nhap/"))
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token is not None
    response = post_sign_in(client, "can-bo-a", csrfmiddlewaretoken=token[1])
    assert response.status_code == 302


@pytest.mark.parametrize(
    "target", ["https://ke-gian.example/", "//ke-gian.example", "javascript:0"]
)
def test_next_leads_nowhere_else(make_account: MakeAccount, target: str) -> None:
    make_account(username="can-bo-a")
    response = Client().post(
        "/tai-khoan/dang-nhap/",
        {"login": "can-bo-a", "password": PASSWORD, "next": target},
    )
    assert response.headers["Location"] == "/ql/"


def test_a_locked_account_stays_outside(make_account: MakeAccount) -> None:
    make_account(username="can-bo-a", is_active=False)
    response = post_sign_in(Client(), "can-bo-a")
    assert response.headers["Location"] == "/tai-khoan/bi-khoa/"
    assert ("REFUSED", "accounts.sign-in.inactive") in acts()


def test_accounts_of_the_demonstration_work_in_the_demonstration_only(
    make_account: MakeAccount, settings: Any
) -> None:
    make_account(username="can-bo-a", is_demo=True)
    settings.DEMO = True
    client = Client()
    assert post_sign_in(client, "can-bo-a").headers["Location"] == "/ql/"
    settings.DEMO = False
    assert client.get("/tai-khoan/").status_code == 302
    assert post_sign_in(client, "can-bo-a").headers["Location"] == "/tai-khoan/bi-khoa/"


def test_an_account_that_slept_45_days_is_turned_off(make_account: MakeAccount) -> None:
    user = make_account(username="can-bo-a")
    old = timezone.now() - timedelta(days=46)
    User.objects.filter(pk=user.pk).update(last_login=old, created_at=old, password_changed_at=old)
    response = post_sign_in(Client(), "can-bo-a")
    assert response.headers["Location"] == "/tai-khoan/bi-khoa/"
    user.refresh_from_db()
    assert not user.is_active
    assert "45 ngày" in user.locked_reason


def test_signing_out_ends_the_session_and_is_logged(make_account: MakeAccount) -> None:
    make_account(username="can-bo-a")
    client = Client()
    post_sign_in(client, "can-bo-a")
    key = client.session.session_key
    assert client.post("/tai-khoan/dang-xuat/").headers["Location"] == "/"
    assert ("SIGN_IN", "accounts.sign-out") in acts()
    again = Client()
    again.cookies["sen_session"] = str(key)
    assert again.get("/tai-khoan/").status_code == 302


def test_idle_and_absolute_limits_end_a_session(make_account: MakeAccount, settings: Any) -> None:
    make_account(username="can-bo-a")
    for mark, limit in (
        (sessions.SEEN, settings.SEN_SESSION_IDLE_S),
        (sessions.BEGAN, settings.SEN_SESSION_LIFE_S),
    ):
        client = Client()
        post_sign_in(client, "can-bo-a")
        session = client.session
        session[mark] -= limit - 5
        session.save()
        assert client.get("/tai-khoan/").status_code == 200
        session = client.session
        session[mark] = session[sessions.BEGAN] - limit - 1
        session.save()
        assert client.get("/tai-khoan/").status_code == 302


def test_an_ended_session_is_explained_and_logged(make_account: MakeAccount) -> None:
    user = make_account(username="can-bo-a")
    client = Client()
    post_sign_in(client, "can-bo-a")
    session = client.session
    session[sessions.SEEN] = 0
    session.save()
    response = client.get("/ql/")
    assert response.headers["Location"] == "/tai-khoan/dang-nhap/?het-phien=1&next=%2Fql%2F"
    assert "Phiên làm việc đã kết thúc" in text_of(client.get(response.headers["Location"]))
    entry = AuditEntry.objects.get(act="accounts.session.expired")
    assert entry.actor_id == user.pk


def test_citizens_have_no_working_screens(make_account: MakeAccount) -> None:
    client = Client()
    client.force_login(make_account(kind="CITIZEN"))
    assert client.get("/ql/").headers["Location"] == "/"


def test_requests_that_a_page_sends_by_itself_do_not_keep_a_session(
    make_account: MakeAccount,
) -> None:
    make_account(username="can-bo-a")
    client = Client()
    post_sign_in(client, "can-bo-a")
    session = client.session
    session[sessions.SEEN] -= 600
    session.save()
    before = client.session[sessions.SEEN]
    client.get("/tai-khoan/", headers={"X-Sen-Background": "1"})
    assert client.session[sessions.SEEN] == before
    client.get("/tai-khoan/")
    assert client.session[sessions.SEEN] >= before + 600


def test_the_sixth_session_ends_the_first(make_account: MakeAccount, settings: Any) -> None:
    settings.SEN_SESSIONS_AT_ONCE = 2
    make_account(username="can-bo-a")
    clients = [Client() for _n in range(3)]
    for client in clients:
        post_sign_in(client, "can-bo-a")
    codes = [client.get("/tai-khoan/").status_code for client in clients]
    assert codes == [302, 200, 200]


def test_other_sessions_can_be_ended(make_account: MakeAccount) -> None:
    make_account(username="can-bo-a")
    here, there = Client(), Client()
    for client in (there, here):
        post_sign_in(client, "can-bo-a")
    assert text_of(here.get("/tai-khoan/phien/")).count("Kết thúc</button>") == 1
    here.post("/tai-khoan/phien/ket-thuc/")
    assert there.get("/tai-khoan/").status_code == 302
    assert here.get("/tai-khoan/").status_code == 200


def test_a_stranger_cannot_end_anothers_session(make_account: MakeAccount) -> None:
    make_account(username="can-bo-a")
    make_account(username="can-bo-b")
    victim, stranger = Client(), Client()
    post_sign_in(victim, "can-bo-a")
    post_sign_in(stranger, "can-bo-b")
    from allauth.usersessions.models import UserSession

    for row in UserSession.objects.all():
        stranger.post("/tai-khoan/phien/ket-thuc/", {"session": row.pk})
    assert victim.get("/tai-khoan/").status_code == 200


def test_working_screens_send_strangers_to_the_sign_in_page() -> None:
    client = Client()
    response = client.get("/ql/bat-ky/", {"x": "1"})
    assert response.headers["Location"] == "/tai-khoan/dang-nhap/?next=%2Fql%2Fbat-ky%2F%3Fx%3D1"
    script = client.get("/ql/bat-ky/", headers={"HX-Request": "true"})
    assert (script.status_code, script.headers["HX-Redirect"]) == (401, "/tai-khoan/dang-nhap/")
    data = client.get("/ql/bat-ky/", headers={"Accept": "application/json"})
    assert (data.status_code, data.headers["Content-Type"]) == (401, "application/problem+json")


def test_account_pages_are_never_stored_by_a_browser(make_account: MakeAccount) -> None:
    make_account(username="can-bo-a")
    client = Client()
    assert client.get("/tai-khoan/dang-nhap/").headers["Cache-Control"] == "no-store"
    post_sign_in(client, "can-bo-a")
    assert client.get("/tai-khoan/bao-mat/").headers["Cache-Control"] == "no-store"


def test_forwarded_addresses_are_believed_from_trusted_proxies_only(
    make_account: MakeAccount, settings: Any
) -> None:
    make_account(username="can-bo-a")
    settings.SEN_TRUSTED_PROXIES = ["10.0.0.0/8"]
    for peer, expected in (("10.0.0.9", "203.0.113.7"), ("198.51.100.4", "198.51.100.4")):
        client = Client(REMOTE_ADDR=peer)
        post_sign_in(client, "can-bo-a")
        client.get("/tai-khoan/")
        client = Client(
            REMOTE_ADDR=peer, headers={"X-Forwarded-For": "1.1.1.1, 203.0.113.7, 10.0.0.3"}
        )
        post_sign_in(client, "can-bo-a")
        assert AuditEntry.objects.filter(act="accounts.sign-in").latest("id").ip == expected
