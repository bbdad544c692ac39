"""Which documents the dossiers of bridges and roads hold: the older the work, the more is lost."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sen.demo.documents.paper import Sheet

INTERNAL, RESTRICTED = 1, 2


@dataclass(frozen=True, slots=True)
class Kind:
    """One document of a dossier: in which part, and how it differs from the opening in days."""

    part: str
    kind: str
    heading: str
    abstract: str
    number: str
    issuer: str
    signer: str
    days: int
    share: float
    pages: int = 1
    retention: str = "WORK"
    data_class: int = INTERNAL


BOARD: Final = "Ban Quản lý dự án"
DEPARTMENT: Final = "Sở Xây dựng"
PROVINCE: Final = "Ủy ban nhân dân tỉnh"
KINDS: Final = (
    Kind("INVESTMENT_DECISION", "DECISION", "Quyết định", "Phê duyệt dự án đầu tư xây dựng {name}",
         "{n}/QĐ-UBND", PROVINCE, "Trần Quốc Đạt", -1300, 0.95, 2),
    Kind("DESIGN_APPROVAL", "DECISION", "Quyết định",
         "Phê duyệt thiết kế bản vẽ thi công và dự toán {name}",
         "{n}/QĐ-SXD", DEPARTMENT, "Lê Hoàng Minh", -1000, 0.75, 2),
    Kind("DESIGN", "EXPLANATION", "Thuyết minh thiết kế", "Thuyết minh thiết kế kỹ thuật {name}",
         "{n}/TM", BOARD, "Nguyễn Thị Hạnh", -1050, 0.8, 4),
    Kind("AS_BUILT", "DRAWING", "Bản vẽ hoàn công", "Tập bản vẽ hoàn công {name}",
         "{n}/HC", BOARD, "Phạm Văn Lộc", -20, 0.6, 6),
    Kind("FINAL_ACCEPTANCE", "MINUTES", "Biên bản", "Nghiệm thu hoàn thành công trình {name}",
         "{n}/BB-NT", BOARD, "Phạm Văn Lộc", -10, 0.85, 3),
    Kind("HANDOVER", "MINUTES", "Biên bản", "Bàn giao {name} đưa vào khai thác",
         "{n}/BB-BG", BOARD, "Phạm Văn Lộc", 0, 0.7, 1),
    Kind("MAINTENANCE_PROCEDURE", "PROCEDURE", "Quy trình", "Quy trình bảo trì {name}",
         "{n}/QT", BOARD, "Nguyễn Thị Hạnh", 30, 0.5, 5, "MAINTENANCE"),
    Kind("INSPECTION", "REPORT", "Báo cáo", "Kết quả kiểm định {name}",
         "{n}/BC-KĐ", "Trung tâm Kiểm định", "Võ Thanh Sơn", 2900, 0.75, 4, "INSPECTION",
         RESTRICTED),
    Kind("REPAIR", "LETTER", "Công văn", "Đề nghị bố trí vốn duy tu {name}",
         "{n}/SXD-KCHT", DEPARTMENT, "Lê Hoàng Minh", 1500, 0.4, 1, "ROUTINE"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Planned:
    """One document to be entered, with its paper."""

    kind: Kind
    sheet: Sheet

    @property
    def name(self) -> str:
        return self.sheet.number.replace("/", "-") + ".pdf"


def planned(code: str, name: str, opened: date, today: date) -> Iterator[Planned]:
    """The documents of one work; the same code gives the same ones."""
    chance = random.Random(f"documents {code}")  # noqa: S311  a story, no secret
    age = max(0.0, min(1.0, (today.year - opened.year) / 40))
    for kind in KINDS:
        number, shift = chance.randint(12, 3400), chance.randint(-40, 40)
        if chance.random() > kind.share * (1.1 - 0.5 * age):
            continue
        issued = opened + timedelta(days=kind.days + shift)
        if issued > today:
            continue
        said = name[:1].lower() + name[1:]
        yield Planned(
            kind,
            Sheet(
                issuer=kind.issuer,
                number=kind.number.format(n=number),
                issued_on=issued,
                heading=kind.heading,
                abstract=kind.abstract.format(name=said),
                paragraphs=_paragraphs(said, kind, chance),
                signer=kind.signer,
                pages=kind.pages,
            ),
        )


def _paragraphs(name: str, kind: Kind, chance: random.Random) -> tuple[str, ...]:
    return (
        f"Căn cứ hồ sơ đề nghị và kết quả thẩm tra về {name};",
        f"Theo đề nghị của đơn vị quản lý công trình tại tờ trình số {chance.randint(10, 900)}.",
        f"Điều 1. {kind.abstract.format(name=name)} với các nội dung chủ yếu nêu tại phụ lục.",
        f"Kinh phí thực hiện: {chance.randint(12, 980)} triệu đồng từ nguồn vốn được giao.",
        "Điều 2. Đơn vị quản lý lưu giữ hồ sơ và cập nhật vào cơ sở dữ liệu của tỉnh.",
        "Văn bản này được lập để minh họa phần mềm, không có giá trị pháp lý.",
    )
