"""The environment of the processes: what the caller set wins, then ``.env``, then our own."""

from __future__ import annotations

import os
import secrets
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from sen.project.launcher.errors import LauncherError
from sen.project.launcher.house import House, write_private
from sen.project.launcher.ports import Ports

ROLES = ("sen_super", "sen_owner", "sen_app", "sen_readonly", "sen_backup")
DATABASE = "sen"
ANY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104  (compared only)
SERVER_VARIABLES = ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_SUPERUSER_URL", "NATS_URL")


def parse_env(text: str, where: str = ".env") -> dict[str, str]:
    """``NAME=value`` lines with shell quoting; comments and ``export`` are allowed.

    Raises:
        LauncherError: A line that is none of these.
    """
    values: dict[str, str] = {}
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip().removeprefix("export ").strip()
        if not line or line.startswith("#"):
            continue
        name, equals, rest = line.partition("=")
        try:
            words = shlex.split(rest, comments=True)
        except ValueError:
            words = ["", ""]
        if not equals or not name.strip().isidentifier() or len(words) > 1:
            raise LauncherError(
                f"{where}, dòng {number}: không hiểu “{raw.strip()}”",
                'Mỗi dòng viết TÊN=giá_trị; giá trị có dấu cách đặt trong "…".',
            )
        values[name.strip()] = words[0] if words else ""
    return values


def read_env_file(path: Path) -> dict[str, str]:
    """The values of a file, none when it does not exist."""
    try:
        return parse_env(path.read_text(encoding="utf-8"), str(path))
    except FileNotFoundError:
        return {}


def secret(house: House, name: str) -> str:
    """A random secret, made once and kept in ``var/secrets``."""
    path = house.secrets / name
    if not path.is_file():
        write_private(path, secrets.token_urlsafe(36))
    return path.read_text(encoding="utf-8").strip()


def database_url(house: House, role: str, port: int, database: str = DATABASE) -> str:
    """Address of the private PostgreSQL for a role."""
    return f"postgres://{role}:{quote(secret(house, role))}@127.0.0.1:{port}/{database}"


@dataclass(frozen=True)
class Environment:
    """All variables, and which servers are ours to run."""

    values: dict[str, str]
    private_postgres: bool
    private_nats: bool
    postgres_port: int
    nats_port: int

    @property
    def address(self) -> str:
        return f"http://{reachable(self.values['SEN_HOST'])}:{self.values['SEN_PORT']}/"


def given(house: House, environ: Mapping[str, str]) -> dict[str, str]:
    """What the caller decided: the process environment over ``.env``.

    Addresses that only repeat what we wrote ourselves (after ``. var/env``) decide nothing.

    Raises:
        LauncherError: A port is none, or ``.env`` is not understood.
    """
    own = read_env_file(house.var / "env")
    values = {**read_env_file(house.root / ".env"), **environ}
    for name in (*SERVER_VARIABLES, "SEN_LIVE_URL"):
        if name in values and (not values[name] or values[name] == own.get(name)):
            del values[name]
    for name in ("SEN_PORT", "SEN_LIVE_PORT", "SEN_INGEST_PORT", "SEN_MQTT_PORT", "SEN_MQTT5_PORT"):
        port_of(values, name)
    return values


def port_of(values: Mapping[str, str], name: str) -> int | None:
    """A port number that the caller set.

    Raises:
        LauncherError: It is not a port.
    """
    text = values.get(name, "")
    if not text:
        return None
    if not text.isdigit() or not 0 < int(text) < 65_536:
        raise LauncherError(f"{name}={text}: không phải số cổng", f"Đặt {name} từ 1 đến 65535.")
    return int(text)


def resolve(house: House, environ: Mapping[str, str], ports: Ports) -> Environment:
    """Decide every variable for a start; writes ``var/env``."""
    values = given(house, environ)
    private_postgres = "DATABASE_URL" not in values
    private_nats = "NATS_URL" not in values
    host = values.setdefault("SEN_HOST", "127.0.0.1")
    web = ports.choose("web", 8000, host=host, wanted=port_of(values, "SEN_PORT"))
    live = ports.choose("live", 8001, host=host, wanted=port_of(values, "SEN_LIVE_PORT"))
    values["SEN_PORT"], values["SEN_LIVE_PORT"] = str(web), str(live)
    door = ports.choose("ingest", 8002, host=host, wanted=port_of(values, "SEN_INGEST_PORT"))
    values["SEN_INGEST_PORT"] = str(door)
    if private_nats:
        mqtt = ports.choose("mqtt", 1883, host=host, wanted=port_of(values, "SEN_MQTT_PORT"))
        values["SEN_MQTT_PORT"] = str(mqtt)
        front = ports.choose("mqtt5", 1884, host=host, wanted=port_of(values, "SEN_MQTT5_PORT"))
        values["SEN_MQTT5_PORT"] = str(front)
    values.setdefault("SEN_LIVE_URL", f"http://{reachable(host)}:{live}")
    values["SEN_ALLOWED_HOSTS"] = allowed_hosts(values.get("SEN_ALLOWED_HOSTS", ""), host)
    values.setdefault("SEN_SECRET_KEY", secret(house, "django"))
    values["SEN_VAR"] = str(house.var)
    postgres_port = nats_port = 0
    if private_postgres:
        postgres_port = ports.choose("postgres", 54_320, host="127.0.0.1")
        values["DATABASE_URL"] = database_url(house, "sen_app", postgres_port)
        values["DATABASE_OWNER_URL"] = database_url(house, "sen_owner", postgres_port)
        superuser = database_url(house, "sen_super", postgres_port, "postgres")
        values["DATABASE_SUPERUSER_URL"] = superuser
    else:
        values.setdefault("DATABASE_OWNER_URL", values["DATABASE_URL"])
    if private_nats:
        nats_port = ports.choose("nats", 4222, host="127.0.0.1")
        values["NATS_URL"] = f"nats://sen:{quote(secret(house, 'nats'))}@127.0.0.1:{nats_port}"
    values.setdefault("SEN_DEMO", "1" if private_postgres else "0")
    ports.remember()
    write_env(house, values)
    return Environment(values, private_postgres, private_nats, postgres_port, nats_port)


def reachable(host: str) -> str:
    """The host as a browser on this machine writes it."""
    shown = "127.0.0.1" if host in ANY_ADDRESS else host
    return f"[{shown}]" if ":" in shown else shown


def allowed_hosts(given_hosts: str, host: str) -> str:
    """The names that pages answer to: as given, and always this machine itself (health checks)."""
    names = [name for name in given_hosts.split(",") if name] or ["localhost", "[::1]"]
    own = [] if host in ANY_ADDRESS else [f"[{host}]" if ":" in host else host]
    return ",".join(dict.fromkeys([*names, "127.0.0.1", *own]))


def write_env(house: House, values: Mapping[str, str]) -> None:
    """``var/env``: what to source for working by hand against the running platform."""
    kept = [n for n in sorted(values) if n.startswith("SEN_") or n in SERVER_VARIABLES]
    lines = [f"{name}={shlex.quote(values[name])}" for name in kept]
    write_private(house.var / "env", "\n".join(lines) + "\n")


def present(house: House, environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables for a command beside the (perhaps running) platform."""
    environ = os.environ if environ is None else environ
    values = {**read_env_file(house.var / "env"), **given(house, environ)}
    values.setdefault("SEN_SECRET_KEY", secret(house, "django"))
    return values
