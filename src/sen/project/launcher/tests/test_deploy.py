"""The configuration of a server: complete, private where it must be, accepted by its tools."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from sen.project.launcher.deploy import PASSWORDS, REREAD, deploy
from sen.project.launcher.errors import LauncherError
from sen.project.launcher.house import CHECKOUT, House
from sen.project.launcher.mosquitto import program

DOMAIN = "giaothong.example.vn"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    house = House(CHECKOUT, tmp_path / "var")
    assert deploy(house, DOMAIN, tmp_path / "out") == 0
    return tmp_path / "out"


def test_nothing_is_left_to_fill_in(target: Path) -> None:
    files = [path for path in target.rglob("*") if path.is_file()]
    assert len(files) > 12
    for path in files:
        assert not re.search(r"@@\w+@@", path.read_text(encoding="utf-8")), path


def test_passwords_are_different_and_in_private_files_alone(target: Path) -> None:
    found = {
        name: re.findall(rf"{name} LOGIN[A-Z_a-z ]* PASSWORD '([^']+)'", text)[0]
        for text in [(target / "postgresql/roles.sql").read_text()]
        for name in PASSWORDS
        if name != "nats"
    }
    assert len(set(found.values())) == len(PASSWORDS) - 1
    for path in target.rglob("*"):
        if path.is_file() and any(value in path.read_text() for value in found.values()):
            assert path.stat().st_mode & 0o777 == 0o600, path
    shared = (target / "env/sen.env").read_text()
    assert found["sen_app"] in shared
    assert found["sen_owner"] not in shared
    assert found["sen_super"] not in shared


def test_only_the_preparing_unit_reads_the_owner_file(target: Path) -> None:
    readers = [p.name for p in target.glob("systemd/*.service") if "owner.env" in p.read_text()]
    assert readers == ["sen-prepare.service"]


def test_streams_are_not_buffered_and_figures_stay_inside(target: Path) -> None:
    text = (target / "nginx/sen.conf").read_text()
    live = text[text.index("location = /live/stream") :]
    assert "proxy_buffering off;" in live[: live.index("}")]
    assert "listen 443 ssl http2;" in text
    for name in ("/metrics", "/live/metrics"):
        figures = text[text.index(f"location = {name}") :]
        assert "return 404;" in figures[: figures.index("}")]


def test_an_earlier_set_is_not_overwritten(target: Path) -> None:
    with pytest.raises(LauncherError, match="không trống"):
        deploy(House(CHECKOUT, target.parent), DOMAIN, target)


@pytest.mark.parametrize("domain", ["", "a b.vn", "localhost", "x;y.vn", "$(id).vn"])
def test_a_bad_domain_is_refused(house: House, domain: str) -> None:
    with pytest.raises(LauncherError, match="không phải tên miền"):
        deploy(house, domain, house.var / "out")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here")
def test_systemd_accepts_the_units_and_finds_them_hardened(target: Path) -> None:
    units = sorted((target / "systemd").glob("*.service"))
    assert len(units) >= 6
    for unit in units:  # the server's Mosquitto need not be on this machine
        there = unit.read_text().replace("/usr/sbin/mosquitto", shutil.which("true") or "")
        unit.write_text(there)
    verify = subprocess.run(
        [
            *("systemd-analyze", "verify", *map(str, units)),
            *(str(target / "systemd" / name) for name in ("sen.target", REREAD[0])),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (verify.returncode, verify.stderr) == (0, "")
    for unit in units:
        judged = subprocess.run(
            ["systemd-analyze", "security", "--offline=true", "--threshold=20", str(unit)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert judged.returncode == 0, judged.stdout[-400:]


@pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not here")
def test_nginx_accepts_the_site(target: Path, tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        f"openssl req -x509 -newkey rsa:2048 -nodes -subj /CN={DOMAIN}"
        f" -keyout {key} -out {certificate}".split(),
        check=True,
        capture_output=True,
    )
    site = (target / "nginx/sen.conf").read_text()
    site = re.sub(r"/etc/letsencrypt\S+fullchain\.pem", str(certificate), site)
    site = re.sub(r"/etc/letsencrypt\S+privkey\.pem", str(key), site)
    site = re.sub(r"listen (\[::\]:)?(80|443)", r"listen \g<1>28\2", site)  # no root needed
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "\n".join(f"{kind}_temp_path {tmp_path}/{kind};" for kind in kinds)
    whole = tmp_path / "nginx.conf"
    whole.write_text(
        f"pid {tmp_path}/nginx.pid;\nerror_log stderr;\nevents {{}}\nhttp {{\n"
        f"access_log off;\n{places}\n{site}\n}}\n"
    )
    command = ["nginx", "-t", "-q", "-p", str(tmp_path), "-c", str(whole)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


@pytest.mark.skipif(not (CHECKOUT / ".venv/bin/nats-server").exists(), reason="no nats-server")
def test_nats_accepts_its_configuration(target: Path) -> None:
    command = [str(CHECKOUT / ".venv/bin/nats-server"), "-t", "-c", str(target / "nats/nats.conf")]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


@pytest.mark.skipif(not program(House(CHECKOUT, CHECKOUT / "var"))[0], reason="no mosquitto")
def test_mosquitto_accepts_its_configuration_and_nats_its_word(
    target: Path, tmp_path: Path
) -> None:
    text = (target / "mosquitto.conf").read_text()
    word = re.findall(r"^remote_password (\S+)$", text, re.MULTILINE)
    assert word == re.findall(
        r'user: mosquitto, password: "(\S+)"', (target / "nats/nats.conf").read_text()
    )
    (tmp_path / "passwords").touch()
    (tmp_path / "rights").touch()
    here = text.replace("/var/lib/sen/mosquitto", str(tmp_path)).replace(
        "listener 1884", "listener 0"
    )
    config = tmp_path / "mosquitto.conf"
    config.write_text(f"user root\n{here}" if os.geteuid() == 0 else here)
    argv, libraries = program(House(CHECKOUT, CHECKOUT / "var"))
    server = subprocess.Popen(
        [argv, "-c", str(config), "-v"],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "LD_LIBRARY_PATH": libraries},
    )
    try:
        assert server.stderr is not None
        said = ""
        for line in server.stderr:
            said += line
            if "running" in line or "rror" in line:
                break
        assert "running" in said, said
    finally:
        server.kill()
        server.wait(10)
