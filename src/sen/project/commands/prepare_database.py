"""``./sen prepare-database``: what ``./sen up`` runs before it starts the processes."""

from __future__ import annotations

import argparse

from sen.kernel.dbsync import prepare_database
from sen.kernel.seeds import run_seeds
from sen.project.roles import seed_roles
from sen.project.translations import compile_all

HELP = "Tạo phần mở rộng, cập nhật bảng, chính sách truy cập và trình kích hoạt của cơ sở dữ liệu"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--quiet", action="store_true", help="chỉ in khi có lỗi")


def run(options: argparse.Namespace) -> int:
    compile_all()
    fingerprint = prepare_database(verbosity=0 if options.quiet else 1)
    seed_roles()
    run_seeds()
    if not options.quiet:
        print(f"Cơ sở dữ liệu sẵn sàng ({fingerprint[:12]})")
    return 0
