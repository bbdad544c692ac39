"""What a new user stumbles over first: closed rows, filters without sense, English."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visitor

pytestmark = pytest.mark.e2e


def test_another_communes_devices_are_closed_on_every_way(visitor: Visitor) -> None:
    visitor.sign_in("quantri")
    secret = _device_ids(visitor, "hatang") - _device_ids(visitor, "xa.caolanh")
    assert secret
    one = min(secret)
    for way in (
        f"/ql/assets/its-devices/{one}/",
        f"/ql/assets/its-devices/{one}/sua/",
        f"/ql/assets/its-devices/{one}/lich-su/",
        f"/ql/assets/all/{one}/",
        f"/tra-cuu/assets/its-devices/{one}/",
        f"/api/internal/v1/assets/its-devices/{one}",
        f"/ogc/collections/its-devices/items/{one}",
    ):
        answer = visitor.page.request.get(visitor.platform.url + way)
        assert answer.status == 404, way


def _device_ids(visitor: Visitor, username: str) -> set[int]:
    """Ids of the devices that an account sees; its session stays."""
    visitor.page.context.clear_cookies()
    visitor.sign_in(username)
    address = f"{visitor.platform.url}/api/internal/v1/assets/its-devices?size=200"
    found: dict[str, Any] = visitor.page.request.get(address).json()
    return {item["id"] for item in found["items"]}


def test_english_pages_write_numbers_the_english_way(visitor: Visitor) -> None:
    page = visitor.go("/tra-cuu/assets/bridges/")
    expect(page.locator("body")).to_contain_text("1.906 m")
    page.locator("button[name=language][value=en]").first.click()
    page.wait_for_load_state("load")
    expect(page.locator("body")).to_contain_text("1,906 m")


def test_a_filter_that_makes_no_sense_is_told_of(visitor: Visitor) -> None:
    page = visitor.go("/tra-cuu/assets/bridges/?condition=abc")
    expect(page.locator(".alert")).to_contain_text(re.compile("Tình trạng.*abc"))
