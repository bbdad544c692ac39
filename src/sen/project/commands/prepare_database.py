"""``./sen prepare-database``: what ``./sen up`` runs before it starts the processes."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from sen.kernel.dbsync import prepare_database
from sen.kernel.seeds import run_seeds
from sen.project.roles import seed_roles
from sen.project.translations import compile_all

HELP = "Tạo phần mở rộng, cập nhật bảng, chính sách truy cập và trình kích hoạt của cơ sở dữ liệu"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--quiet", action="store_true", help="chỉ in khi có lỗi")
    parser.add_argument("--stamp", default="", help="tệp để lại khi xong")


def run(options: argparse.Namespace) -> int:
    compile_all()
    fingerprint = prepare_database(verbosity=0 if options.quiet else 1)
    seed_roles()
    run_seeds()
    if options.stamp:
        leave(Path(options.stamp))
    if not options.quiet:
        print(f"Cơ sở dữ liệu sẵn sàng ({fingerprint[:12]})")
    return 0


def leave(stamp: Path) -> None:
    """Say that all is done; what an earlier state of the code has left says so no more."""
    shutil.rmtree(stamp.parent, ignore_errors=True)
    stamp.parent.mkdir(parents=True)
    stamp.touch()
