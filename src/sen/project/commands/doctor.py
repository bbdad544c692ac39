"""``./sen doctor``: the checks of the house, one line each, with what to do."""

from __future__ import annotations

import argparse

from sen.kernel.access.context import as_system
from sen.project.doctor.checks import CHECKS

HELP = "Kiểm tra cả ngôi nhà: miền, quyền, bảng, chính sách, bản dịch, sự kiện"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--strict", action="store_true", help="coi cảnh báo là lỗi")


def run(options: argparse.Namespace) -> int:
    errors = 0
    with as_system("./sen doctor"):
        for name, check in CHECKS.items():
            findings = list(check())
            print(
                f"{'✗' if any(f.is_error for f in findings) else '!' if findings else '✓'} {name}"
            )
            for finding in findings:
                print(f"    {finding.where}: {finding.text}")
            errors += sum(1 for f in findings if f.is_error or options.strict)
    return 1 if errors else 0
