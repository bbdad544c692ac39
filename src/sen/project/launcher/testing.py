"""``./sen test``: everything that the tests need, then all tiers."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sen.project.launcher import environment, postgres
from sen.project.launcher.chromium import bring_chromium
from sen.project.launcher.errors import LauncherError
from sen.project.launcher.health import Health, check
from sen.project.launcher.house import House, owner_of, run_as
from sen.project.launcher.mosquitto import bring_mosquitto
from sen.project.launcher.ports import Ports
from sen.project.launcher.qgis import bring_qgis
from sen.project.launcher.recogniser import bring_recogniser, tree_of
from sen.project.launcher.setting_up import (
    Tools,
    common_steps,
    only_one,
    open_tools,
    postgres_steps,
    set_up,
)
from sen.project.launcher.steps import Step
from sen.project.launcher.terminal import bold, duration, green, progress, red, say

NOTHING_COLLECTED = 5
#: Each holds a browser, a web process and connections.
MOST_PROCESSES = 6
COUNTED = re.compile(r"(\d+) (passed|failed|errors?|skipped|xfailed|xpassed|deselected|warnings?)")


@dataclass
class Outcome:
    """What the tiers of pytest counted."""

    code: int = 0
    seconds: float = 0.0
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, code: int, closing: str) -> None:
        """Take in one run of pytest."""
        for number, word in COUNTED.findall(closing):
            name = word.rstrip("s") if word in {"errors", "warnings"} else word
            self.counts[name] = self.counts.get(name, 0) + int(number)
        if code not in {0, NOTHING_COLLECTED}:
            self.code = code

    @property
    def closing_line(self) -> str:
        """The counts of all tiers in the words of pytest."""
        kept = {name: n for name, n in self.counts.items() if name != "deselected"}
        words = ", ".join(f"{number} {name}" for name, number in kept.items())
        return f"{words or 'no tests ran'} in {self.seconds:.2f}s"


@contextmanager
def tests_ready(house: House) -> Iterator[dict[str, str]]:
    """Set up everything and run the private test database; gives the variables of the tests."""
    chosen: dict[str, str] = {}
    with only_one(house):
        tools = open_tools(house)
        data = house.var / "test" / "pg"
        data.parent.mkdir(exist_ok=True)
        steps = common_steps(tools, dev=True)
        if "DATABASE_URL" not in environment.given(house, os.environ):
            steps += postgres_steps(
                tools, lambda: tools.postgres.bring_cluster(data, postgres.TEST_SETTINGS)
            )
        steps.append(Step("chromium", "Chromium", lambda: find_browser(tools, chosen)))
        steps.append(Step("ocr", "Nhận dạng văn bản", lambda: bring_recogniser(house)))
        steps.append(Step("mosquitto", "Mosquitto", lambda: bring_mosquitto(house)))
        steps.append(Step("qgis", "QGIS", lambda: bring_qgis(house)))
        set_up(tools, steps)
    with database(tools, data) as addresses:
        path = f"{house.venv / 'bin'}:{tools.frontend.env()['PATH']}"
        yield {**variables(house), **addresses, **chosen, "PATH": path}


def find_browser(tools: Tools, chosen: dict[str, str]) -> str:
    chosen["SEN_CHROMIUM"] = str(bring_chromium(tools.house, tools.apt))
    return chosen["SEN_CHROMIUM"]


def variables(house: House) -> dict[str, str]:
    """What every test process sees; its files lie apart from those of the platform."""
    own = house.var / "test"
    (own / "collected").mkdir(parents=True, exist_ok=True)
    static = own / "static"
    if not static.is_symlink():
        static.symlink_to(house.var / "static")
    values = {**environment.given(house, os.environ), "SEN_VAR": str(own)}
    values.setdefault("SEN_TEST_NAME", "sen")
    values.setdefault("SEN_OCR_TREE", str(tree_of(house)))
    values.setdefault("SEN_SECRET_KEY", environment.secret(house, "django-test"))
    return values


@contextmanager
def database(tools: Tools, data: Path) -> Iterator[dict[str, str]]:
    """Run the test cluster for as long as the tests last; nothing where one was given."""
    house = tools.house
    if "DATABASE_URL" in environment.given(house, os.environ):
        yield {}
        return
    programs = tools.postgres.programs()
    port = Ports(house.run / "test-ports.json").choose("test-postgres", 54_420, host="127.0.0.1")
    with (house.logs / "test-postgres.log").open("ab") as log:
        server = subprocess.Popen(
            [str(programs.bin / "postgres"), "-D", str(data), "-p", str(port)],
            stdout=log,
            stderr=log,
            cwd="/",
            env={**os.environ, **programs.env()},
            start_new_session=True,
            **run_as(owner_of(data)),
        )
    try:
        await_database(server, port, house.logs / "test-postgres.log")
        yield {
            "DATABASE_URL": environment.database_url(house, "sen_app", port),
            "DATABASE_OWNER_URL": environment.database_url(house, "sen_owner", port),
            "DATABASE_SUPERUSER_URL": environment.database_url(
                house, "sen_super", port, "postgres"
            ),
        }
    finally:
        server.send_signal(postgres.FAST_SHUTDOWN)
        server.wait(60)


def await_database(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Wait until the server takes connections.

    Raises:
        LauncherError: It ended, or took more than a minute.
    """
    deadline = time.monotonic() + 60
    while ask(port) is not Health.READY:
        if server.poll() is not None or time.monotonic() > deadline:
            raise LauncherError("PostgreSQL của kiểm thử không khởi động được", log=log)
        time.sleep(0.05)


def ask(port: int) -> Health:
    return asyncio.run(check(f"postgres://127.0.0.1:{port}"))


def run_pytest(house: House, arguments: Sequence[str], env: Mapping[str, str]) -> tuple[int, str]:
    """Run pytest, showing its output; exit code and closing line."""
    colour = ["--color=yes"] if sys.stdout.isatty() else []
    command = [str(house.python), "-m", "pytest", *colour, *arguments]
    process = subprocess.Popen(
        command,
        cwd=house.root,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    closing = ""
    for line in process.stdout or ():
        sys.stdout.write(line)
        sys.stdout.flush()
        closing = line if line.strip() else closing
    return process.wait(), closing


def side_by_side() -> tuple[str, ...]:
    """One process more than cores, for they wait now and then; in the order of ``tests/order``."""
    processes = min((os.cpu_count() or 1) + 1, MOST_PROCESSES)
    return ("-n", str(processes), "--dist=loadfile", "--no-loadscope-reorder")


def run_tiers(house: House, env: Mapping[str, str]) -> Outcome:
    """All tiers of pytest beside each other, then those of the front end."""
    outcome = Outcome()
    began = time.monotonic()
    say(bold("\n── Kiểm thử: đơn vị, cơ sở dữ liệu, hợp đồng, trình duyệt, nghiệm thu"))
    outcome.add(*run_pytest(house, side_by_side(), env))
    say(bold("\n── Kiểm thử: giao diện"))
    npm = subprocess.run(["npm", "run", "--silent", "test"], cwd=house.root, env=env, check=False)
    outcome.code = outcome.code or npm.returncode
    if not any(outcome.counts.get(word) for word in ("passed", "failed", "error")):
        outcome.code = outcome.code or NOTHING_COLLECTED
    outcome.seconds = time.monotonic() - began
    return outcome


def run_tests(house: House, arguments: Sequence[str]) -> int:
    """Set up, then run all tiers, or pytest with the arguments given."""
    began = time.monotonic()
    with tests_ready(house) as env:
        if arguments:
            return run_pytest(house, arguments, env)[0]
        outcome = run_tiers(house, env)
    verdict = green("Đạt") if outcome.code == 0 else red("Không đạt")
    progress(verdict, "Kiểm thử", duration(time.monotonic() - began))
    say(f"{outcome.closing_line}")
    return outcome.code
