"""What ``./sen up`` and ``./sen test`` set up before anything starts."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sen.project.launcher import postgres
from sen.project.launcher.debian import PrivateApt
from sen.project.launcher.errors import LauncherError
from sen.project.launcher.frontend import FrontEnd
from sen.project.launcher.house import House
from sen.project.launcher.python_env import PythonEnvironment
from sen.project.launcher.steps import Step, run_steps
from sen.project.launcher.terminal import progress, yellow


@dataclass(frozen=True)
class Tools:
    """The builders of one checkout."""

    house: House
    apt: PrivateApt
    python: PythonEnvironment
    frontend: FrontEnd
    postgres: postgres.Postgres


def open_tools(house: House, *, system: bool = False) -> Tools:
    """Builders that share one private apt."""
    apt = PrivateApt(house.var / "apt", house.logs / "setup-apt.log")
    python = PythonEnvironment(house, apt)
    return Tools(
        house,
        apt,
        python,
        FrontEnd(house, python.uv),
        postgres.Postgres(house, apt, system=system),
    )


def common_steps(tools: Tools, *, dev: bool) -> list[Step]:
    """Python packages and the front end."""
    return [
        Step("uv", "Công cụ cài đặt uv", tools.python.bring_uv),
        Step("node", "Node.js", tools.frontend.bring_node, ("uv",)),
        Step(
            "python",
            "Gói Python theo tệp khoá",
            lambda: tools.python.bring_packages(dev=dev),
            ("uv",),
        ),
        Step("frontend", "Giao diện web", tools.frontend.build, ("node",)),
    ]


def postgres_steps(tools: Tools, cluster: Callable[[], str]) -> list[Step]:
    """The private database server and its cluster."""
    return [
        Step("postgres", "PostgreSQL 15 và PostGIS", tools.postgres.bring_programs),
        Step("cluster", "Cụm cơ sở dữ liệu", cluster, ("postgres",)),
    ]


def set_up(tools: Tools, steps: Sequence[Step]) -> None:
    """Run the steps; the archives that they fetched are not needed after."""
    run_steps(steps)
    tools.apt.clear()


@contextmanager
def only_one(house: House) -> Iterator[None]:
    """Let one set-up work at a time in a checkout.

    Raises:
        LauncherError: The lock file cannot be opened.
    """
    path = house.run / "setup.lock"
    try:
        lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise LauncherError(f"Không mở được {path}: {error.strerror}") from error
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress(yellow("!"), "Một lệnh ./sen khác đang cài đặt, xin chờ")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
