"""Whose value wins, and what is made where nobody decided."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from sen.project.launcher.environment import (
    Environment,
    allowed_hosts,
    given,
    parse_env,
    present,
    reachable,
    read_env_file,
    resolve,
)
from sen.project.launcher.errors import LauncherError
from sen.project.launcher.house import House
from sen.project.launcher.ports import Ports, is_free


def decide(house: House, **environ: str) -> Environment:
    return resolve(house, environ, Ports(house.run / "ports.json"))


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    taken = socket.create_server(("127.0.0.1", 0))
    yield taken
    taken.close()


def test_env_file_knows_comments_quotes_and_export() -> None:
    text = "# a\n\nSEN_PORT=8100 # why\nexport SEN_HOST='0.0.0.0'\nSEN_KEY=\"a b\"\nEMPTY=\n"
    assert parse_env(text) == {
        "SEN_PORT": "8100",
        "SEN_HOST": "0.0.0.0",
        "SEN_KEY": "a b",
        "EMPTY": "",
    }


@pytest.mark.parametrize("line", ["SEN_PORT 8100", "A B=1", "A=x y", "A='open"])
def test_env_file_names_the_line_that_it_does_not_understand(line: str) -> None:
    with pytest.raises(LauncherError, match="dòng 2"):
        parse_env(f"OK=1\n{line}\n")


def test_environment_wins_over_env_file_and_env_file_over_generated(house: House) -> None:
    (house.root / ".env").write_text("SEN_SECRET_KEY=from-file\nNATS_URL=nats://there:4222\n")
    first = decide(house)
    assert first.values["SEN_SECRET_KEY"] == "from-file"
    assert not first.private_nats
    second = decide(house, SEN_SECRET_KEY="from-environment", NATS_URL="nats://elsewhere:4222")
    assert second.values["SEN_SECRET_KEY"] == "from-environment"
    assert second.values["NATS_URL"] == "nats://elsewhere:4222"


def test_foreign_database_means_no_private_one_and_no_demonstration(house: House) -> None:
    url = "postgres://app:pw@db.example:5432/sen"
    decided = decide(house, DATABASE_URL=url)
    assert not decided.private_postgres
    assert decided.values["DATABASE_OWNER_URL"] == url
    assert decided.values["SEN_DEMO"] == "0"
    assert "DATABASE_SUPERUSER_URL" not in decided.values


def test_our_own_addresses_sourced_from_var_env_decide_nothing(house: House) -> None:
    decide(house)
    sourced = read_env_file(house.var / "env")
    again = decide(house, **sourced)
    assert again.private_postgres
    assert again.private_nats


def test_secrets_are_random_kept_and_private(house: House) -> None:
    first, second = decide(house), decide(house)
    assert first.values["SEN_SECRET_KEY"] == second.values["SEN_SECRET_KEY"]
    assert len(first.values["SEN_SECRET_KEY"]) >= 48
    assert first.values["DATABASE_URL"] != first.values["DATABASE_OWNER_URL"]
    private = [house.var / "env", *house.secrets.iterdir()]
    assert len(private) > 4
    assert {path.stat().st_mode & 0o777 for path in private} == {0o600}


def test_a_taken_port_is_passed_over_and_the_choice_remembered(
    house: House, listener: socket.socket, capsys: pytest.CaptureFixture[str]
) -> None:
    taken = listener.getsockname()[1]
    decided = decide(house, SEN_PORT=str(taken))
    chosen = int(decided.values["SEN_PORT"])
    assert taken < chosen < taken + 200
    assert f"Cổng {taken}" in capsys.readouterr().out
    assert decided.address == f"http://127.0.0.1:{chosen}/"
    assert decide(house).values["SEN_PORT"] == str(chosen)


@pytest.mark.parametrize(
    ("given_hosts", "host", "expected"),
    [
        ("", "127.0.0.1", "localhost,[::1],127.0.0.1"),
        ("", "10.1.2.3", "localhost,[::1],127.0.0.1,10.1.2.3"),
        ("sen.example.vn", "0.0.0.0", "sen.example.vn,127.0.0.1"),
    ],
)
def test_health_checks_are_always_allowed(given_hosts: str, host: str, expected: str) -> None:
    assert allowed_hosts(given_hosts, host) == expected


def test_an_address_is_one_that_a_browser_can_open(house: House) -> None:
    decided = decide(house, SEN_HOST="0.0.0.0")
    assert decided.address.startswith("http://127.0.0.1:")
    assert decided.values["SEN_LIVE_URL"].startswith("http://127.0.0.1:")
    assert reachable("::1") == "[::1]"


def test_no_two_processes_get_the_same_port(house: House) -> None:
    decided = decide(house, SEN_PORT="18437", SEN_LIVE_PORT="18437")
    assert decided.values["SEN_PORT"] != decided.values["SEN_LIVE_PORT"]


@pytest.mark.parametrize("text", ["0", "70000", "http"])
def test_a_port_that_is_none_is_an_error_that_says_so(house: House, text: str) -> None:
    with pytest.raises(LauncherError, match="SEN_PORT"):
        decide(house, SEN_PORT=text)


def test_is_free_sees_a_listener_on_all_addresses() -> None:
    with socket.create_server(("0.0.0.0", 0)) as everywhere:
        assert not is_free("127.0.0.1", everywhere.getsockname()[1])


def test_commands_beside_the_platform_see_its_addresses(house: House) -> None:
    decided = decide(house)
    seen = present(house, {"PATH": "/bin"})
    assert seen["DATABASE_URL"] == decided.values["DATABASE_URL"]
    assert seen["PATH"] == "/bin"
    assert given(house, {"DATABASE_URL": "postgres://x@y/z"})["DATABASE_URL"].endswith("/z")


def test_the_example_file_is_understood() -> None:
    example = Path(__file__).resolve().parents[5] / ".env.example"
    uncommented = [
        line.removeprefix("# ")
        for line in example.read_text(encoding="utf-8").splitlines()
        if "=" in line and line.removeprefix("# ").partition("=")[0].isupper()
    ]
    names = set(parse_env("\n".join(uncommented)))
    assert {"DATABASE_URL", "NATS_URL", "SEN_PORT", "SEN_SECRET_KEY", "SEN_DEMO"} <= names
