"""The wizard of imports on a register of roads: from the file to the import and its undoing."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from sen.domains.network.models import Road
from sen.kernel.access.context import as_system
from sen.kernel.access.models import Organisation
from sen.kernel.imports.models import ImportDraft, ImportProfile, ImportRun
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


def begun(client: Client, text: str | bytes, name: str = "duong.csv") -> str:
    """The address of the draft of a file just sent, without the step."""
    answer = client.post(PAGE, {"file": upload(text, name)})
    assert answer.status_code == 302, answer.content.decode()
    assert answer["Location"].endswith("/lop/")
    return str(answer["Location"].removesuffix("lop/"))


def text_of(response: Any) -> str:
    return str(response.content.decode())


def roads() -> set[str]:
    with as_system("what was imported"):
        return set(Road.objects.values_list("code", flat=True))


def test_a_file_goes_through_every_step_and_back(officer: Client) -> None:
    at = begun(officer, TABLE)
    assert "2 dòng, 3 cột" in text_of(officer.get(at + "lop/"))
    assert officer.post(at + "lop/", {"act": "next"})["Location"] == at + "toa-do/"
    assert officer.post(at + "toa-do/", {"act": "next"})["Location"] == at + "cot/"
    officer.post(at + "cot/", {"act": "next"})
    officer.post(at + "kiem-tra/", {"act": "check"})
    wrong = text_of(officer.get(at + "kiem-tra/"))
    assert "“hai” không phải là số" in wrong
    assert 'value="run"' not in wrong, "a file with faults cannot be imported"
    back = officer.post(at + "cot/", {"map-lanes": "", "act": "next"})
    assert back["Location"] == at + "kiem-tra/"
    officer.post(at + "kiem-tra/", {"act": "check"})
    assert "Thêm mới 2" in text_of(officer.get(at + "kiem-tra/"))
    assert not roads()
    done = officer.post(at + "kiem-tra/", {"act": "run"}, follow=True)
    assert "Đã nhập xong" in text_of(done)
    assert roads() == {"X1", "X2"}
    with as_system("who owns it"):
        assert Road.objects.get(code="X1").owner_org.code == "SXD"


def test_an_import_is_undone_from_its_page(officer: Client) -> None:
    at = begun(officer, "Mã tuyến,Tên đường\nX1,A\nX2,B\n")
    done = officer.post(at + "kiem-tra/", {"act": "run"}, follow=True)
    page = f"{PAGE}lan/{ImportRun.objects.latest('pk').pk}/"
    assert f"{page}hoan-tac/" in text_of(done)
    assert "Bỏ 2 bản ghi" in text_of(officer.get(page + "hoan-tac/"))
    refused = officer.post(page + "hoan-tac/", {"reason": " "})
    assert (refused.status_code, roads()) == (422, {"X1", "X2"})
    after = officer.post(page + "hoan-tac/", {"reason": "Nhầm tệp"}, follow=True)
    assert "bỏ 2 bản ghi đã thêm" in text_of(after)
    assert roads() == set()
    assert officer.post(page + "hoan-tac/", {"reason": "Lần nữa"}).status_code == 409


def test_the_faulty_rows_are_downloaded_with_their_faults(officer: Client) -> None:
    at = begun(officer, TABLE.replace("Đường Rạch Ông", "=HYPERLINK(1)"))
    officer.post(at + "kiem-tra/", {"act": "check"})
    sheet = openpyxl.load_workbook(io.BytesIO(officer.get(at + "loi.xlsx").content)).worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0] == ("Dòng", "Mã tuyến", "Tên đường", "Số làn", "Lỗi")
    assert [row[:4] for row in rows[1:]] == [(3, "X2", "Đường Kênh Xáng", "hai")]
    assert "không phải là số" in str(rows[1][4])
    assert "X2" in officer.get(at + "loi.csv").content.decode("utf-8-sig")


def test_a_profile_is_recognised_by_the_columns_of_the_file(officer: Client) -> None:
    odd = "A1,B2,Loại mặt\nX1,Đường Một,BTCT\n"
    at = begun(officer, odd)
    officer.post(at + "cot/", {"map-code": "A1", "map-name": "B2", "map-surface": "Loại mặt"})
    values = {"text-of-surface": "BTCT", "means-surface": "CONCRETE"}
    mapped = {"map-code": "A1", "map-name": "B2", "map-surface": "Loại mặt", "act": "next"}
    officer.post(at + "cot/", mapped | values | {"save-as": "Tệp của xã"})
    assert ImportProfile.objects.get().settings["mapping"]["code"] == "A1"
    again = begun(officer, odd.replace("X1", "X9"))
    assert "Nhận ra cấu hình “Tệp của xã”" in text_of(officer.get(again + "lop/"))
    officer.post(again + "kiem-tra/", {"act": "run"})
    with as_system("what the profile made of it"):
        assert Road.objects.get(code="X9").name == "Đường Một"


def test_options_of_the_importer_are_on_the_page(officer: Client) -> None:
    at = begun(officer, "Mã tuyến,Tên đường\nX1,Đường A\n")
    officer.post(at + "cot/", {"option-owner": "LA", "act": "again"})
    assert 'value="LA"' in text_of(officer.get(at + "cot/"))
    officer.post(at + "kiem-tra/", {"act": "check"})
    page = text_of(officer.get(at + "kiem-tra/"))
    assert "Không có đơn vị mang mã hoặc tên này" in page


@pytest.mark.parametrize(
    ("raw", "name", "said"),
    [
        (b"PK\x03\x04", "a.xlsx", "Tệp nén bị hỏng"),
        (b"\x00" * 9000, "a.gpkg", "Không nhận ra loại tệp"),
        (b"SQLite format 3\x00" + b"\x01" * 5000, "a.gpkg", "Không đọc được tệp"),
        (b"{", "a.geojson", "Không đọc được tệp"),
        (b"", "a.csv", "Tệp rỗng"),
    ],
)
def test_a_file_that_cannot_be_read_is_explained(
    officer: Client, raw: bytes, name: str, said: str
) -> None:
    response = officer.post(PAGE, {"file": upload(raw, name)})
    assert response.status_code == 422
    assert said in text_of(response)


def test_the_coordinate_system_is_chosen_by_a_picture(officer: Client) -> None:
    # Written in VN-2000, meridian 105°00′, X being the northing as in land registry.
    table = "Mã tuyến,Tên đường,X,Y\nX1,A,1155839.4,569399.2\nX2,B,1156839.4,570399.2\n"
    at = begun(officer, table)
    page = text_of(officer.get(at + "toa-do/"))
    assert page.count("import-picture") > 1
    assert "5897s" in page
    assert "X và Y đổi chỗ" in page
    officer.post(at + "toa-do/", {"way": "5897s", "act": "next"})
    draft = ImportDraft.objects.get()
    assert (draft.settings["srid"], draft.settings["swapped"]) == (5897, True)
    wrong = officer.post(at + "toa-do/", {"way": "other", "other": "32648", "act": "next"})
    assert wrong.status_code == 422
    assert officer.post(at + "toa-do/", {"way": "other", "other": "²"}).status_code == 422


def test_a_draft_belongs_to_whoever_sent_it(officer: Client, make_account: MakeAccount) -> None:
    at = begun(officer, TABLE)
    officer.force_login(make_account("network.*.*"))
    response = officer.get(at + "lop/")
    assert response.status_code == 404


def test_files_do_not_stay_longer_than_a_day(officer: Client, tmp_path: Path) -> None:
    at = begun(officer, TABLE)
    (old,) = (tmp_path / "imports").iterdir()
    os.utime(old, (1, 1))
    begun(officer, "Mã tuyến\nX\n")
    assert not old.exists()
    gone = officer.get(at + "lop/")
    assert gone.status_code == 422
    assert "hãy chọn lại tệp" in text_of(gone)
