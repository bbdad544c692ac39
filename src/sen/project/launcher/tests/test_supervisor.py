"""The supervisor on small processes: kill -9, orphans, order, failure, upgrade."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import pytest

from sen.project.launcher import supervisor as module
from sen.project.launcher.house import House
from sen.project.launcher.ports import Ports
from sen.project.launcher.processes import Process
from sen.project.launcher.state import (
    ProcessState,
    State,
    boot_id,
    end_orphans,
    family,
    memory_kib,
    read_state,
    session_members,
    start_ticks,
    write_state,
)
from sen.project.launcher.supervisor import Supervisor
from sen.project.launcher.terminal import duration

# A server with a worker of its own that outlives it and keeps the port, as real servers have.
SERVER = """
import os, signal, socket, sys, time
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
if os.fork() == 0:
    time.sleep(3600)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
while True:
    connection, _ = server.accept()
    connection.recv(1000)
    connection.sendall(b"HTTP/1.1 200 OK\\r\\n\\r\\nok")
    connection.close()
"""


def server(port: int, name: str = "server", **fields: object) -> Process:
    argv = (sys.executable, "-c", SERVER, str(port))
    health = f"http://127.0.0.1:{port}/"
    return Process(name, name, argv, 40, health=health, grace_s=3, **fields)  # type: ignore[arg-type]


def task(name: str, script: str, order: int = 20, **fields: object) -> Process:
    argv = (sys.executable, "-c", script)
    return Process(name, name, argv, order, kind="task", **fields)  # type: ignore[arg-type]


@pytest.fixture
def port(house: House) -> int:
    return Ports(house.run / "ports.json").choose(
        "web", 21_000 + os.getpid() % 9_000, host="127.0.0.1"
    )


def supervise(
    house: House,
    processes: Sequence[Process],
    act: Callable[[Supervisor], Awaitable[None]],
) -> tuple[int, State]:
    """Run a supervisor, act when it has started, stop it; exit code and last state."""

    async def run() -> int:
        supervisor = Supervisor(house, processes, dict(os.environ), "http://127.0.0.1/")
        running = asyncio.create_task(supervisor.run())
        async with asyncio.timeout(30):
            await until(lambda: supervisor.state.phase != "starting" or running.done(), 25)
            if supervisor.state.phase == "ready":
                await act(supervisor)
            supervisor.stopping.set()
            return await running

    code = asyncio.run(run())
    state = read_state(house.state_file)
    assert state is not None
    return code, state


async def until(condition: Callable[[], bool], seconds: float = 5.0) -> float:
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, "not in time"
        await asyncio.sleep(0.02)
    return time.monotonic() - began


def test_a_killed_server_is_healthy_again_within_five_seconds(house: House, port: int) -> None:
    async def act(supervisor: Supervisor) -> None:
        state = supervisor.children[0].state
        for restarts in (1, 2):
            victim = state.pid
            os.kill(victim, signal.SIGKILL)
            await until(lambda n=restarts: state.restarts == n and state.status == "ready")  # type: ignore[misc]
            assert state.pid != victim
            assert session_members(victim) == [], "its worker still holds the port"

    code, state = supervise(house, [server(port)], act)
    assert code == 0
    assert state.phase == "stopped"
    assert "SIGKILL" in (house.logs / "supervisor.log").read_text()


def test_stopping_leaves_no_process_behind(house: House, port: int) -> None:
    pids: list[int] = []

    async def act(supervisor: Supervisor) -> None:
        pids.append(supervisor.children[0].state.pid)
        assert len(session_members(pids[0])) == 2
        assert set(session_members(pids[0])) == family(pids[0])
        assert memory_kib(pids[0]) > 1000

    supervise(house, [server(port)], act)
    assert session_members(pids[0]) == []


def test_tasks_end_before_higher_orders_start(house: House, port: int, tmp_path: Path) -> None:
    mark, once = tmp_path / "mark", tmp_path / "once"
    first = task("first", f"import time; time.sleep(.3); open({str(mark)!r}, 'w')", 20)
    second = task("second", f"import os; assert os.path.exists({str(mark)!r})", 30, once=str(once))

    async def act(supervisor: Supervisor) -> None:
        assert [child.state.status for child in supervisor.children] == ["done", "done", "ready"]

    code, _ = supervise(house, [first, second, server(port)], act)
    assert code == 0
    assert once.exists()


def test_a_failed_task_stops_the_start_and_is_named(house: House, port: int) -> None:
    async def act(_: Supervisor) -> None:
        pytest.fail("must not get ready")

    bad = task("bad", "print('reason'); raise SystemExit(7)", 50)
    code, state = supervise(house, [server(port), bad], act)
    assert code == 1
    assert (state.phase, state.failed) == ("failed", "bad")
    assert "mã 7" in state.message
    assert "reason" in (house.logs / "bad.log").read_text()
    assert session_members(state.processes[0].pid) == []


def test_a_program_that_does_not_exist_is_an_error_that_names_it(house: House) -> None:
    async def act(_: Supervisor) -> None:
        pytest.fail("must not get ready")

    lost = Process("lost", "Lost", ("/nowhere/program",), 10)
    code, state = supervise(house, [lost], act)
    assert code == 1
    assert "/nowhere/program" in state.message


def test_a_start_neither_waits_for_nor_fails_with_what_is_not_awaited(
    house: House, port: int
) -> None:
    async def act(supervisor: Supervisor) -> None:
        extra = supervisor.children[1].state
        await until(lambda: extra.restarts > 3, 10)
        assert supervisor.state.phase == "ready"

    command = (sys.executable, "-c", "raise SystemExit(3)")
    code, _ = supervise(house, [server(port), Process("x", "X", command, 60, awaited=False)], act)
    assert code == 0


def test_a_replaced_program_is_started_again(
    house: House, port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "UPGRADE_SETTLE_S", 0.1)
    program = tmp_path / "program"
    program.write_text("1")

    async def act(supervisor: Supervisor) -> None:
        state = supervisor.children[0].state
        newer = tmp_path / "newer"
        newer.write_text("2")
        newer.replace(program)
        await until(lambda: state.restarts == 1 and state.status == "ready", 8.0)

    code, _ = supervise(house, [server(port, watch=str(program))], act)
    assert code == 0
    assert "nâng cấp" in (house.logs / "supervisor.log").read_text()


def test_a_full_log_is_turned_over(
    house: House, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOG_LIMIT_BYTES", 100)
    log = house.logs / "server.log"
    log.write_text("x" * 101)

    async def act(_: Supervisor) -> None:
        await until(lambda: log.stat().st_size == 0)

    supervise(house, [server(port)], act)
    assert (house.logs / "server.log.1").stat().st_size > 100


def left_over(house: House, ticks: int | None = None) -> tuple[subprocess.Popen[bytes], State]:
    """A process in a session of its own, and the state of a supervisor that is gone."""
    process = subprocess.Popen(
        [sys.executable, "-c", "import os, time; os.fork(); time.sleep(3600)"],
        start_new_session=True,
    )
    while len(session_members(process.pid)) < 2:
        time.sleep(0.02)
    began = start_ticks(process.pid) if ticks is None else ticks
    entry = ProcessState("web", "Web", "service", "ready", process.pid, began)
    state = State(2**22, 1, boot_id(), time.time(), "", processes=[entry])
    write_state(house.state_file, state)
    return process, state


def test_what_a_killed_supervisor_left_over_is_ended(house: House) -> None:
    process, _ = left_over(house)
    stored = read_state(house.state_file)
    assert stored is not None
    assert not stored.alive()
    process.kill()
    process.wait()
    assert end_orphans(stored, grace_s=2) == 1
    assert session_members(process.pid) == []


def test_a_process_that_took_over_the_number_is_left_alone(house: House) -> None:
    process, state = left_over(house, ticks=1)
    try:
        assert end_orphans(state) == 0
        assert process.poll() is None
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_durations_are_said_in_two_units() -> None:
    assert duration(0.4) == "0 giây"
    assert duration(3_725) == "1 giờ 2 phút"
    assert duration(90_000) == "1 ngày 1 giờ"
