"""The words of ``./sen`` that need no running platform."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sen.project.launcher import cli, control, up
from sen.project.launcher.checks import CHECKS, chosen
from sen.project.launcher.doctor import Finding, examine_machine, running_postgres
from sen.project.launcher.errors import LauncherError
from sen.project.launcher.house import CHECKOUT, House
from sen.project.launcher.state import ProcessState, State, boot_id, start_ticks, write_state
from sen.project.launcher.terminal import table
from sen.project.launcher.testing import Outcome


def running(house: House, *processes: ProcessState) -> State:
    """A platform whose supervisor is this very test process."""
    me = os.getpid()
    address = "http://127.0.0.1:8123/"
    state = State(me, start_ticks(me), boot_id(), time.time(), address, "ready")
    state.processes = list(processes)
    write_state(house.state_file, state)
    return state


def test_up_beside_a_running_platform_says_where_it_is(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    running(house)
    accounts = [{"username": "canbo", "password": "Sen-1", "name": "Lê Thị Sáu", "role": "Cán bộ"}]
    house.demo_accounts.write_text(json.dumps(accounts), encoding="utf-8")
    assert up.up(house, up.Options()) == 0
    shown = capsys.readouterr().out
    assert "http://127.0.0.1:8123/" in shown
    assert "Lê Thị Sáu" in shown
    assert not (house.var / "env").exists()


def test_status_shows_processes_and_tells_by_its_code(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    assert control.status(house) == 3
    me = os.getpid()
    process = ProcessState("web", "Trang web", "service", "ready", me, start_ticks(me), time.time())
    running(house, process)
    assert control.status(house) == 0
    process.status, process.last_exit = "unhealthy", "bị dừng bởi SIGKILL"
    running(house, process)
    assert control.status(house) == 1
    assert "bị dừng bởi SIGKILL" in capsys.readouterr().out


def test_down_without_a_platform_is_no_error(house: House) -> None:
    assert control.down(house) == 0


def test_logs_of_an_unknown_process_name_the_known_ones(house: House) -> None:
    (house.logs / "web.log").write_text("one\ntwo\n")
    with pytest.raises(LauncherError, match="“wbe”") as caught:
        control.logs(house, "wbe", follow=False)
    assert "web" in caught.value.mend


def test_reset_wants_a_word_and_keeps_the_tools(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("pg", "pgdist", "files", "uv"):
        (house.var / name).mkdir()
    monkeypatch.setattr("sys.stdin", open(os.devnull))  # noqa: PTH123, SIM115
    with pytest.raises(LauncherError, match="cần xác nhận"):
        control.reset(house, sure=False)
    assert (house.var / "pg").exists()
    assert control.reset(house, sure=True) == 0
    left = {path.name for path in house.var.iterdir()}
    assert {"pgdist", "uv"} <= left
    assert not {"pg", "files", "secrets"} & left


def test_doctor_sees_a_server_that_is_not_the_program_on_the_disk(house: House) -> None:
    sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        state = running(house, ProcessState("postgres", "PG", "service", "ready", sleeper.pid))
        real = Path(f"/proc/{sleeper.pid}/exe").readlink()
        assert running_postgres(state, real).good is True
        assert running_postgres(state, Path("/usr/bin/other")).good is False
    finally:
        sleeper.kill()
        sleeper.wait()


def test_doctor_examines_a_machine_where_nothing_is_set_up(house: House) -> None:
    findings = examine_machine(house)
    assert any("Python" in finding.what and finding.good for finding in findings)
    wrong = [finding for finding in findings if finding.good is False]
    assert all(finding.mend for finding in wrong)
    assert Finding(None, "Sen chưa chạy", "Khởi động: ./sen up") in findings


@pytest.fixture
def open_directory() -> Iterator[Path]:
    """A directory that a service account can enter, unlike pytest's own."""
    directory = Path(tempfile.mkdtemp())
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory)


def test_help_and_errors_need_no_virtual_environment(open_directory: Path) -> None:
    script = [str(CHECKOUT / "sen")]
    shown = subprocess.run([*script, "--help"], capture_output=True, text=True, check=True)
    assert "./sen up" in shown.stdout
    env = {**os.environ, "SEN_VAR": str(open_directory), "SEN_PORT": "no-port"}
    failed = subprocess.run([*script, "up"], capture_output=True, text=True, check=False, env=env)
    assert failed.returncode == 1
    assert "SEN_PORT=no-port: không phải số cổng" in failed.stdout
    assert "Traceback" not in failed.stdout + failed.stderr


def test_the_launcher_imports_the_standard_library_alone() -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); import sen.project.launcher.cli;"
        "print([n for n in sys.modules if n.partition('.')[0] not in sys.stdlib_module_names"
        " and not n.startswith(('sen', '__main__'))"
        " or n.startswith('sen.') and not ('sen.project.launcher.').startswith(n + '.')"
        " and not n.startswith('sen.project.launcher')])"
    )
    command = [sys.executable, "-I", "-S", "-c", program, str(CHECKOUT / "src")]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_other_words_go_to_the_platform(house: House) -> None:
    with pytest.raises(LauncherError, match="chưa được cài đặt"):
        cli.pass_on(house, ["import", "boundaries"])


def test_tables_line_up_with_stacked_diacritics() -> None:
    lines = table(["Tên", "Vai"], [["Nguyễn Thị Ướm", "a"], ["Lê", "b"]]).splitlines()
    assert lines[2].index(" a") + 1 == lines[3].index("b")


def test_checks_are_chosen_by_name() -> None:
    every, with_tests = chosen([])
    assert len(every) == len(CHECKS)
    assert with_tests
    some, with_tests = chosen(["secrets", "mypy"])
    assert {check.name for check in some} == {"secrets", "mypy"}
    assert not with_tests
    with pytest.raises(LauncherError, match="mypi"):
        chosen(["mypi"])


def test_outcome_sums_up_the_tiers() -> None:
    outcome = Outcome(seconds=12.0)
    outcome.add(0, "=== 12 passed, 1 skipped, 4 deselected in 3.20s ===")
    outcome.add(1, "1 failed, 3 passed, 2 warnings in 1.00s")
    assert outcome.code == 1
    assert outcome.closing_line == "15 passed, 1 skipped, 1 failed, 2 warning in 12.00s"
    outcome = Outcome()
    outcome.add(5, "no tests ran in 0.01s")
    assert outcome.code == 0
