from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from sen.domains.assets.models import Asset
from sen.domains.assets.tests.conftest import Ground, user_with
from sen.kernel.access.context import as_system
from sen.kernel.imports.engine import Request, run
from sen.kernel.imports.importer import importers
from sen.kernel.imports.models import ImportRun

pytestmark = pytest.mark.django_db

SHEET = """Mã,Tên,Tuyến,Lý trình,Đơn vị quản lý,Chiều dài (m),Sơ đồ nhịp (m),\
Loại kết cấu nhịp,Hạn chế tải trọng (t),Tình trạng kỹ thuật
CAU-A,Cầu Rạch Ông,đt868,Km1+200,SXD,"40,5",3×12 + 4,Vòm,8,Kém
,Cầu Kênh Mới,ĐT.868,Km3+050,Sở Xây dựng,25,,,,Tốt
"""


def read(path: Path, **options: object) -> ImportRun:
    with as_system("import of a test file") as actor:
        request = Request(file=path, outside=True, **options)  # type: ignore[arg-type]
        return run(importer=importers["bridges"], actor=actor, request=request)


def test_a_spreadsheet_of_bridges_as_offices_keep_it(ground: Ground, tmp_path: Path) -> None:
    path = tmp_path / "cau.csv"
    path.write_text(SHEET, encoding="utf-8")
    dry = read(path, dry_run=True)
    assert (dry.created, dry.fault_count) == (2, 0), dry.faults
    with as_system("nothing yet"):
        assert not Asset.objects.exists()
    done = read(path)
    assert (done.state, done.created) == (ImportRun.State.DONE, 2)
    again = read(path)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)
    with as_system("what was kept"):
        row = Asset.objects.get(code="CAU-A")
        other = Asset.objects.get(name="Cầu Kênh Mới")
    assert row.attributes == {
        "length_m": 40.5,
        "spans_m": [12, 12, 12, 4],
        "structure": "arch",
        "load_limit_t": 8,
    }
    assert (row.condition, row.status, row.area_id) == ("POOR", "IN_USE", ground.west.pk)
    assert other.code.startswith("BRIDGE-ĐT.868-003050")


def test_faults_name_their_row_and_column(ground: Ground, tmp_path: Path) -> None:
    path = tmp_path / "cau.csv"
    path.write_text(SHEET.replace('"40,5"', "-3").replace("Km3+050", "Km99+000"), encoding="utf-8")
    done = read(path)
    assert done.state == ImportRun.State.REFUSED
    faults = {(fault["row"], fault["field"]): fault["message"] for fault in done.faults}
    assert "Phải từ 1 m" in faults[2, "Chiều dài"]
    assert "nằm ngoài tuyến" in faults[3, "Lý trình"]


@pytest.mark.parametrize("fmt", ["geojson", "gpkg", "csv"])
def test_what_was_exported_comes_back_unchanged(
    ground: Ground, client: Client, tmp_path: Path, fmt: str
) -> None:
    first = tmp_path / "cau.csv"
    first.write_text(SHEET, encoding="utf-8")
    read(first)
    client.force_login(user_with("assets.asset.*"))
    path = tmp_path / f"xuat.{fmt}"
    path.write_bytes(client.get(f"/ql/assets/bridges/xuat.{fmt}").content)
    again = read(path)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2), again.faults
