"""``./sen import KIND FILE``: the same engine as the import page."""

from __future__ import annotations

import argparse
from pathlib import Path

from sen.kernel.access.context import as_system
from sen.kernel.errors import SenError
from sen.kernel.imports.engine import Request
from sen.kernel.imports.engine import run as run_import
from sen.kernel.imports.importer import importers

NAME = "import"
HELP = "Nhập dữ liệu từ tệp: GeoPackage, Shapefile (zip), GeoJSON, CSV, XLSX, OSM PBF"
SHOWN = 50


def arguments(parser: argparse.ArgumentParser) -> None:
    kinds = ", ".join(sorted(importers.names()))
    parser.add_argument("kind", choices=sorted(importers.names()), metavar="KIND", help=kinds)
    parser.add_argument("file", type=Path)
    parser.add_argument("--crs", type=int, metavar="EPSG", help="hệ tọa độ của tệp, ví dụ 5897")
    parser.add_argument("--swap", action="store_true", help="đổi chỗ X và Y")
    parser.add_argument("--layer", default="", help="lớp hoặc trang tính")
    parser.add_argument(
        "--map", action="append", default=[], metavar="TRƯỜNG=CỘT", help="cột của một trường"
    )
    parser.add_argument("--x", default="", help="cột X (kinh độ) của bảng không có hình học")
    parser.add_argument("--y", default="", help="cột Y (vĩ độ)")
    parser.add_argument(
        "--option", action="append", default=[], metavar="TÊN=GIÁ TRỊ", help="tùy chọn của loại"
    )
    parser.add_argument(
        "--outside", action="store_true", help="chấp nhận dữ liệu nằm ngoài địa bàn của tỉnh"
    )
    parser.add_argument("--dry-run", action="store_true", help="chỉ kiểm tra, không ghi")


def run(options: argparse.Namespace) -> int:
    if not options.file.is_file():
        print(f"Không có tệp {options.file}")
        return 2
    request = Request(
        file=options.file,
        srid=options.crs,
        swapped=options.swap,
        mapping=_pairs(options.map),
        layer=options.layer,
        x=options.x,
        y=options.y,
        outside=options.outside,
        dry_run=options.dry_run,
        options=_pairs(options.option),
    )
    try:
        with as_system(f"./sen import {options.kind} {options.file.name}") as actor:
            done = run_import(
                importer=importers[options.kind], actor=actor, request=request, say=print
            )
    except SenError as error:
        print("Không nhập được:")
        for name, texts in error.fields.items() or [("", [str(error)])]:
            for text in texts:
                print(f"  {name}: {text}" if name else f"  {text}")
        return 1
    for note in done.notes:
        print(f"Lưu ý: {note}")
    for fault in done.faults[:SHOWN]:
        value = f" (giá trị: {fault['value']})" if fault["value"] else ""
        print(f"  Dòng {fault['row']}, {fault['field']}: {fault['message']}{value}")
    if done.fault_count > SHOWN:
        print(f"  … và {done.fault_count - SHOWN} lỗi khác")
    print(
        f"{done.get_state_display()}: {done.rows} dòng, thêm {done.created}, cập nhật "
        f"{done.updated}, không đổi {done.unchanged}, lỗi {done.fault_count} "
        f"({done.seconds:.1f} giây)"
    )
    return 1 if done.fault_count else 0


def _pairs(texts: list[str]) -> dict[str, str]:
    return {name: value for name, _sep, value in (text.partition("=") for text in texts)}
