"""``./sen audit verify`` and ``./sen audit seal``: the chain of seals over the log."""

from __future__ import annotations

import argparse
from pathlib import Path

from sen.kernel.audit.seal import seal_all
from sen.kernel.audit.shipping import shipped_lines
from sen.kernel.audit.verify import verify_log
from sen.kernel.logbook.words import finding_text

HELP = "Niêm phong nhật ký và kiểm tra nhật ký có bị sửa sau khi niêm phong không"


def arguments(parser: argparse.ArgumentParser) -> None:
    words = parser.add_subparsers(dest="word", required=True, metavar="VIỆC")
    verify = words.add_parser("verify", help="kiểm tra toàn bộ chuỗi niêm phong")
    verify.add_argument(
        "--against", type=Path, metavar="TỆP", help="so với bản niêm phong lưu ngoài máy chủ"
    )
    verify.add_argument(
        "--from-seal", type=int, default=0, metavar="SỐ", help="bắt đầu từ bản niêm phong này"
    )
    words.add_parser("seal", help="niêm phong ngay mọi giao dịch đã xong")


def run(options: argparse.Namespace) -> int:
    if options.word == "seal":
        print(f"Đã tạo {seal_all()} bản niêm phong.")
        return 0
    return _verify(options.against, options.from_seal)


def _verify(against: Path | None, from_seal: int) -> int:
    if against is not None and not against.is_file():
        print(f"Không đọc được tệp {against}: hãy kiểm tra đường dẫn của bản lưu niêm phong.")
        return 2
    verdict = verify_log(shipped=shipped_lines(against) if against else None, from_seal=from_seal)
    if verdict.is_whole:
        print(f"Nhật ký nguyên vẹn: {verdict.seals} bản niêm phong, {verdict.rows} dòng.")
        return 0
    print(
        f"NHẬT KÝ ĐÃ BỊ CAN THIỆP tại bản niêm phong số {verdict.findings[0].seal} "
        f"(trước đó {verdict.seals} bản, {verdict.rows} dòng còn nguyên vẹn):"
    )
    for finding in verdict.findings:
        print(f"  - {finding_text(finding.damage, finding.table, finding.row)}")
    return 1
