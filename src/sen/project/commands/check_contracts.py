"""``./sen check-contracts``: what others rely on has not changed unnoticed.

The OpenAPI documents and the schemas of events and results are committed; ``--write`` renews them.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import orjson
from django.conf import settings

from sen.domains.telemetry.results import json_schema, result_schemas
from sen.kernel.events import schemas
from sen.kernel.rest.api import Audience, document

HELP = "So sánh OpenAPI và lược đồ sự kiện với bản đã lưu; --write ghi lại"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--write", action="store_true", help="ghi các tài liệu mới")


def run(options: argparse.Namespace) -> int:
    folder = Path(settings.ROOT) / "docs" / "api"
    problems: list[str] = []
    for audience in Audience:
        path = folder / f"{audience.value}.openapi.json"
        text = orjson.dumps(document(audience), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
        if options.write:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text + b"\n")
        elif not path.exists() or path.read_bytes().strip() != text:
            problems.append(f"{path.name}: khác bản đã lưu; chạy ./sen check-contracts --write")
    problems += _results(Path(settings.ROOT) / "docs" / "api" / "results", write=options.write)
    if options.write:
        schemas.write()
    problems += schemas.check()
    for problem in problems:
        print(problem)
    print(f"Giao kèo: {len(problems)} khác biệt" if problems else "Giao kèo: không đổi")
    return 1 if problems else 0


def _results(folder: Path, *, write: bool) -> list[str]:
    """Schemas of results that devices send, one file each."""
    problems: list[str] = []
    folder.mkdir(parents=True, exist_ok=True)
    for code, schema in result_schemas().items():
        path = folder / f"{code}.schema.json"
        text = orjson.dumps(json_schema(schema), option=orjson.OPT_INDENT_2) + b"\n"
        if write:
            path.write_bytes(text)
        elif not path.exists() or path.read_bytes() != text:
            problems.append(f"{path.name}: khác bản đã lưu; chạy ./sen check-contracts --write")
    return problems
