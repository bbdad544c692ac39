"""``./sen new-domain NAME``: a domain that passes all checks, ready to be filled."""

from __future__ import annotations

import argparse
from pathlib import Path
from string import Template

from django.conf import settings

from sen.kernel.manifest import CODE, TIERS

HELP = "Tạo khung một miền nghiệp vụ mới"
TEMPLATE = Path(__file__).resolve().parents[1] / "templates" / "domain"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", help="mã, chữ thường không dấu, ví dụ weighing")
    parser.add_argument("--vi", default="", help="tên tiếng Việt")
    parser.add_argument("--en", default="", help="tên tiếng Anh")
    parser.add_argument("--tier", type=int, default=2, choices=sorted(TIERS))


def run(options: argparse.Namespace) -> int:
    name: str = options.name
    folder = Path(settings.ROOT) / "src" / "sen" / "domains" / name
    if not CODE.fullmatch(name):
        print(f"“{name}”: mã gồm 3 đến 31 chữ thường không dấu và chữ số, bắt đầu bằng chữ")
        return 2
    if folder.exists():
        print(f"Đã có {folder.relative_to(settings.ROOT)}")
        return 2
    values = {
        "code": name,
        "tier": str(options.tier),
        "vi": options.vi or name.capitalize(),
        "en": options.en or name.capitalize(),
        "class_name": name.capitalize(),
    }
    for source in sorted(TEMPLATE.rglob("*")):
        if source.is_dir():
            continue
        target = folder / source.relative_to(TEMPLATE).with_suffix("")
        target.parent.mkdir(parents=True, exist_ok=True)
        text = Template(source.read_text(encoding="utf-8")).substitute(values)
        target.write_text(text, encoding="utf-8")
    print(f"Đã tạo {folder.relative_to(settings.ROOT)}. Bước tiếp theo:")
    print(f"  ./sen manage makemigrations {name} && ./sen prepare-database")
    print("  ./sen check-contracts --write && ./sen check-translations --update")
    return 0
