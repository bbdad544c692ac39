"""``./sen up``: set up what is missing and start everything."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from sen.project.launcher import environment, mosquitto, nats, postgres
from sen.project.launcher.errors import LauncherError
from sen.project.launcher.house import House
from sen.project.launcher.ports import Ports
from sen.project.launcher.processes import Process, read_table, select
from sen.project.launcher.recogniser import bring_in_background, bring_recogniser
from sen.project.launcher.setting_up import (
    Tools,
    common_steps,
    only_one,
    open_tools,
    postgres_steps,
    set_up,
)
from sen.project.launcher.state import State, end_orphans, read_state
from sen.project.launcher.steps import Argv, Step, run_logged
from sen.project.launcher.supervisor import Supervisor
from sen.project.launcher.terminal import bold, dim, green, progress, red, say, table, yellow

LAUNCHER = Path(__file__).resolve().parent
#: Files that the structure of the database, its seeds, roles and translations come from.
SOURCES = {".py", ".toml", ".sql", ".po"}


@dataclass(frozen=True)
class Options:
    """What the command line asks for."""

    system: bool = False
    port: int | None = None
    foreground: bool = False


def running_state(house: House) -> State | None:
    """The state of a platform that runs from this checkout."""
    state = read_state(house.state_file)
    return state if state is not None and state.alive() else None


def up(house: House, options: Options) -> int:
    """Set up, start, and print the address."""
    with only_one(house):
        state = running_state(house)
        if state is not None:
            say(f"Sen đang chạy tại {bold(state.address)}")
            say("Xem trạng thái: ./sen status. Dừng: ./sen down.")
            show_accounts(house)
            return 0
        leftovers = read_state(house.state_file)
        if leftovers is not None and (count := end_orphans(leftovers)):
            progress(yellow("!"), f"Đã dọn {count} tiến trình còn sót từ lần chạy trước")
        if os.geteuid() == 0:
            note = "Đang chạy bằng root, chỉ nên để dùng thử; máy chủ thật: ./sen deploy"
            progress(yellow("!"), note)
        decided, tools = bring_all(house, options)
        supervisor = Supervisor(house, plan(tools, decided), decided.values, decided.address)
        if not options.foreground:
            detach(supervisor)
    if options.foreground:
        return stay(supervisor)
    return wait_until_ready(house)


def bring_all(house: House, options: Options) -> tuple[environment.Environment, Tools]:
    """Bring programs, packages, front end, cluster and configuration."""
    environ = dict(os.environ)
    if options.port is not None:
        environ["SEN_PORT"] = str(options.port)
    asked = environment.given(house, environ)
    tools = open_tools(house, system=options.system)
    steps = common_steps(tools, dev=False)
    if "DATABASE_URL" not in asked:
        data = house.var / "pg"
        steps += postgres_steps(
            tools, lambda: tools.postgres.bring_cluster(data, postgres.PLATFORM_SETTINGS)
        )
    set_up(tools, steps)
    # Ports last: what is free now may be taken by the time that a long set-up ends.
    decided = environment.resolve(house, environ, Ports(house.run / "ports.json"))
    if decided.private_nats:
        nats.write_config(house, decided)
        if mosquitto.program(house)[0]:
            mosquitto.write_config(house, decided)
            decided.values["SEN_MOSQUITTO_DIR"] = str(mosquitto.folder_of(house))
    return decided, tools


def build(house: House) -> int:
    """Bring packages and front end and collect the static files; what a server needs."""
    tools = open_tools(house)
    with only_one(house):
        static = Step("static", "Gom tệp tĩnh", *collect(house))
        compiled = Step("compiled", "Dịch sẵn mã Python", *compile_modules(house))
        ocr = Step("ocr", "Nhận dạng văn bản", lambda: bring_recogniser(house))
        set_up(tools, [*common_steps(tools, dev=False), static, compiled, ocr])
    return 0


def compile_modules(house: House) -> tuple[Callable[[], str], tuple[str, ...]]:
    """The action that compiles all modules, and the steps that it needs.

    The services of a server may not write beside their code: each start would compile them anew.
    """

    def action() -> str:
        places = [house.root / "src", *house.venv.glob("lib/python3*/site-packages")]
        command: Argv = [house.python, "-m", "compileall", "-q", "-j", "0", *places]
        run_logged(command, house.logs / "setup-python.log", "Dịch sẵn mã Python")
        return ""

    return action, ("python", "static")


def collect(house: House) -> tuple[Callable[[], str], tuple[str, ...]]:
    """The action that collects static files, and the steps that it needs."""
    command: Argv = [
        house.python,
        "-m",
        "sen.project.manage",
        "collectstatic",
        "--noinput",
        "--clear",
    ]
    env = {"SEN_VAR": str(house.var), "SEN_CHECKS_ONLY": "1"}

    def action() -> str:
        log = house.logs / "setup-static.log"
        run_logged(command, log, "Gom tệp tĩnh", cwd=house.root, env=env)
        return ""

    return action, ("python", "frontend")


def is_on(text: str) -> bool:
    """Whether a variable switches something on."""
    return text.lower() in {"1", "true", "yes", "on"}


def plan(tools: Tools, decided: environment.Environment) -> list[Process]:
    """The processes of this start."""
    house, values = tools.house, decided.values
    shows = is_on(values["SEN_DEMO"])
    conditions = {
        "private-postgres": decided.private_postgres,
        "private-nats": decided.private_nats,
        "mosquitto": "SEN_MOSQUITTO_DIR" in values,
        "demo": shows,
        # Its stations speak through a door whose place we know only where it is ours.
        "simulator": shows and decided.private_nats and is_on(values.get("SEN_SIMULATOR", "1")),
    }
    variables = {
        "python": str(house.python),
        "bin": str(house.venv / "bin"),
        "var": str(house.var),
        "host": values["SEN_HOST"],
        "web_port": values["SEN_PORT"],
        "live_port": values["SEN_LIVE_PORT"],
        "ingest_port": values["SEN_INGEST_PORT"],
        "postgres_data": str(house.var / "pg"),
        "postgres_port": str(decided.postgres_port),
        "nats_config": str(house.run / "nats.conf"),
        "mosquitto": mosquitto.program(house)[0],
        "mosquitto_libraries": mosquitto.program(house)[1],
        "mosquitto_config": str(mosquitto.folder_of(house) / "mosquitto.conf"),
        "mqtt5_port": values.get("SEN_MQTT5_PORT", ""),
        "nats_port": str(decided.nats_port),
        "prepared": "",
    }
    if decided.private_postgres:
        programs = tools.postgres.programs()
        variables["postgres"] = str(programs.bin / "postgres")
        variables["postgres_libraries"] = programs.libraries
        variables["postgres_proj"] = programs.proj_data
        variables["prepared"] = str(prepared_stamp(house, Path(variables["postgres"])))
    held = [name for name, holds in conditions.items() if holds]
    return select(read_table(), held, variables)


def prepared_stamp(house: House, server: Path) -> Path:
    """The file that says: this code has prepared this cluster, there is nothing to do again.

    Its name changes with any file of the code, the packages, the cluster and its server. After a
    dump was restored into the cluster, ``./sen prepare-database`` is run by hand.
    """
    sources = (path for path in (house.root / "src").rglob("*") if path.suffix in SOURCES)
    seen = hashlib.sha256()
    for path in [*sorted(sources), house.root / "requirements" / "run.lock"]:
        found = path.stat()
        seen.update(f"{path} {found.st_size} {found.st_mtime_ns}\n".encode())
    for path in (house.var / "pg" / "PG_VERSION", server):
        found = path.stat()
        seen.update(f"{found.st_ino} {found.st_mtime_ns}\n".encode())
    return house.var / "prepared" / seen.hexdigest()[:16]


def detach(supervisor: Supervisor) -> None:
    """Start a supervisor that outlives this command, and give it the plan through its input."""
    plan_text = json.dumps(
        {
            "processes": [asdict(child.process) for child in supervisor.children],
            "values": dict(supervisor.values),
            "address": supervisor.state.address,
        }
    )
    log = supervisor.house.logs / "supervisor.log"
    supervisor.house.state_file.unlink(missing_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-P", str(LAUNCHER), "supervise"],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            cwd="/",
            start_new_session=True,
            env={**os.environ, "SEN_VAR": str(supervisor.house.var)},
        )
    if process.stdin is not None:
        process.stdin.write(plan_text.encode())
        process.stdin.close()
    deadline = time.monotonic() + 10
    while read_state(supervisor.house.state_file) is None:
        if process.poll() is not None or time.monotonic() > deadline:
            raise LauncherError("Tiến trình giám sát không khởi động được", log=log)
        time.sleep(0.02)


def supervise(house: House) -> int:
    """The detached supervisor: reads its plan from the standard input."""
    given = json.load(sys.stdin)
    processes = [
        Process(**{**p, "argv": tuple(p["argv"]), "credentials": tuple(p["credentials"])})
        for p in given["processes"]
    ]
    return asyncio.run(Supervisor(house, processes, given["values"], given["address"]).run())


def stay(supervisor: Supervisor) -> int:
    """Supervise in the foreground, until Ctrl-C."""
    house = supervisor.house
    supervisor.publish()
    reporter = threading.Thread(target=wait_until_ready, args=(house,), daemon=True)
    reporter.start()
    say(dim("Nhấn Ctrl-C để dừng."))
    code = asyncio.run(supervisor.run())
    reporter.join(2)
    return code


def wait_until_ready(house: House) -> int:
    """Show the processes as they become ready, then the address.

    Raises:
        LauncherError: The start failed.
    """
    shown: set[str] = set()
    while True:
        state = read_state(house.state_file)
        if state is None:
            raise LauncherError("Tiến trình giám sát đã mất", "Hãy chạy lại ./sen up.")
        for process in state.processes:
            if process.status in {"ready", "done"} and process.name not in shown:
                shown.add(process.name)
                progress(green("✓"), process.title, f"{process.seconds:.1f} giây")
        if state.phase == "ready":
            show_ready(house, state)
            bring_in_background(house)
            return 0
        if state.phase == "failed" or not state.alive():
            failed = next((p for p in state.processes if p.name == state.failed), None)
            progress(red("✗"), failed.title if failed else "Khởi động")
            log = house.logs / f"{state.failed or 'supervisor'}.log"
            raise LauncherError(
                state.message or "Khởi động không thành công",
                f"Xem toàn bộ: {log}. Kiểm tra máy: ./sen doctor.",
                log,
            )
        if state.phase == "stopped":
            return 0
        time.sleep(0.05)


def show_ready(house: House, state: State) -> None:
    """The address and the demonstration accounts."""
    say()
    say(f"{green('Sen đã sẵn sàng:')} {bold(state.address)}")
    show_brokers(house)
    show_accounts(house)
    say(dim("Trạng thái: ./sen status · Nhật ký: ./sen logs · Dừng: ./sen down"))


def show_brokers(house: House) -> None:
    """Where devices come by MQTT, and what is missing for its version 5."""
    values = environment.read_env_file(house.var / "env")
    if "SEN_MQTT_PORT" not in values:
        return
    newer = f"cổng {values.get('SEN_MQTT5_PORT')}"
    if not mosquitto.program(house)[0]:
        newer = "chưa có mosquitto (cài bằng ./sen bring-mosquitto)"
    say(dim(f"MQTT 3.1.1: cổng {values['SEN_MQTT_PORT']} · MQTT 5: {newer}"))


def show_accounts(house: House) -> None:
    """The demonstration accounts, as the demonstration loader wrote them."""
    try:
        accounts = json.loads(house.demo_accounts.read_text(encoding="utf-8"))
        rows = [[a["username"], a["password"], a["name"], a["role"]] for a in accounts]
    except (OSError, ValueError, KeyError, TypeError):
        return
    if rows:
        say()
        say("Tài khoản minh hoạ:")
        say(table(["Tên đăng nhập", "Mật khẩu", "Họ tên", "Vai trò"], rows))
        say()
