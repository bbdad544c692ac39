"""``./sen import KIND FILE``: the same engine as the import page."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from sen.kernel.access.context import as_system
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InvalidInputError, SenError
from sen.kernel.imports.drafts import request_from
from sen.kernel.imports.engine import Request
from sen.kernel.imports.engine import run as run_import
from sen.kernel.imports.importer import importers
from sen.kernel.imports.models import ImportRun
from sen.kernel.imports.plan import NEAR_M
from sen.kernel.imports.profiles import profiles_for
from sen.kernel.imports.topology import REPAIR_OF, SNAP_M
from sen.kernel.imports.undo import undo_run

NAME = "import"
HELP = (
    "Nhập dữ liệu từ tệp: GeoPackage, Shapefile, FileGDB, MapInfo (zip), KML, DXF, CSV, XLSX, OSM…"
)
SHOWN = 50


def arguments(parser: argparse.ArgumentParser) -> None:
    kinds = ", ".join(sorted(importers.names()))
    parser.add_argument("kind", choices=sorted(importers.names()), metavar="KIND", help=kinds)
    parser.add_argument("file", type=Path, nargs="?")
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
    parser.add_argument(
        "--text", action="append", default=[], metavar="CỘT=BẢNG MÃ", help="tcvn3, vni, unicode"
    )
    parser.add_argument(
        "--value",
        action="append",
        default=[],
        metavar="TRƯỜNG:CHỮ=GIÁ TRỊ",
        help="nghĩa của một giá trị trong tệp, ví dụ surface:BTCT=CONCRETE",
    )
    parser.add_argument("--match", choices=("name", "place"), default="", help="quy tắc khớp")
    parser.add_argument("--within", type=float, default=NEAR_M, metavar="M", help="cho --match")
    parser.add_argument(
        "--repair", action="append", default=[], choices=[k.value for k in REPAIR_OF]
    )
    parser.add_argument("--snap", type=float, default=SNAP_M, metavar="M", help="cho --repair")
    parser.add_argument("--profile", default="", help="cấu hình đã lưu")
    parser.add_argument("--undo", type=int, metavar="SỐ", help="hoàn tác một lần nhập")
    parser.add_argument("--reason", default="", help="lý do hoàn tác")
    parser.add_argument("--dry-run", action="store_true", help="chỉ kiểm tra, không ghi")


def run(options: argparse.Namespace) -> int:
    try:
        with as_system(f"./sen import {options.kind}") as actor:
            if options.undo:
                return _undo(actor, options)
            if options.file is None or not options.file.is_file():
                print(f"Không có tệp {options.file or ''}")
                return 2
            done = run_import(
                importer=importers[options.kind],
                actor=actor,
                request=_request(actor, options),
                say=_say,
            )
    except SenError as error:
        print("Không nhập được:")
        for name, texts in error.fields.items() or [("", [str(error)])]:
            for text in texts:
                print(f"  {name}: {text}" if name else f"  {text}")
        return 1
    _tell(done)
    return 1 if done.fault_count else 0


def _request(actor: Actor, options: argparse.Namespace) -> Request:
    """The import as asked for: a profile, with what the command line says over it."""
    importer = importers[options.kind]
    chosen: dict[str, Any] = {}
    if options.profile:
        found = profiles_for(actor, importer).filter(name=options.profile).first()
        if found is None:
            raise InvalidInputError({"profile": f"Không có cấu hình “{options.profile}”."})
        chosen = dict(found.settings)
    values: dict[str, dict[str, str]] = {k: dict(v) for k, v in chosen.get("values", {}).items()}
    for text, value in _pairs(options.value).items():
        name, _sep, written = text.partition(":")
        values.setdefault(name, {})[written] = value
    said: dict[str, Any] = {
        "srid": options.crs,
        "swapped": options.swap,
        "layer": options.layer,
        "x": options.x,
        "y": options.y,
        "outside": options.outside,
        "match": options.match,
    }
    chosen |= {name: value for name, value in said.items() if value}
    chosen |= {
        "mapping": {**chosen.get("mapping", {}), **_pairs(options.map)},
        "options": {**chosen.get("options", {}), **_pairs(options.option)},
        "encodings": {**chosen.get("encodings", {}), **_pairs(options.text)},
        "values": values,
        "within_m": options.within,
        "repairs": {"kinds": options.repair, "snap_m": options.snap},
    }
    return request_from(chosen, file=options.file, name="", dry_run=options.dry_run)


def _undo(actor: Actor, options: argparse.Namespace) -> int:
    found = ImportRun.objects.filter(kind=options.kind, pk=options.undo).first()
    if found is None:
        print(f"Không có lần nhập {options.undo} của {options.kind}")
        return 2
    done = undo_run(actor=actor, run=found, reason=options.reason)
    for kept in done.kept[:SHOWN]:
        print(f"  Giữ nguyên {kept.what} {kept.label or kept.row_id}: {kept.why}")
    print(f"Bỏ {done.removes}, trả lại {done.restores}, giữ nguyên {len(done.kept)}")
    return 0


def _say(text: str, done: int, total: int) -> None:
    print(f"{text} {done}/{total}" if total else text)


def _tell(done: ImportRun) -> None:
    for note in done.notes:
        print(f"Lưu ý: {note}")
    for fault in done.faults[:SHOWN]:
        value = f" (giá trị: {fault['value']})" if fault["value"] else ""
        print(f"  Dòng {fault['row']}, {fault['field']}: {fault['message']}{value}")
    if done.fault_count > SHOWN:
        print(f"  … và {done.fault_count - SHOWN} lỗi khác")
    print(
        f"{done.get_state_display()} (lần {done.pk}): {done.rows} dòng, thêm {done.created}, "
        f"cập nhật {done.updated}, không đổi {done.unchanged}, lỗi {done.fault_count} "
        f"({done.seconds:.1f} giây)"
    )


def _pairs(texts: list[str]) -> dict[str, str]:
    return {name: value for name, _sep, value in (text.partition("=") for text in texts)}
