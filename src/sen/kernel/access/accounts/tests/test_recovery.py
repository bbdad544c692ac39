"""A forgotten password: the link by mail through the real pages."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client

from sen.kernel.access.accounts import throttle
from sen.kernel.access.models import SignInThrottle, User
from sen.kernel.audit.models import AuditEntry
from sen.kernel.jobs.models import JobRun
from sen.kernel.jobs.testing import run_queued
from sen.kernel.testing.accounts import PASSWORD, MakeAccount, post_sign_in

pytestmark = pytest.mark.django_db
ASK = "/tai-khoan/quen-mat-khau/"
SENT = "/tai-khoan/quen-mat-khau/da-gui/"
NEW = "Con-do-cho-lua-sang-ngang-7"  # secret-scan: allow, of test accounts


@pytest.fixture
def user(make_account: MakeAccount) -> User:
    return make_account(username="can-bo-a", email="a@dongthap.gov.vn")


def ask(login: str) -> Any:
    return Client().post(ASK, {"login": login})


def link_of(message: mail.EmailMessage) -> str:
    found = re.search(r"https?://testserver(/\S+)", str(message.body))
    assert found is not None
    return found[1]


def open_link(client: Client, link: str) -> str:
    """The form behind a link; the key leaves the address at once."""
    moved = client.get(link)
    assert moved.status_code == 302
    assert "set-password" in moved.headers["Location"]
    return str(moved.headers["Location"])


@pytest.mark.parametrize("login", ["can-bo-a", "A@dongthap.gov.vn"])
def test_the_link_sets_a_new_password_once(user: User, login: str) -> None:
    elsewhere = Client()
    post_sign_in(elsewhere, "can-bo-a")
    throttle.count_failure(throttle.user_key(user.pk), throttle.ACCOUNT)
    assert ask(login).headers["Location"] == SENT
    run_queued()
    (message,) = mail.outbox
    assert message.to == ["a@dongthap.gov.vn"]
    assert "đặt lại mật khẩu" in message.subject

    client, link = Client(), link_of(message)
    form = open_link(client, link)
    assert "Đặt mật khẩu mới" in client.get(form).content.decode()
    weak = client.post(form, {"password1": "ngan", "password2": "ngan"})
    assert "cần ít nhất 14 ký tự" in weak.content.decode()
    done = client.post(form, {"password1": NEW, "password2": NEW})
    assert done.headers["Location"] == "/tai-khoan/quen-mat-khau/xong/"
    assert client.get(done.headers["Location"]).status_code == 200

    assert elsewhere.get("/tai-khoan/").status_code == 302, "other sessions end"
    assert "không đúng" in post_sign_in(Client(), "can-bo-a", PASSWORD).content.decode()
    assert post_sign_in(Client(), "can-bo-a", NEW).status_code == 302
    assert "đã được dùng" in Client().get(link).content.decode()
    acts = list(AuditEntry.objects.values_list("act", flat=True))
    assert {"accounts.password.reset-asked", "accounts.password.reset"} <= set(acts)


def test_the_second_factor_is_still_asked_for(user: User) -> None:
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={})
    ask("can-bo-a")
    run_queued()
    client = Client()
    form = open_link(client, link_of(mail.outbox[0]))
    client.post(form, {"password1": NEW, "password2": NEW})
    assert client.get("/tai-khoan/").status_code == 302, "the link opens no session"
    signed = post_sign_in(client, "can-bo-a", NEW)
    assert "/xac-thuc/" in signed.headers["Location"]


def test_nobody_learns_whether_an_account_exists(user: User, make_account: MakeAccount) -> None:
    make_account(username="khong-thu", email="")
    make_account(username="bi-khoa", email="k@dongthap.gov.vn", is_active=False)
    make_account(username="vneid", email="v@dongthap.gov.vn", password=None)
    names = ("khong-co-ai", "khong-thu", "bi-khoa", "vneid")
    answers = {ask(name).headers["Location"] for name in (*names, "can-bo-a")}
    assert answers == {SENT}
    assert JobRun.objects.count() == 5, "the work of the request is the same"
    run_queued()
    assert [message.to for message in mail.outbox] == [["a@dongthap.gov.vn"]]
    assert not AuditEntry.objects.filter(object_label__icontains="khong-co-ai").exists()


def test_requests_are_braked_for_each_account_and_each_address(user: User) -> None:
    for _n in range(6):
        assert ask("can-bo-a").headers["Location"] == SENT
    run_queued()
    assert len(mail.outbox) == 3
    for number in range(20):
        ask(f"ai-do-{number}")
    refused = ask("ai-do-khac")
    assert refused.status_code == 200
    assert "thử lại sau" in refused.content.decode()


def test_a_link_dies_with_the_account_and_with_time(user: User, settings: Any) -> None:
    ask("can-bo-a")
    run_queued()
    link = link_of(mail.outbox[0])
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert "quá hạn" in Client().get(link).content.decode()
    User.objects.filter(pk=user.pk).update(is_active=True)
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert "quá hạn" in Client().get(link).content.decode()
    settings.PASSWORD_RESET_TIMEOUT = 60
    assert Client().get(link).status_code == 302
    assert SignInThrottle.objects.filter(pk=f"reset:{user.pk}").exists()
