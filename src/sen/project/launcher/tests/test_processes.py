"""The process table and what each process may see."""

from __future__ import annotations

from pathlib import Path

import pytest

from sen.project.launcher.errors import LauncherError
from sen.project.launcher.processes import Process, read_table, select

VARIABLES = {
    "python": "/venv/bin/python",
    "bin": "/venv/bin",
    "host": "127.0.0.1",
    "web_port": "8000",
    "live_port": "8001",
    "nats_config": "/var/run/nats.conf",
    "nats_port": "4222",
}


def test_the_table_starts_servers_before_tasks_before_processes(tmp_path: Path) -> None:
    chosen = select(read_table(), ["private-nats", "demo"], VARIABLES | {"var": str(tmp_path)})
    names = [process.name for process in chosen]
    assert names[:3] == ["nats", "prepare", "demo"]
    assert {"web", "live", "relay", "consumers", "worker"} == set(names[3:])
    assert "postgres" not in names


def test_a_task_that_is_done_for_good_does_not_run_again(tmp_path: Path) -> None:
    (tmp_path / "demo-loaded").touch()
    chosen = select(read_table(), ["demo"], VARIABLES | {"var": str(tmp_path)})
    assert "demo" not in {process.name for process in chosen}


def test_only_the_preparing_task_sees_the_owner_and_the_superuser() -> None:
    values = {"DATABASE_URL": "a", "DATABASE_OWNER_URL": "o", "DATABASE_SUPERUSER_URL": "s"}
    seen = {process.name: process.environment(values) for process in read_table()}
    assert seen["prepare"] == values
    assert all("DATABASE_SUPERUSER_URL" not in seen[name] for name in seen if name != "prepare")
    assert seen["web"] == {"DATABASE_URL": "a"}


def test_an_unknown_placeholder_names_the_process() -> None:
    process = Process("x", "X", ("{nowhere}",), 1)
    with pytest.raises(LauncherError, match="x: không biết 'nowhere'"):
        select([process], [], {})


@pytest.mark.parametrize(
    "entry",
    [
        'argv = ["a"]\norder = 1\ntitle = "A"',
        'name = "a"\ntitle = "A"\nargv = ["a"]\norder = 1\nstop = "SIGNOTHING"',
        'name = "a"\ntitle = "A"\nargv = ["a"]\norder = 1\nkind = "thing"',
        'name = "a"\ntitle = "A"\nargv = ["a"]\norder = 1\nwhen = "sometimes"',
        'name = "a"\ntitle = "A"\nargv = ["a"]\norder = 1\ncolour = "red"',
    ],
)
def test_a_bad_entry_is_refused(tmp_path: Path, entry: str) -> None:
    table = tmp_path / "processes.toml"
    table.write_text(f"[[process]]\n{entry}\n", encoding="utf-8")
    with pytest.raises(LauncherError):
        read_table(table)
