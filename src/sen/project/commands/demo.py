"""``./sen demo``: the demonstration province."""

from __future__ import annotations

import argparse
from pathlib import Path

from django.conf import settings

from sen.demo.load.province import AlreadyLoadedError, load, remove, status
from sen.project.roles import seed_roles

HELP = "Nạp, gỡ hoặc xem tỉnh minh họa"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("act", choices=["load", "remove", "status"])


def run(options: argparse.Namespace) -> int:
    file = Path(settings.SEN_VAR) / "demo-accounts.json"
    if options.act == "load":
        seed_roles()
        try:
            load(file, print)
        except AlreadyLoadedError as error:
            print(error)  # what was asked for holds
    elif options.act == "remove":
        print(f"Đã gỡ {remove(print)} bản ghi minh họa")
        file.unlink(missing_ok=True)
    else:
        for name, count in status().items():
            print(f"{count:8d}  {name}")
    return 0
