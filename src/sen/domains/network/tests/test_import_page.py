"""The import page: choose a file, see what would happen, then do it."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from sen.domains.network.models import Road
from sen.kernel.access.context import as_system
from sen.kernel.access.models import Organisation
from sen.kernel.testing.accounts import MakeAccount

pytestmark = pytest.mark.django_db
PAGE = "/ql/network/roads/nhap/"
TABLE = "Mã tuyến,Tên đường,Số làn\nX1,Đường Rạch Ông,2\nX2,Đường Kênh Xáng,hai\n"


@pytest.fixture
def officer(
    house: None, client: Client, make_account: MakeAccount, settings: Any, tmp_path: Path
) -> Client:
    settings.MEDIA_ROOT = str(tmp_path)
    with as_system("test data of the import page"):
        org = Organisation.objects.get(code="SXD")
    client.force_login(make_account("network.*.*", organisation=org))
    return client


def upload(text: str | bytes, name: str = "duong.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode() if isinstance(text, str) else text)


def token_of(response: Any) -> str:
    found = re.search(r'name="token" value="([^"]+)"', response.content.decode())
    assert found is not None
    return found[1]


def roads() -> set[str]:
    with as_system("what was imported"):
        return set(Road.objects.values_list("code", flat=True))


def test_a_file_is_checked_mapped_and_read(officer: Client) -> None:
    wrong = officer.post(PAGE, {"file": upload(TABLE), "act": "check"})
    page = wrong.content.decode()
    assert "“hai” không phải là số" in page
    assert 'value="run"' not in page, "a file with faults cannot be imported"
    mapped = {"token": token_of(wrong), "map-code": "Mã tuyến", "map-name": "Tên đường"}
    mapped |= {"map-lanes": ""}
    checked = officer.post(PAGE, mapped | {"act": "check"})
    assert "Thêm mới 2" in checked.content.decode()
    assert not roads()
    done = officer.post(PAGE, mapped | {"act": "run"})
    assert "Đã nhập xong" in done.content.decode()
    assert roads() == {"X1", "X2"}
    with as_system("who owns it"):
        assert Road.objects.get(code="X1").owner_org.code == "SXD"


def test_options_of_the_importer_are_on_the_page(officer: Client) -> None:
    done = officer.post(
        PAGE,
        {
            "file": upload("Mã tuyến,Tên đường\nX1,Đường A\n"),
            "option-owner": "KQLDB4",
            "act": "check",
        },
    )
    assert 'value="KQLDB4"' in done.content.decode()
    refused = officer.post(PAGE, {"token": token_of(done), "option-owner": "LA", "act": "check"})
    assert "Không có đơn vị mang mã hoặc tên này" in refused.content.decode()


@pytest.mark.parametrize(
    ("raw", "name", "said"),
    [
        (b"PK\x03\x04", "a.xlsx", "Tệp nén bị hỏng"),
        (b"\x00" * 9000, "a.gpkg", "Không nhận ra loại tệp"),
        (b"SQLite format 3\x00" + b"\x01" * 5000, "a.gpkg", "Không đọc được tệp"),
        (b"{", "a.geojson", "Không đọc được tệp"),
    ],
)
def test_a_file_that_cannot_be_read_is_explained(
    officer: Client, raw: bytes, name: str, said: str
) -> None:
    response = officer.post(PAGE, {"file": upload(raw, name), "act": "check"})
    assert response.status_code == 422
    assert said in response.content.decode()


def test_the_file_waits_while_its_coordinate_system_is_chosen(officer: Client) -> None:
    table = "Mã tuyến,Tên đường,geom\nX1,A,\n"
    first = officer.post(PAGE, {"file": upload(table), "srid": "²", "act": "check"})
    assert first.status_code == 200
    second = officer.post(PAGE, {"token": token_of(first), "srid": "5897", "act": "check"})
    assert second.status_code == 200
    nothing = officer.post(PAGE, {"token": "khac", "act": "check"})
    assert nothing.status_code == 422
    assert "Hãy chọn tệp để nhập" in nothing.content.decode()


def test_a_waiting_file_belongs_to_whoever_sent_it(
    officer: Client, make_account: MakeAccount
) -> None:
    token = token_of(officer.post(PAGE, {"file": upload(TABLE), "act": "check"}))
    officer.force_login(make_account("network.*.*"))
    response = officer.post(PAGE, {"token": token, "act": "check"})
    assert response.status_code == 422
    assert "hãy chọn lại tệp" in response.content.decode()


def test_files_do_not_stay_longer_than_a_day(officer: Client, tmp_path: Path) -> None:
    officer.post(PAGE, {"file": upload(TABLE), "act": "check"})
    (old,) = (tmp_path / "imports").iterdir()
    os.utime(old, (1, 1))
    officer.post(PAGE, {"file": upload("Mã tuyến\nX\n"), "act": "check"})
    assert not old.exists()
    assert len(list((tmp_path / "imports").iterdir())) == 1
