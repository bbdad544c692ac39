"""The words of ``./sen``."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from sen.project.launcher import control, environment
from sen.project.launcher.checks import run_checks
from sen.project.launcher.deploy import deploy
from sen.project.launcher.doctor import doctor
from sen.project.launcher.errors import LauncherError
from sen.project.launcher.house import CHECKOUT, House, open_house
from sen.project.launcher.mosquitto import bring_mosquitto
from sen.project.launcher.recogniser import bring_recogniser
from sen.project.launcher.terminal import say, show_error
from sen.project.launcher.testing import run_tests
from sen.project.launcher.up import Options, build, supervise, up

HELP = """\
./sen up         cài phần còn thiếu và khởi động toàn bộ nền tảng
./sen down       dừng
./sen status     các tiến trình, bộ nhớ, tình trạng
./sen logs       nhật ký (./sen logs web -f để xem liên tục)
./sen doctor     kiểm tra máy và kiểm tra mã nguồn
./sen reset      xoá dữ liệu để bắt đầu lại
./sen deploy     viết cấu hình systemd, nginx, PostgreSQL, NATS cho máy chủ thật
./sen test       cài phần kiểm thử cần và chạy mọi kiểm thử
./sen manage …   lệnh của Django
./sen TỪ …       các lệnh khác của nền tảng: import, audit, demo, simulate, new-domain …

Set up and run: ./sen up · run all tests: ./sen test"""


def parser() -> tuple[argparse.ArgumentParser, frozenset[str]]:
    """The parser of the launcher's own words, and these words."""
    top = argparse.ArgumentParser(
        prog="./sen",
        usage="./sen LỆNH [tuỳ chọn]",
        description=HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    words = top.add_subparsers(dest="word", metavar="LỆNH")
    up_word = words.add_parser("up", help="cài đặt và khởi động")
    up_word.add_argument("--system", action="store_true", help="dùng PostgreSQL 15 cài trên máy")
    up_word.add_argument("--port", type=int, help="cổng của trang web (mặc định 8000)")
    place = up_word.add_mutually_exclusive_group()
    place.add_argument("--foreground", action="store_true", help="ở lại đến khi nhấn Ctrl-C")
    place.add_argument("--detach", action="store_true", help="chạy nền (mặc định)")
    words.add_parser("down", help="dừng")
    words.add_parser("restart", help="dừng rồi khởi động")
    words.add_parser("status", help="tình trạng")
    logs = words.add_parser("logs", help="nhật ký")
    logs.add_argument("name", nargs="?", help="tên tiến trình")
    logs.add_argument("-f", "--follow", action="store_true", help="xem liên tục")
    logs.add_argument("-n", "--lines", type=int, default=50, help="số dòng cuối")
    words.add_parser("doctor", help="kiểm tra")
    words.add_parser("build", help="cài gói và dựng giao diện, không khởi động gì")
    reset = words.add_parser("reset", help="xoá dữ liệu")
    reset.add_argument("--yes", action="store_true", help="không hỏi lại")
    deploy_word = words.add_parser("deploy", help="cấu hình máy chủ thật")
    deploy_word.add_argument("--domain", default="sen.example.vn", help="tên miền")
    deploy_word.add_argument("--out", type=Path, default=None, help="thư mục ghi ra")
    ci = words.add_parser("ci", help="mọi kiểm tra của máy tích hợp")
    ci.add_argument("steps", nargs="*", metavar="BƯỚC", help="chỉ những bước này")
    words.add_parser("bring-mosquitto", help="tải mosquitto cho thiết bị MQTT 5")
    words.add_parser("bring-ocr", help="tải tesseract cho nhận dạng văn bản quét")
    words.add_parser("supervise")
    return top, frozenset(words.choices)


def run_word(house: House, arguments: argparse.Namespace) -> int:
    """Run one of the launcher's own words."""
    options = Options(
        system=getattr(arguments, "system", False),
        port=getattr(arguments, "port", None),
        foreground=getattr(arguments, "foreground", False),
    )
    actions: dict[str, Callable[[], int]] = {
        "up": lambda: up(house, options),
        "down": lambda: control.down(house),
        "restart": lambda: control.down(house) or up(house, options),
        "status": lambda: control.status(house),
        "logs": lambda: control.logs(
            house, arguments.name, follow=arguments.follow, lines=arguments.lines
        ),
        "doctor": lambda: doctor(house),
        "build": lambda: build(house),
        "reset": lambda: control.reset(house, sure=arguments.yes),
        "deploy": lambda: deploy(house, arguments.domain, arguments.out),
        "ci": lambda: run_checks(house, arguments.steps),
        "bring-mosquitto": lambda: bring_front(house),
        "bring-ocr": lambda: bring_ocr(house),
        "supervise": lambda: supervise(house),
    }
    return actions[arguments.word]()


def bring_front(house: House) -> int:
    """Bring Mosquitto and say where it is."""
    say(bring_mosquitto(house))
    return 0


def bring_ocr(house: House) -> int:
    """Bring the recogniser of scanned text and say which one."""
    say(bring_recogniser(house))
    return 0


def pass_on(house: House, words: Sequence[str]) -> int:
    """Hand a word over to the platform's own command line.

    Raises:
        LauncherError: The platform has not been set up.
    """
    if not os.access(house.python, os.X_OK):
        raise LauncherError("Nền tảng chưa được cài đặt", "Hãy chạy ./sen up trước.")
    module = "sen.project.cli"
    if words[0] == "manage":
        module, words = "sen.project.manage", words[1:]
    command = [str(house.python), "-m", module, *words]
    return subprocess.run(
        command, cwd=Path.cwd(), env=environment.present(house), check=False
    ).returncode


def main(words: Sequence[str]) -> int:
    """Run ``./sen WORDS``."""
    if not words or words[0] in {"-h", "--help", "help"}:
        say(HELP)
        return 0
    # An order to end runs the clean-up too; the supervisor handles it by itself.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    top, own = parser()
    try:
        house = open_house(CHECKOUT)
        if words[0] == "test":
            return run_tests(house, words[1:])
        if words[0] not in own:
            return pass_on(house, words)
        return run_word(house, top.parse_args(words))
    except LauncherError as error:
        show_error(error)
        return 1
    except KeyboardInterrupt:
        say()
        return 130


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
