"""The scanned papers of a dossier; text, words and picture come from one setting of type.

Nothing here is recognised: the words go into the database as they were printed, and only a few
papers are left to the real recogniser.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sen.lib.paper import Line, Page, Wear, compose, pdf_of, scan, stamp

DPI: Final = 200
QUALITY: Final = 32
MOTTO: Final = (
    Line("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", size_pt=12, bold=True, align="center"),
    Line("Độc lập - Tự do - Hạnh phúc", size_pt=12, bold=True, align="center"),
)
#: Part of the dossier, kind, heading, abstract, sign, days after the opening, sentence of its own.
KINDS: Final = (
    ("DIARY", "DIARY", "TRÍCH NHẬT KÝ THI CÔNG", "Trích nhật ký thi công {name}",
     "{n}/NK", -420, "Đổ bê tông xà mũ trụ {a}, nhiệt độ hỗn hợp {b} độ C, thời tiết nắng."),
    ("QUALITY", "TEST_RESULT", "PHIẾU KẾT QUẢ THÍ NGHIỆM", "Kết quả nén mẫu bê tông {name}",
     "{n}/TN", -380, "Cường độ chịu nén trung bình của tổ mẫu đạt {b} MPa ở tuổi 28 ngày."),
    ("QUALITY", "MINUTES", "BIÊN BẢN NGHIỆM THU CÔNG VIỆC", "Nghiệm thu cọc khoan nhồi {name}",
     "{n}/BB-CV", -500, "Chiều dài cọc khoan nhồi số {a} đạt thiết kế, siêu âm không khuyết tật."),
    ("QUALITY", "MINUTES", "BIÊN BẢN NGHIỆM THU GIAI ĐOẠN", "Nghiệm thu khe co giãn {name}",
     "{n}/BB-GĐ", -60, "Khe co giãn dạng răng lược lắp đúng cao độ, khe hở {b} mm."),
    ("CONTRACTS", "CONTRACT", "PHỤ LỤC HỢP ĐỒNG", "Phụ lục hợp đồng thi công {name}",
     "{n}/PLHĐ", -700, "Hai bên thống nhất điều chỉnh khối lượng gối cầu, lan can: {a} hạng mục."),
    ("FINAL_ACCEPTANCE", "MINUTES", "BIÊN BẢN KIỂM TRA HIỆN TRƯỜNG",
     "Kiểm tra hiện trường trước khi nghiệm thu {name}", "{n}/BB-HT", -30,
     "Mặt đường êm thuận, vạch sơn rõ, hệ thống thoát nước không đọng nước tại {a} vị trí."),
    ("HANDOVER", "LETTER", "THÔNG BÁO", "Thông báo đưa {name} vào khai thác", "{n}/TB-SXD", 10,
     "Phương tiện lưu thông theo biển báo hạn chế tải trọng {b} tấn kể từ ngày ban hành."),
    ("INSPECTION", "REPORT", "BÁO CÁO KIỂM TRA ĐỊNH KỲ", "Kiểm tra định kỳ {name}",
     "{n}/BC-KT", 1900, "Phát hiện vết nứt rộng 0,{a} mm tại đáy dầm, đề nghị theo dõi sáu tháng."),
    ("REPAIR", "SUBMISSION", "TỜ TRÌNH", "Đề nghị sửa chữa lan can {name}", "{n}/TTr", 2400,
     "Lan can bị va quệt dài {b} mét, kinh phí sửa chữa dự kiến {a}5 triệu đồng."),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Paper:
    """One scanned paper; ``is_poor``: it must be scanned again."""

    part: str
    kind: str
    abstract: str
    number: str
    issued_on: date
    lines: tuple[Line, ...]
    has_seal: bool
    wear: Wear
    is_poor: bool = False


def papers(code: str, name: str, opened: date, today: date) -> Iterator[Paper]:
    """The papers of one work; the same code gives the same ones."""
    chance = random.Random(f"scans {code}")  # noqa: S311  a story, no secret
    said = name[:1].lower() + name[1:]
    for part, kind, heading, abstract, sign, days, sentence in KINDS:
        number, a, b = chance.randint(11, 2900), chance.randint(2, 9), chance.randint(20, 48)
        issued = min(opened + timedelta(days=days + chance.randint(-20, 20)), today)
        about = abstract.format(name=said)
        is_poor = chance.random() < 0.05
        lines = (
            *MOTTO,
            Line(f"Số: {sign.format(n=number)}", gap_pt=10),
            Line(heading, size_pt=14, bold=True, align="center", gap_pt=14),
            Line(about, align="center"),
            Line(f"Ngày {issued:%d/%m/%Y}, tại công trình {said}, tỉnh Đồng Tháp.", gap_pt=12),
            Line(sentence.format(a=a, b=b), gap_pt=6),
            Line("Các bên tham gia đã kiểm tra hồ sơ, đối chiếu bản vẽ thi công được duyệt và "
                 "thống nhất các nội dung ghi trong văn bản này.", gap_pt=6),
            Line("Văn bản được lập để minh họa phần mềm, không có giá trị pháp lý.", gap_pt=6),
            Line("ĐẠI DIỆN ĐƠN VỊ", bold=True, align="right", gap_pt=20),
        )  # fmt: skip
        yield Paper(
            part=part,
            kind=kind,
            abstract=about,
            number=sign.format(n=number),
            issued_on=issued,
            lines=lines,
            has_seal=chance.random() < 0.35,
            wear=Wear(
                noise=chance.choice((2, 3, 4)),
                skew_deg=chance.choice((0, 0, 0.6, -0.4)),
                fade=0.84 if is_poor else chance.choice((0, 0.1)),
                seed=chance.randrange(500),
            ),
            is_poor=is_poor,
        )


def scanned(paper: Paper) -> tuple[bytes, Page]:
    """The paper as a PDF of one picture, and the page with its words."""
    page = compose(paper.lines, dpi=DPI)[0]
    if paper.has_seal:
        page = stamp(page, "ĐƠN VỊ MINH HỌA TỈNH ĐỒNG THÁP", at=(0.72, 0.5))
    page = scan(page, paper.wear)
    return pdf_of([page], quality=QUALITY), page


def drawn(
    paper: Paper,
) -> tuple[bytes, str, list[tuple[str, float, float, float, float]], int, int]:
    """As :func:`scanned`, in plain values that go from one process to another."""
    content, page = scanned(paper)
    words = [(w.text, w.x, w.y, w.width, w.height) for w in page.words]
    return content, page.text, words, page.picture.width, page.picture.height
