"""Passkeys and the warning before a session ends, in Chromium with a virtual authenticator."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import BrowserContext, Page, expect

from sen.kernel.access.models import User
from sen.kernel.audit.models import AuditEntry
from sen.kernel.testing.accounts import PASSWORD, MakeAccount, totp_code
from sen.kernel.testing.browsers import chromium

pytestmark = pytest.mark.e2e
#: A working screen that is quick to draw.
WORK = "/ql/he-thong/tai-khoan/"


@pytest.fixture
def context(live_site: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[BrowserContext]:
    # Playwright runs a loop in this thread; the database is asked between its steps only.
    monkeypatch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    with chromium() as browser:
        opened = browser.new_context(base_url=live_site, locale="vi-VN")
        opened.set_default_timeout(20_000)
        yield opened


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def add_authenticator(page: Page) -> Any:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return session


def sign_in(page: Page, username: str) -> None:
    page.goto("/tai-khoan/dang-nhap/?next=/tai-khoan/")
    page.get_by_label("Tên đăng nhập hoặc thư điện tử").fill(username)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()


def sign_out(page: Page) -> None:
    page.goto("/tai-khoan/dang-xuat/?next=/tai-khoan/dang-nhap/")
    page.get_by_role("button", name="Đăng xuất").last.click()
    expect(page).to_have_url(re.compile("/tai-khoan/dang-nhap/"))


def test_a_passkey_is_made_and_then_opens_the_account_alone(
    make_account: MakeAccount, page: Page, settings: Any
) -> None:
    settings.SEN_REQUIRE_MFA = True
    user = make_account("kernel.accounts.view", username="can-bo-a", needs_mfa=True)
    add_authenticator(page)
    sign_in(page, "can-bo-a")
    page.goto(WORK)
    expect(page).to_have_url(re.compile("/tai-khoan/bao-mat/"))
    page.get_by_role("link", name="Thêm khóa bảo mật").click()
    page.get_by_label("Tên gợi nhớ").fill("Máy tính cơ quan")
    page.get_by_label("Dùng khóa này để đăng nhập thay mật khẩu").check()
    page.get_by_role("button", name="Tạo khóa").click()
    expect(page.get_by_role("heading", name="Mã dự phòng")).to_be_visible()
    page.goto(WORK)
    expect(page).to_have_url(re.compile(f"{WORK}$"))

    sign_out(page)
    page.goto("/tai-khoan/dang-nhap/")
    page.get_by_role("button", name="Đăng nhập bằng khóa bảo mật").click()
    expect(page).to_have_url(re.compile("/ql/$"))
    entry = AuditEntry.objects.filter(act="accounts.sign-in").latest("id")
    assert (entry.actor_id, entry.detail["methods"]) == (user.pk, ["webauthn"])

    page.goto("/tai-khoan/bao-mat/")
    expect(page.get_by_text("Máy tính cơ quan")).to_be_visible()
    page.get_by_role("link", name="Xóa").click()
    page.get_by_role("button", name="Xóa").click()
    expect(page).to_have_url(re.compile("/tai-khoan/bao-mat/"))
    assert not Authenticator.objects.filter(user=user).exists()


def test_a_passkey_is_the_second_factor_after_the_password(
    make_account: MakeAccount, page: Page
) -> None:
    make_account(username="can-bo-a")
    add_authenticator(page)
    sign_in(page, "can-bo-a")
    page.goto("/tai-khoan/bao-mat/khoa/them/")
    page.get_by_role("button", name="Tạo khóa").click()
    expect(page.get_by_role("heading", name="Mã dự phòng")).to_be_visible()
    sign_out(page)
    sign_in(page, "can-bo-a")
    expect(page).to_have_url(re.compile("/tai-khoan/dang-nhap/xac-thuc/"))
    page.goto("/tai-khoan/")
    expect(page).to_have_url(re.compile("/tai-khoan/dang-nhap/"))
    page.goto("/tai-khoan/dang-nhap/xac-thuc/")
    page.get_by_role("button", name="Dùng khóa bảo mật").click()
    expect(page).to_have_url(re.compile("/tai-khoan/$"))
    entry = AuditEntry.objects.filter(act="accounts.sign-in").latest("id")
    assert entry.detail["methods"] == ["password", "webauthn"]


def test_a_passkey_that_this_house_does_not_know_is_refused_in_words(
    make_account: MakeAccount, page: Page
) -> None:
    make_account(username="can-bo-a")
    session = add_authenticator(page)
    sign_in(page, "can-bo-a")
    page.goto("/tai-khoan/bao-mat/khoa/them/")
    page.get_by_label("Dùng khóa này để đăng nhập thay mật khẩu").check()
    page.get_by_role("button", name="Tạo khóa").click()
    expect(page.get_by_role("heading", name="Mã dự phòng")).to_be_visible()
    sign_out(page)
    Authenticator.objects.all().delete()
    page.goto("/tai-khoan/dang-nhap/")
    page.get_by_role("button", name="Đăng nhập bằng khóa bảo mật").click()
    expect(page.get_by_text("Khóa bảo mật không đúng")).to_be_visible()
    assert AuditEntry.objects.filter(act="accounts.second-factor.passkey-refused").count() == 1
    session.send("WebAuthn.disable")


def test_a_qr_code_and_a_code_from_the_phone(make_account: MakeAccount, page: Page) -> None:
    make_account(username="can-bo-a")
    sign_in(page, "can-bo-a")
    expect(page).to_have_url(re.compile("/tai-khoan/$"))
    page.goto("/tai-khoan/bao-mat/ung-dung/")
    drawn = page.get_by_alt_text("Mã QR của khóa xác thực")
    assert drawn.evaluate("image => image.naturalWidth") > 100
    secret = page.locator("#totp-secret").inner_text()
    page.get_by_label("Mã sáu chữ số hiện trong ứng dụng").fill(totp_code(secret))
    page.get_by_role("button", name="Bật").click()
    expect(page.locator("#recovery-codes li")).to_have_count(10)


def test_a_warning_comes_before_the_session_ends_and_keeps_it(
    make_account: MakeAccount, page: Page, settings: Any
) -> None:
    settings.SEN_SESSION_IDLE_S = 8
    settings.SEN_SESSION_WARNING_S = 6
    make_account(username="can-bo-a")
    sign_in(page, "can-bo-a")
    warning = page.get_by_role("dialog", name="Phiên làm việc sắp kết thúc")
    expect(warning).to_be_visible()
    page.get_by_role("button", name="Tiếp tục làm việc").click()
    expect(warning).to_be_hidden()
    expect(page).to_have_url(re.compile("/tai-khoan/dang-nhap/"), timeout=25_000)
    assert User.objects.get().is_active
