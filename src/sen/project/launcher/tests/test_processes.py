"""The process table and what each process may see."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sen.project.commands.prepare_database import leave
from sen.project.launcher.errors import LauncherError
from sen.project.launcher.house import House
from sen.project.launcher.processes import Process, read_table, select
from sen.project.launcher.up import prepared_stamp

VARIABLES = {
    "python": "/venv/bin/python",
    "bin": "/venv/bin",
    "host": "127.0.0.1",
    "web_port": "8000",
    "live_port": "8001",
    "ingest_port": "8002",
    "nats_config": "/var/run/nats.conf",
    "nats_port": "4222",
    "prepared": "",
}


def test_the_table_starts_servers_before_tasks_before_processes(tmp_path: Path) -> None:
    chosen = select(read_table(), ["private-nats", "demo"], VARIABLES | {"var": str(tmp_path)})
    names = [process.name for process in chosen]
    assert names[:3] == ["nats", "prepare", "demo"]
    assert {
        "web",
        "live",
        "relay",
        "consumers",
        "worker",
        "telemetry-writer",
        "doors",
        "rules",
    } <= set(names[3:])
    assert "postgres" not in names


def test_the_simulator_comes_last_and_only_with_the_demonstration(tmp_path: Path) -> None:
    variables = VARIABLES | {"var": str(tmp_path)}
    chosen = select(read_table(), ["private-nats", "demo", "simulator"], variables)
    assert chosen[-1].name == "simulator"
    assert not chosen[-1].awaited
    assert all(process.awaited for process in chosen[:-1])
    without = select(read_table(), ["private-nats", "demo"], variables)
    assert "simulator" not in {process.name for process in without}


def test_mosquitto_runs_where_it_is(tmp_path: Path) -> None:
    variables = VARIABLES | {
        "var": str(tmp_path),
        "mosquitto": "/usr/sbin/mosquitto",
        "mosquitto_libraries": "",
        "mosquitto_config": "/var/mosquitto/mosquitto.conf",
        "mqtt5_port": "1884",
    }
    front = {one.name: one for one in select(read_table(), ["mosquitto"], variables)}["mosquitto"]
    assert front.argv == ("/usr/sbin/mosquitto", "-c", "/var/mosquitto/mosquitto.conf")
    assert front.health == "tcp://127.0.0.1:1884"
    others = {one.name for one in select(read_table(), [], VARIABLES | {"var": str(tmp_path)})}
    assert "mosquitto" not in others


def test_a_task_that_is_done_for_good_does_not_run_again(tmp_path: Path) -> None:
    (tmp_path / "demo-loaded").touch()
    chosen = select(read_table(), ["demo"], VARIABLES | {"var": str(tmp_path)})
    assert "demo" not in {process.name for process in chosen}


def test_a_prepared_database_is_not_prepared_again(tmp_path: Path) -> None:
    stamp = tmp_path / "prepared" / "597"
    variables = VARIABLES | {"var": str(tmp_path), "prepared": str(stamp)}
    assert "prepare" in {process.name for process in select(read_table(), [], variables)}
    stamp.parent.mkdir()
    (stamp.parent / "older").touch()
    leave(stamp)
    assert [path.name for path in stamp.parent.iterdir()] == ["597"]
    assert "prepare" not in {process.name for process in select(read_table(), [], variables)}


def test_the_stamp_changes_with_code_packages_cluster_and_server(tmp_path: Path) -> None:
    house = House(tmp_path, tmp_path / "var")
    files = ["src/a/models.py", "requirements/run.lock", "var/pg/PG_VERSION", "bin/postgres"]
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1")
    seen = {prepared_stamp(house, tmp_path / "bin/postgres")}
    for name in files:
        os.utime(tmp_path / name, (1, 1))
        seen.add(prepared_stamp(house, tmp_path / "bin/postgres"))
    (tmp_path / "src/a/services.py").write_text("")
    seen.add(prepared_stamp(house, tmp_path / "bin/postgres"))
    assert len(seen) == 6
    assert prepared_stamp(house, tmp_path / "bin/postgres") in seen


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
