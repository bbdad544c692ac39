"""The process table of ``processes.toml``, filled in for this machine."""

from __future__ import annotations

import signal
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sen.project.launcher.errors import LauncherError

TABLE = Path(__file__).resolve().parents[1] / "processes.toml"
SECRET_VARIABLES = ("DATABASE_OWNER_URL", "DATABASE_SUPERUSER_URL")
KINDS = ("service", "task")
CONDITIONS = ("private-postgres", "private-nats", "mosquitto", "demo", "simulator")


@dataclass(frozen=True)
class Process:
    """One entry of the table."""

    name: str
    title: str
    argv: tuple[str, ...]
    order: int
    kind: str = "service"
    env: Mapping[str, str] = field(default_factory=dict)
    owner_of: str = ""
    credentials: tuple[str, ...] = ()
    stop: str = "SIGTERM"
    grace_s: float = 10.0
    health: str = ""
    watch: str = ""
    when: str = ""
    once: str = ""
    network: str = "local"
    awaited: bool = True

    @property
    def stop_signal(self) -> signal.Signals:
        return signal.Signals[self.stop]

    @property
    def is_task(self) -> bool:
        return self.kind == "task"

    def environment(self, values: Mapping[str, str]) -> dict[str, str]:
        """The variables that the process may see: no more rights than it needs."""
        hidden = set(SECRET_VARIABLES) - set(self.credentials)
        return {**{n: v for n, v in values.items() if n not in hidden}, **self.env}


def read_table(path: Path = TABLE) -> list[Process]:
    """The table with its placeholders unfilled.

    Raises:
        LauncherError: An entry has an unknown or missing field, or a name twice.
    """
    entries: list[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))["process"]
    processes = []
    for number, entry in enumerate(entries, start=1):
        for name in ("argv", "credentials"):
            entry[name] = tuple(entry.get(name, ()))
        try:
            process = Process(**entry)
            signal.Signals[process.stop]
        except (TypeError, KeyError) as error:
            raise LauncherError(f"{path.name}, mục {number}: {error}") from error
        if process.kind not in KINDS or process.when not in {"", *CONDITIONS}:
            raise LauncherError(f"{path.name}, mục {process.name}: kind hoặc when không hợp lệ")
        processes.append(process)
    if len({process.name for process in processes}) != len(processes):
        raise LauncherError(f"{path.name}: có tên tiến trình trùng nhau")
    return sorted(processes, key=lambda process: process.order)


def fill(process: Process, variables: Mapping[str, str]) -> Process:
    """The process with its placeholders replaced."""

    def text(value: str) -> str:
        try:
            return value.format_map(variables)
        except KeyError as error:
            raise LauncherError(f"Tiến trình {process.name}: không biết {error}") from error

    return Process(
        **{
            **process.__dict__,
            "argv": tuple(text(part) for part in process.argv),
            "env": {name: text(value) for name, value in process.env.items()},
            "health": text(process.health),
            "watch": text(process.watch),
            "owner_of": text(process.owner_of),
            "once": text(process.once),
        }
    )


def select(
    table: Iterable[Process], conditions: Iterable[str], variables: Mapping[str, str]
) -> list[Process]:
    """The processes whose condition holds, filled in, without tasks that are done for good."""
    held = {"", *conditions}
    chosen = [fill(process, variables) for process in table if process.when in held]
    return [process for process in chosen if not (process.once and Path(process.once).exists())]
