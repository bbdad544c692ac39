"""The pages of refused, lost and failed requests."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client, RequestFactory

from sen.kernel.testing.accounts import MakeAccount, post_sign_in
from sen.kernel.web import errors

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _as_in_operation(settings: Any) -> None:
    settings.DEBUG = False


@pytest.mark.parametrize(
    ("language", "title"),
    [("vi", "Không tìm thấy trang hoặc bản ghi"), ("en", "Page or record not found")],
)
def test_a_lost_page_says_so_in_the_readers_language(language: str, title: str) -> None:
    client = Client()
    client.cookies["sen_language"] = language
    page = client.get("/khong-co-trang-nay/")
    assert page.status_code == 404
    assert f"<h1>{title}</h1>" in page.content.decode()
    assert "Tried" not in page.content.decode()


def test_a_refused_page_gives_the_reason_of_whoever_refused() -> None:
    request = RequestFactory().get("/")
    page = errors.permission_denied(request, PermissionDenied("Chỉ Sở Xây dựng được làm."))
    assert page.status_code == 403
    assert "Chỉ Sở Xây dựng được làm." in page.content.decode()
    page = errors.permission_denied(request, PermissionDenied())
    assert "chưa được cấp quyền" in page.content.decode()


def test_a_lost_record_leads_a_signed_in_person_back_to_the_desk(
    make_account: MakeAccount,
) -> None:
    make_account(username="can-bo-a")
    client = Client()
    post_sign_in(client, "can-bo-a")
    page = client.get("/ql/khong/co-danh-muc/")
    assert page.status_code == 404
    assert "Về bàn làm việc" in page.content.decode()


def test_a_form_without_its_token_asks_to_send_again() -> None:
    page = Client(enforce_csrf_checks=True).post("/tai-khoan/dang-nhap/", {"login": "a"})
    assert page.status_code == 403
    assert "Biểu mẫu đã hết hạn" in page.content.decode()


def test_a_failure_has_a_page_that_needs_nothing() -> None:
    page = errors.server_error(RequestFactory().get("/"))
    assert page.status_code == 500
    assert "Máy chủ gặp lỗi" in page.content.decode()
