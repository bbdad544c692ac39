"""A forgotten password: asked for on the page, followed from the mail to a new one."""

from __future__ import annotations

import email
import email.policy
import re
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from playwright.sync_api import expect

from sen.kernel.testing.processes import PythonProcess
from tests.conftest import Platform
from tests.e2e.conftest import Visitor

pytestmark = pytest.mark.e2e
ACCOUNT = "ioc"
ADDRESS = "truc.ban@dongthap.example"


@pytest.fixture
def worker(platform: Platform) -> Iterator[PythonProcess]:
    """What sends the mail, beside the web process of the tests."""
    process = PythonProcess(
        "sen.project.cli",
        "worker",
        environment=platform.environment,
        log=platform.folder / "worker.log",
    )
    yield process
    process.end()


def test_a_forgotten_password_gets_the_same_answer_for_everybody(visitor: Visitor) -> None:
    visitor.go("/tai-khoan/dang-nhap/")
    page = visitor.page
    page.get_by_role("link", name="Quên mật khẩu?").click()
    page.fill("input[name=login]", "khong-co-tai-khoan-nay")
    assert visitor.axe_findings() == []
    page.get_by_role("button", name="Gửi địa chỉ đặt lại").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Hãy kiểm tra hộp thư")


def test_the_link_in_the_mail_leads_to_a_new_password_that_opens_the_account(
    visitor: Visitor, worker: PythonProcess
) -> None:
    size = visitor.page.viewport_size
    assert size is not None
    new = f"Con-do-cho-lua-sang-{size['width']}"
    _give_an_address(visitor.platform)
    seen = set(_mails(visitor.platform))
    page = visitor.go("/tai-khoan/quen-mat-khau/")
    page.fill("input[name=login]", ADDRESS)
    page.get_by_role("button", name="Gửi địa chỉ đặt lại").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Hãy kiểm tra hộp thư")
    link = _link_in_new_mail(visitor.platform, seen)
    assert link.startswith(visitor.platform.url)
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("Đặt mật khẩu mới")
    assert visitor.axe_findings() == []
    for typed in ("ngắn", new):
        page.fill("input[name=password1]", typed)
        page.fill("input[name=password2]", typed)
        page.get_by_role("button", name="Đặt mật khẩu", exact=True).click()
        if typed != new:
            expect(page.locator("body")).to_contain_text("cần ít nhất 14 ký tự")
    expect(page.get_by_role("heading", level=1)).to_have_text("Đã đặt mật khẩu mới")
    page.get_by_role("link", name="Đăng nhập").last.click()
    page.fill("input[name=login]", ACCOUNT)
    page.fill("input[name=password]", new)
    page.click("main button[type=submit]")
    page.wait_for_url("**/ql/**")
    page.goto(link)
    expect(page.locator("body")).to_contain_text("đã được dùng")


def _give_an_address(platform: Platform) -> None:
    """Accounts of the demonstration have none: nothing may be sent to anybody."""
    with psycopg.connect(settings.DATABASE_SUPERUSER_URL, dbname=platform.database) as server:
        changed = server.execute(
            "UPDATE kernel_access_user SET email = %s WHERE username = %s", (ADDRESS, ACCOUNT)
        )
        assert changed.rowcount == 1


def _mails(platform: Platform) -> list[Path]:
    return sorted((platform.folder / "mail").glob("*.log"))


def _link_in_new_mail(platform: Platform, seen: set[Path], seconds: float = 60) -> str:
    """The address in the mail that arrives; the worker starts and writes it meanwhile."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for path in set(_mails(platform)) - seen:
            mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            body = mail.get_body()
            found = re.search(r"https?://\S+", body.get_content() if body else "")
            if found:
                assert str(mail["To"]) == ADDRESS
                return found[0]
        time.sleep(0.1)
    said = (platform.folder / "worker.log").read_text(encoding="utf-8")[-2000:]
    raise AssertionError(f"no mail after {seconds} s; the worker says:\n{said}")
