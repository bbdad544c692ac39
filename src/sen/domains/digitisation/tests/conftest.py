from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import segno
from PIL import Image

from sen.domains.digitisation.adapters.programs import recogniser
from sen.domains.digitisation.rules.separators import Separator, write_code
from sen.domains.documents import api as documents
from sen.kernel.access.context import as_system
from sen.kernel.access.scope import Actor
from sen.kernel.testing.house import House, build_house
from sen.lib.paper import Line, Page, Wear, compose, scan, stamp

MINUTES = (
    Line("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", bold=True, align="center"),
    Line("BIÊN BẢN NGHIỆM THU HOÀN THÀNH", bold=True, align="center", gap_pt=14),
    Line(
        "Hội đồng nghiệm thu đã kiểm tra hiện trường cầu Mỹ Thuận tại lý trình Km12+500 của "
        "Quốc lộ 30 và thống nhất nghiệm thu hạng mục lan can, khe co giãn và hệ thống thoát nước.",
        gap_pt=12,
    ),
)


@pytest.fixture(autouse=True)
def _own_store(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def house(db: None) -> House:
    with as_system("house of the test"):
        return build_house()


@pytest.fixture
def system(db: None) -> Iterator[Actor]:
    with as_system("test of digitisation") as actor:
        yield actor


@pytest.fixture
def tools() -> dict[str, object]:
    """The recogniser; tests that read need it on the machine as the platform does."""
    found = recogniser()
    if found is None:
        pytest.skip("tesseract with Vietnamese is not on this machine")
    return found


def scanned(*, seal: bool = False, dpi: int = 200, **wear: Any) -> Page:
    page = compose(MINUTES, dpi=dpi)[0]
    if seal:
        page = stamp(page, "SỞ XÂY DỰNG TỈNH ĐỒNG THÁP", at=(0.5, 0.19))
    return scan(page, Wear(**wear))


def blank(dpi: int = 150) -> Page:
    return scan(compose((), dpi=dpi)[0], Wear(noise=5))


def separator_page(separator: Separator, dpi: int = 150) -> Page:
    """A separator sheet as it comes out of a scanner."""
    page = compose((Line("TỜ PHÂN CÁCH", size_pt=24, align="center"),), dpi=dpi)[0]
    buffer = BytesIO()
    segno.make(write_code(separator), error="h").save(buffer, kind="png", scale=dpi // 18)
    code = Image.open(BytesIO(buffer.getvalue())).convert("L")
    page.picture.paste(code, (page.picture.width // 2 - code.width // 2, page.picture.height // 4))
    return scan(page, Wear(noise=6, skew_deg=1.5))


def new_document(house: House, actor: Actor, **values: Any) -> Any:
    given: dict[str, Any] = {
        "kind": "MINUTES",
        "abstract": "Biên bản nghiệm thu cầu",
        "owner_org": house.roads,
        "area": house.east,
    }
    return documents.create_document(actor=actor, **(given | values))
