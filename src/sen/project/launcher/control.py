"""``./sen down``, ``status``, ``logs`` and ``reset``."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from pathlib import Path

from sen.project.launcher.errors import LauncherError, tail
from sen.project.launcher.house import House
from sen.project.launcher.state import (
    State,
    end_orphans,
    memory_kib,
    orphan_sessions,
    own_memory_kib,
    read_state,
)
from sen.project.launcher.terminal import bold, dim, duration, green, red, say, table, yellow

STOP_TIMEOUT_S = 60.0
STATUS = {
    "waiting": "chờ",
    "starting": "đang khởi động",
    "ready": "tốt",
    "unhealthy": "chưa sẵn sàng",
    "done": "xong",
    "failed": "lỗi",
    "stopped": "đã dừng",
}
PHASE = {
    "starting": "đang khởi động",
    "ready": "đang chạy",
    "stopping": "đang dừng",
    "stopped": "đã dừng",
    "failed": "khởi động không thành công",
}
# What a reset removes; tools that were downloaded stay, they hold no data.
DATA = (
    *("pg", "nats", "files", "secrets", "env", "tiles"),
    *("prepared", "demo-accounts.json", "demo-loaded"),
)


def down(house: House) -> int:
    """Stop the platform of this checkout.

    Raises:
        LauncherError: The supervisor did not end in time.
    """
    state = read_state(house.state_file)
    if state is None:
        say("Sen không chạy.")
        return 0
    if not state.alive():
        count = end_orphans(state)
        say(f"Đã dừng {count} tiến trình còn sót." if count else "Sen không chạy.")
        return 0
    os.kill(state.pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_TIMEOUT_S
    while state.alive():
        if time.monotonic() > deadline:
            raise LauncherError(
                f"Tiến trình giám sát {state.pid} chưa dừng sau {STOP_TIMEOUT_S:.0f} giây",
                f"Xem {house.logs / 'supervisor.log'}. "
                f"Nếu cần: kill -9 {state.pid} rồi ./sen down.",
            )
        time.sleep(0.05)
    say("Đã dừng Sen.")
    return 0


def status(house: House) -> int:
    """Print the processes; exit code 0 only when all is well."""
    state = read_state(house.state_file)
    if state is None:
        say("Sen chưa từng chạy ở đây. Khởi động: ./sen up")
        return 3
    if not state.alive():
        phase = state.phase if state.phase in {"stopped", "failed"} else "stopped"
        say(f"Sen không chạy ({PHASE[phase]}). Khởi động: ./sen up")
        if state.message:
            say(red(state.message))
        if left := sum(1 for _ in orphan_sessions(state)):
            say(yellow(f"Còn sót {left} tiến trình của lần chạy trước; ./sen down dọn chúng."))
        return 3
    age = duration(time.time() - state.started_at)
    say(f"Sen {PHASE[state.phase]} tại {bold(state.address)}, từ {age} trước")
    say(
        table(
            ["Tiến trình", "PID", "Đã chạy", "Khởi động lại", "Bộ nhớ", "Tình trạng"],
            [
                *process_rows(state),
                ["giám sát", str(state.pid), age, "", mib(own_memory_kib(state.pid)), ""],
            ],
        )
    )
    services = [process for process in state.processes if process.kind == "service"]
    say(dim(f"Tổng bộ nhớ: {mib(memory_kib(state.pid))}"))
    return 0 if state.phase == "ready" and all(p.status == "ready" for p in services) else 1


def mib(kib: int) -> str:
    return f"{kib / 1024:.0f} MiB" if kib else ""


def process_rows(state: State) -> list[list[str]]:
    """One row for each process."""
    rows = []
    for process in state.processes:
        running = process.status in {"starting", "ready", "unhealthy"}
        colour = {"ready": green, "done": green, "failed": red}.get(process.status, yellow)
        label = STATUS[process.status]
        if process.last_exit and process.status != "ready":
            label = f"{label} ({process.last_exit})"
        rows.append(
            [
                process.name,
                str(process.pid) if running else "",
                duration(time.time() - process.started_at) if running else "",
                str(process.restarts) if process.kind == "service" else "",
                mib(memory_kib(process.pid)) if running else "",
                colour(label),
            ]
        )
    return rows


def log_files(house: House, name: str | None) -> list[Path]:
    """The log of one process, or all logs.

    Raises:
        LauncherError: There is no such log.
    """
    files = sorted(house.logs.glob("*.log"), key=lambda path: path.stat().st_mtime)
    if name is None:
        return files
    wanted = house.logs / f"{name}.log"
    if wanted not in files:
        names = ", ".join(sorted(path.stem for path in files)) or "chưa có"
        raise LauncherError(f"Không có nhật ký “{name}”", f"Các nhật ký hiện có: {names}.")
    return [wanted]


def logs(house: House, name: str | None, *, follow: bool, lines: int = 50) -> int:
    """Print the end of the logs, and with ``follow`` what is added to them."""
    files = log_files(house, name)
    for path in files:
        if len(files) > 1:
            say(bold(f"── {path.stem}"))
        say(tail(path, lines if name else 10))
    if follow:
        follow_files(house, name)
    return 0


def follow_files(house: House, name: str | None) -> None:
    """Print what is added to the logs until Ctrl-C."""
    places = {path: path.stat().st_size for path in log_files(house, name)}
    while True:
        for path in log_files(house, name):
            size = path.stat().st_size
            start = places.get(path, 0)
            start = 0 if size < start else start
            if size > start:
                with path.open("rb") as file:
                    file.seek(start)
                    text = file.read(size - start).decode("utf-8", errors="replace")
                label = "" if name else dim(f"{path.stem:>12} │ ")
                for line in text.splitlines():
                    say(f"{label}{line}")
            places[path] = size
        time.sleep(0.3)


def reset(house: House, *, sure: bool) -> int:
    """Stop and remove all data of this checkout.

    Raises:
        LauncherError: Nobody confirmed.
    """
    if not sure:
        if not sys.stdin.isatty():
            raise LauncherError(
                "Lệnh reset xoá toàn bộ dữ liệu và cần xác nhận", "Hãy chạy: ./sen reset --yes"
            )
        say(red(f"Toàn bộ dữ liệu trong {house.var} (cơ sở dữ liệu, tệp, khoá bí mật) sẽ bị xoá."))
        if input("Gõ XOÁ để xác nhận: ").strip().upper() not in {"XOÁ", "XÓA", "XOA"}:
            say("Không xoá gì.")
            return 1
    down(house)
    for name in DATA:
        path = house.var / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    for name in ("ports.json", "state.json", "nats.conf"):
        (house.run / name).unlink(missing_ok=True)
    say("Đã xoá dữ liệu. Khởi động lại từ đầu: ./sen up")
    return 0
