"""Unpacking, steps, places: the parts of the set-up."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from sen.project.launcher import debian, postgres
from sen.project.launcher import house as house_module
from sen.project.launcher.errors import LauncherError
from sen.project.launcher.house import House, move_out, open_house
from sen.project.launcher.setting_up import only_one
from sen.project.launcher.steps import Step, run_logged, run_steps

needs_dpkg = pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="no dpkg-deb here")


def make_archive(tmp_path: Path, name: str, files: dict[str, str]) -> Path:
    tree = tmp_path / f"{name}-tree"
    for path, text in {"DEBIAN/control": CONTROL.format(name=name), **files}.items():
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_text(text)
    archive = tmp_path / f"{name}.deb"
    command = ["dpkg-deb", "-Znone", "-b", str(tree), str(archive)]
    subprocess.run(command, check=True, capture_output=True)
    return archive


CONTROL = "Package: {name}\nVersion: 1\nArchitecture: all\nMaintainer: x <x@x>\nDescription: x\n"
EXTENSIONS = "usr/share/postgresql/15/extension"


@needs_dpkg
def test_packages_unpack_into_one_tree_with_the_links_of_alternatives(tmp_path: Path) -> None:
    archives = [
        make_archive(tmp_path, "server", {"usr/lib/postgresql/15/bin/initdb": "#!/bin/sh\n"}),
        make_archive(tmp_path, "gis", {f"{EXTENSIONS}/postgis-3.control": "gis"}),
        make_archive(tmp_path, "routing", {f"{EXTENSIONS}/pgrouting.control": "routing"}),
        make_archive(tmp_path, "blas", {"usr/lib/x86_64-linux-gnu/blas/libblas.so.3": ""}),
        make_archive(tmp_path, "dbus", {"lib/x86_64-linux-gnu/libdbus-1.so.3": ""}),
    ]
    target = tmp_path / "pgdist"
    debian.unpack(archives, target)
    assert not postgres.is_complete(target)
    debian.finish_alternatives(target)
    assert postgres.is_complete(target)
    assert (target / EXTENSIONS / "postgis.control").read_text() == "gis"
    base = target / "usr/lib/x86_64-linux-gnu"
    assert debian.library_path(target) == f"{base}:{base / 'blas'}:{target}/lib/x86_64-linux-gnu"


@needs_dpkg
def test_a_broken_archive_is_an_error_that_names_it(tmp_path: Path) -> None:
    broken = tmp_path / "broken.deb"
    broken.write_text("nothing")
    with pytest.raises(LauncherError, match=r"broken\.deb"):
        debian.unpack([broken], tmp_path / "target")


def test_steps_run_side_by_side_in_the_order_of_their_needs() -> None:
    meeting, order = threading.Barrier(2, timeout=5), []

    def meet() -> str:
        meeting.wait()
        order.append("pair")
        return ""

    def last() -> str:
        order.append("last")
        return "note"

    run_steps(
        [Step("c", "C", last, ("a", "b")), Step("a", "A", meet), Step("b", "B", meet)],
    )
    assert order == ["pair", "pair", "last"]


def test_a_failed_step_keeps_later_ones_from_starting() -> None:
    ran: list[str] = []

    def fail() -> str:
        raise LauncherError("no luck", "try again")

    def later() -> str:
        ran.append("later")
        return ""

    with pytest.raises(LauncherError, match="no luck"):
        run_steps([Step("a", "A", fail), Step("b", "B", later, ("a",))])
    assert ran == []


def test_a_failed_command_leaves_its_output_in_the_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with pytest.raises(LauncherError, match="mã 3") as caught:
        run_logged(["sh", "-c", "echo spoken; exit 3"], log, "Việc")
    assert caught.value.log == log
    assert "spoken" in log.read_text()


def test_var_moves_out_of_a_closed_home_with_what_it_held(tmp_path: Path) -> None:
    link, target = tmp_path / "closed/var", tmp_path / "open/sen-1"
    (link / "log").mkdir(parents=True)
    (link / "log" / "web.log").write_text("kept")
    move_out(link, target)
    assert link.is_symlink()
    assert (link / "log/web.log").read_text() == "kept"
    assert (target / "log/web.log").read_text() == "kept"
    move_out(link, target)
    assert link.resolve() == target


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has a service account")
def test_as_root_in_a_closed_home_var_lies_where_the_service_account_reaches_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SEN_VAR", raising=False)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    outside = Path("/var/lib/sen-test-of-launcher")
    monkeypatch.setattr(house_module, "outside_home", lambda _root: outside)
    try:
        opened = open_house(closed)
        assert opened.var == outside
        account = house_module.service_account()
        assert account is not None
        assert house_module.can_enter(opened.var, account)
        assert not house_module.can_enter(closed, account)
    finally:
        shutil.rmtree(outside)


def test_a_server_left_over_on_the_cluster_is_stopped(tmp_path: Path) -> None:
    data = tmp_path / "pg"
    data.mkdir()
    assert not postgres.end_stray_server(data)
    program = "import signal, sys; signal.signal(signal.SIGINT, lambda *_: sys.exit(0)); print(1)"
    command = [sys.executable, "-u", "-c", f"{program}; signal.pause()", "-D", str(data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as stray:
        assert stray.stdout is not None
        stray.stdout.readline()
        (data / "postmaster.pid").write_text(f"{stray.pid}\n{data}\n")
        reaper = threading.Thread(target=stray.wait)
        reaper.start()
        assert postgres.end_stray_server(data)
        reaper.join(5)
        assert stray.returncode == 0


def test_a_process_that_is_no_server_of_the_cluster_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "postmaster.pid").write_text(f"{os.getpid()}\n")
    assert not postgres.end_stray_server(tmp_path)


def test_one_set_up_at_a_time(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    entered, order = threading.Event(), []

    def second() -> None:
        entered.wait(5)
        with only_one(house):
            order.append("second")

    thread = threading.Thread(target=second)
    thread.start()
    with only_one(house):
        entered.set()
        thread.join(0.3)
        order.append("first")
    thread.join(5)
    assert order == ["first", "second"]
    assert "xin chờ" in capsys.readouterr().out
