"""``./sen doctor``: what is wrong with this machine, before what is wrong with the house."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sen.project.launcher import environment
from sen.project.launcher.errors import LauncherError
from sen.project.launcher.house import House
from sen.project.launcher.mosquitto import program
from sen.project.launcher.ports import is_free
from sen.project.launcher.recogniser import version
from sen.project.launcher.setting_up import open_tools
from sen.project.launcher.state import State, read_state, stat_fields
from sen.project.launcher.terminal import green, red, say, yellow

LEAST_DISK_GIB = 3
LEAST_MEMORY_MIB = 2048
OLDEST_CLOCK = 1_760_000_000  # October 2025: a clock before that was never set


@dataclass(frozen=True)
class Finding:
    """One line of the report."""

    good: bool | None  # None: cannot be told here
    what: str
    mend: str = ""


def python_finding(_house: House) -> Iterator[Finding]:
    version = ".".join(str(part) for part in sys.version_info[:3])
    good = sys.version_info[:2] == (3, 11)
    yield Finding(good, f"Python {version}", "Cần Python 3.11: apt-get install python3")


def venv_finding(house: House) -> Iterator[Finding]:
    good = os.access(house.python, os.X_OK)
    yield Finding(good, f"Môi trường Python {house.venv}", "Hãy chạy ./sen up.")


def disk_finding(house: House) -> Iterator[Finding]:
    free = shutil.disk_usage(house.var).free / 2**30
    good = free >= LEAST_DISK_GIB
    mend = f"Cần ít nhất {LEAST_DISK_GIB} GiB trống."
    yield Finding(good, f"Đĩa còn trống {free:.1f} GiB tại {house.var}", mend)


def memory_finding(_house: House) -> Iterator[Finding]:
    text = Path("/proc/meminfo").read_text()
    fields = {line.split(":")[0]: int(line.split()[1]) for line in text.splitlines()}
    total = fields["MemTotal"] // 1024
    mend = f"Cần ít nhất {LEAST_MEMORY_MIB} MiB."
    yield Finding(total >= LEAST_MEMORY_MIB, f"Bộ nhớ {total} MiB", mend)


def clock_finding(house: House) -> Iterator[Finding]:
    now = time.time()
    probe = house.run / ".clock"
    probe.touch()
    skew = abs(probe.stat().st_mtime - now)
    probe.unlink()
    shown = time.strftime("%d/%m/%Y %H:%M:%S")
    good = now > OLDEST_CLOCK and skew < 5
    yield Finding(good, f"Đồng hồ máy {shown}", "Hãy chỉnh giờ: timedatectl set-ntp true.")


def port_findings(house: House) -> Iterator[Finding]:
    values = environment.present(house)
    running = read_state(house.state_file)
    if running is not None and running.alive():
        return
    for name, usual in (
        ("SEN_PORT", "8000"),
        ("SEN_LIVE_PORT", "8001"),
        ("SEN_INGEST_PORT", "8002"),
        ("SEN_MQTT_PORT", "1883"),
        ("SEN_MQTT5_PORT", "1884"),
    ):
        port = int(values.get(name) or usual)
        free = is_free(values.get("SEN_HOST") or "127.0.0.1", port)
        mend = "Không sao: ./sen up tự chọn cổng trống kế tiếp."
        yield Finding(True if free else None, f"Cổng {port} ({name})", mend)


def postgres_finding(house: House) -> Iterator[Finding]:
    if "DATABASE_URL" in environment.given(house, os.environ):
        yield Finding(True, "PostgreSQL theo DATABASE_URL")
        return
    try:
        programs = open_tools(house).postgres.programs()
    except LauncherError as error:
        yield Finding(False, error.what, error.mend)
        return
    yield Finding(bool(programs.version()), f"PostgreSQL {programs.version()} tại {programs.bin}")
    state = read_state(house.state_file)
    if state is not None and state.alive():
        yield running_postgres(state, programs.bin / "postgres")


def running_postgres(state: State, program: Path) -> Finding:
    """Whether the running server is the program on the disk (an upgrade replaces it)."""
    server = next((p for p in state.processes if p.name == "postgres"), None)
    if server is None or not stat_fields(server.pid):
        return Finding(False, "Máy chủ PostgreSQL không chạy", "Xem ./sen logs postgres.")
    try:
        target = str(Path(f"/proc/{server.pid}/exe").readlink())
    except OSError:
        return Finding(None, "Bản PostgreSQL đang chạy: không đọc được")
    same = target == str(program.resolve())
    mend = "Chương trình trên đĩa đã đổi: ./sen down rồi ./sen up."
    return Finding(same, "Máy chủ PostgreSQL đang chạy khớp chương trình trên đĩa", mend)


def nats_finding(house: House) -> Iterator[Finding]:
    program = house.venv / "bin" / "nats-server"
    try:
        result = subprocess.run(
            [str(program), "--version"], capture_output=True, text=True, check=False
        )
    except OSError:
        yield Finding(False, "Chưa có nats-server", "Hãy chạy ./sen up.")
        return
    yield Finding(result.returncode == 0, result.stdout.strip() or "nats-server")


def mosquitto_finding(house: House) -> Iterator[Finding]:
    found = program(house)[0]
    what = f"Mosquitto tại {found}" if found else "Chưa có mosquitto: thiết bị MQTT 5 chưa vào được"
    mend = "Cần MQTT 5 thì chạy ./sen bring-mosquitto hoặc sudo apt-get install mosquitto."
    yield Finding(True if found else None, what, mend)


def ocr_finding(house: House) -> Iterator[Finding]:
    found = version(house)
    mend = (
        "Tài liệu quét đang chờ. Hãy chạy ./sen bring-ocr (xem var/logs/setup-ocr.log), "
        "hoặc: sudo apt-get install -y tesseract-ocr tesseract-ocr-vie"
    )
    yield Finding(
        True if found else None, found or "Chưa có tesseract để nhận dạng văn bản quét", mend
    )


def process_findings(house: House) -> Iterator[Finding]:
    state = read_state(house.state_file)
    if state is None or not state.alive():
        yield Finding(None, "Sen chưa chạy", "Khởi động: ./sen up")
        return
    for process in state.processes:
        good = process.status in {"ready", "done"}
        detail = f" ({process.last_exit})" if process.last_exit else ""
        mend = f"Xem ./sen logs {process.name}"
        restarts = f"{process.restarts} lần khởi động lại" if process.kind == "service" else "xong"
        yield Finding(good, f"{process.title}: {restarts}{detail}", mend)


CHECKS: tuple[Callable[[House], Iterator[Finding]], ...] = (
    python_finding,
    venv_finding,
    disk_finding,
    memory_finding,
    clock_finding,
    port_findings,
    postgres_finding,
    nats_finding,
    mosquitto_finding,
    ocr_finding,
    process_findings,
)


def examine_machine(house: House) -> list[Finding]:
    """All findings about this machine."""
    return [finding for check in CHECKS for finding in check(house)]


def doctor(house: House) -> int:
    """Report on the machine, then on the house; exit code 0 when nothing is wrong."""
    findings = examine_machine(house)
    for finding in findings:
        mark = {True: green("✓"), False: red("✗"), None: yellow("?")}[finding.good]
        mend = f"  → {finding.mend}" if finding.mend and finding.good is not True else ""
        say(f"{mark} {finding.what}{mend}")
    machine = 0 if all(finding.good is not False for finding in findings) else 1
    if not os.access(house.python, os.X_OK):
        return machine
    say()
    command = [str(house.python), "-m", "sen.project.cli", "doctor"]
    inside = subprocess.run(command, cwd=house.root, env=environment.present(house), check=False)
    return machine or inside.returncode
