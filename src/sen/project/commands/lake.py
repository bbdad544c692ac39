"""``./sen lake``: the cold store of observations."""

from __future__ import annotations

import argparse
import csv
import os
import sys
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from sen.domains.telemetry.lake import door, keeping
from sen.domains.telemetry.lake.analyses import ANALYSES
from sen.domains.telemetry.models import LakeFile
from sen.kernel.access.scope import system
from sen.kernel.errors import InvalidInputError
from sen.lib.units import format_number

HELP = "Kho lạnh của số liệu quan trắc: nén, kiểm tra, xuất, khôi phục, xóa theo luật"


def arguments(parser: argparse.ArgumentParser) -> None:
    words = parser.add_subparsers(dest="word", required=True, metavar="VIỆC")
    words.add_parser("status", help="các ngày đang có trong kho lạnh")
    compact = words.add_parser("compact", help="đưa các ngày đã xong vào kho lạnh")
    compact.add_argument("--day", type=_day, help="chỉ một ngày (YYYY-MM-DD)")
    compact.add_argument(
        "--release", action="store_true", help="xóa bản nóng đã hết thời gian giữ, sau khi kiểm tra"
    )
    words.add_parser("verify", help="đọc lại mọi tệp và so mã băm")
    export = words.add_parser("export", help="xuất kết quả một phép phân tích ra CSV")
    export.add_argument("analysis", choices=sorted(ANALYSES))
    _span(export)
    export.add_argument(
        "--set", action="append", default=[], metavar="TÊN=SỐ", help="tham số của phép phân tích"
    )
    delete = words.add_parser("delete", help="xóa số liệu theo yêu cầu của pháp luật")
    _span(delete)
    delete.add_argument("--reason", required=True, help="căn cứ: văn bản, ngày, nội dung")
    delete.add_argument("--yes", action="store_true", help="xác nhận xóa vĩnh viễn")
    restore = words.add_parser("restore", help="đưa một ngày từ kho lạnh trở lại kho nóng")
    restore.add_argument("day", type=_day)


def _span(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--stream", action="append", required=True, metavar="MÃ", help="mã kênh đo")
    parser.add_argument("--from", dest="begin", type=_day, required=True, metavar="NGÀY")
    parser.add_argument("--to", dest="end", type=_day, required=True, metavar="NGÀY")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} không phải là ngày; hãy ghi dạng 2026-11-23"
        ) from None


def run(options: argparse.Namespace) -> int:
    try:
        return int(globals()[f"_{options.word}"](options))
    except InvalidInputError as error:
        print(error, *(text for texts in error.fields.values() for text in texts), file=sys.stderr)
        return 2


def _status(_options: argparse.Namespace) -> int:
    rows = list(LakeFile.objects.order_by("day"))
    for row in rows:
        kept = "còn bản nóng" if not row.removed else "chỉ còn ở kho lạnh"
        print(
            f"{row.day:%d/%m/%Y}  {format_number(row.rows):>15} giá trị  {row.size:>12} B  {kept}"
        )
    total = sum(row.rows for row in rows)
    size = sum(row.size for row in rows)
    each = f", {format_number(size / total, 1)} byte một giá trị" if total else ""
    print(f"{len(rows)} ngày, {format_number(total)} giá trị{each}.")
    return 0


def _compact(options: argparse.Namespace) -> int:
    today = timezone.localdate()
    for day in [options.day] if options.day else keeping.due_days(today):
        entry = keeping.compact_day(day)
        print(f"{day:%d/%m/%Y}: " + (f"{format_number(entry.rows)} giá trị" if entry else "trống"))
    if options.release:
        for day in keeping.hot_days():
            if gone := keeping.release_day(day, today):
                print(f"{day:%d/%m/%Y}: {format_number(gone)} giá trị rời kho nóng")
    return 0


def _verify(_options: argparse.Namespace) -> int:
    faults = 0
    count = 0
    for found in keeping.verify():
        count += 1
        if isinstance(found, keeping.Finding):
            faults += 1
            print(f"{found.day:%d/%m/%Y}  {found.path}: {found.what}")
    print(f"{count} tệp, {faults} tệp hỏng." if faults else f"{count} tệp nguyên vẹn.")
    return 1 if faults else 0


def _export(options: argparse.Namespace) -> int:
    parameters: dict[str, Any] = {}
    for item in options.set:
        name, _equals, value = item.partition("=")
        parameters[name] = float(value)
    rows = door.analyse(
        actor=system("./sen lake export"),
        code=options.analysis,
        streams=options.stream,
        begin=_moment(options.begin),
        end=_moment(options.end + timedelta(days=1)),
        parameters=parameters,
    )
    if rows:
        writer = csv.DictWriter(sys.stdout, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return 0


def _moment(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=door.HOUSE)


def _delete(options: argparse.Namespace) -> int:
    if not options.yes:
        print("Số liệu sẽ mất vĩnh viễn ở cả hai kho. Thêm --yes để xác nhận.", file=sys.stderr)
        return 2
    gone = keeping.erase_by_code(
        codes=options.stream,
        begin=options.begin,
        end=options.end,
        reason=options.reason,
        by=os.environ.get("SUDO_USER") or os.environ.get("USER") or "",
        say=lambda text: print(text, flush=True),
    )
    print(f"Đã xóa {format_number(gone)} giá trị.")
    return 0


def _restore(options: argparse.Namespace) -> int:
    print(f"{format_number(keeping.restore_day(options.day))} giá trị đã trở lại kho nóng.")
    return 0
