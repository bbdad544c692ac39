"""``./sen deploy``: configuration of one production server, filled in for this machine."""

from __future__ import annotations

import base64
import os
import re
import secrets
import shlex
from collections.abc import Mapping
from pathlib import Path

from sen.project.launcher import mosquitto
from sen.project.launcher.errors import LauncherError
from sen.project.launcher.house import House, write_private
from sen.project.launcher.nats import words_of
from sen.project.launcher.processes import Process, read_table, select
from sen.project.launcher.terminal import bold, say

PLACEHOLDER = re.compile(r"@@(\w+)@@")
DOMAIN = re.compile(r"(?!-)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+", re.IGNORECASE)
ETC, VAR = Path("/etc/sen"), Path("/var/lib/sen")
FILES = (
    "README.md",
    "nginx/sen.conf",
    "postgresql/sen.conf",
    "postgresql/pg_hba.conf",
)
PRIVATE_FILES = (
    "postgresql/roles.sql",
    "nats/nats.conf",
    "env/sen.env",
    "env/owner.env",
    "env/data-keys",
)
PASSWORDS = ("sen_super", "sen_owner", "sen_app", "sen_readonly", "sen_backup", "nats")
#: Watches the rights that the doors write, and has Mosquitto read them: they may not signal it.
REREAD = ("sen-mosquitto-rights.path", "sen-mosquitto-rights.service")
LOCAL_ONLY = "IPAddressDeny=any\nIPAddressAllow=localhost"


def fill(template: str, values: Mapping[str, str]) -> str:
    """The template with every ``@@name@@`` replaced.

    Raises:
        KeyError: A name that has no value.
    """
    return PLACEHOLDER.sub(lambda match: values[match[1]], template)


def memory_mib() -> int:
    """Memory of this machine."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20


def server_values(house: House, domain: str) -> dict[str, str]:
    """What the templates need to know."""
    memory = memory_mib()
    passwords = {name: secrets.token_urlsafe(24) for name in PASSWORDS}
    words = words_of(house.python, passwords["nats"])
    return {
        "domain": domain,
        "root": str(house.root),
        "etc": str(ETC),
        "var": str(VAR),
        "web_port": "8000",
        "live_port": "8001",
        "ingest_port": "8002",
        "mqtt_port": "1883",
        "mqtt5_port": "1884",
        "nats_port": "4222",
        "certificate": f"/etc/letsencrypt/live/{domain}/fullchain.pem",
        "certificate_key": f"/etc/letsencrypt/live/{domain}/privkey.pem",
        "memory_mib": str(memory),
        "shared_mib": str(max(memory // 4, 128)),
        "cache_mib": str(max(memory // 2, 256)),
        "secret_key": secrets.token_urlsafe(48),
        "data_key": base64.b64encode(secrets.token_bytes(32)).decode(),
        "index_key": base64.b64encode(secrets.token_bytes(32)).decode(),
        **passwords,
        "nats_issuer": words.issuer,
        "nats_system": words.system,
        "nats_bridge": words.bridge,
    }


def server_processes(house: House, values: Mapping[str, str]) -> list[Process]:
    """The processes that get a unit; the database is Debian's own service."""
    variables = {
        "python": str(house.python),
        "bin": str(house.venv / "bin"),
        "var": values["var"],
        "host": "127.0.0.1",
        "web_port": values["web_port"],
        "live_port": values["live_port"],
        "ingest_port": values["ingest_port"],
        "nats_config": f"{values['etc']}/nats.conf",
        "mosquitto": "/usr/sbin/mosquitto",
        "mosquitto_config": f"{values['etc']}/mosquitto.conf",
        "mosquitto_libraries": "",
        "mqtt5_port": values["mqtt5_port"],
        "nats_port": values["nats_port"],
        "prepared": "",
    }
    return select(read_table(), ["private-nats", "mosquitto"], variables)


def unit_name(process: Process) -> str:
    return f"sen-{process.name}.service"


def unit(process: Process, earlier: list[Process], template: str, values: Mapping[str, str]) -> str:
    """The systemd unit of one process."""
    restart = "Restart=always\nRestartSec=1" if not process.is_task else "RemainAfterExit=yes"
    needs_owner = bool(process.credentials)
    return fill(
        template,
        {
            **values,
            "title": process.title,
            "type": "oneshot" if process.is_task else "exec",
            "after": " ".join(unit_name(other) for other in earlier),
            "credentials": f"EnvironmentFile={ETC}/owner.env" if needs_owner else "",
            "command": shlex.join(process.argv),
            "restart": restart,
            "stop": process.stop,
            "grace": f"{process.grace_s + 5:.0f}",
            "network": LOCAL_ONLY if process.network == "local" else "",
        },
    )


def write_units(house: House, target: Path, values: Mapping[str, str]) -> list[str]:
    """Write one unit for each process and the target that holds them; their names."""
    templates = house.root / "deploy" / "systemd"
    template = (templates / "service.service").read_text(encoding="utf-8")
    processes = server_processes(house, values)
    names = [unit_name(process) for process in processes]
    for process in processes:
        earlier = [other for other in processes if other.order < process.order]
        text = unit(process, earlier, template, values)
        (target / unit_name(process)).write_text(text, encoding="utf-8")
    for name in REREAD:
        text = fill((templates / name).read_text(encoding="utf-8"), values)
        (target / name).write_text(text, encoding="utf-8")
    names.append(REREAD[0])
    top = (templates / "sen.target").read_text(encoding="utf-8")
    text = fill(top, {**values, "units": " ".join(names)})
    (target / "sen.target").write_text(text, encoding="utf-8")
    return [*names, "sen.target"]


def mosquitto_config(values: Mapping[str, str]) -> str:
    return mosquitto.config(
        host="127.0.0.1",
        port=values["mqtt5_port"],
        folder=Path(values["var"]) / "mosquitto",
        mqtt_port=values["mqtt_port"],
        word=values["nats_bridge"],
    )


def deploy(house: House, domain: str, out: Path | None) -> int:
    """Write everything into a directory that must not hold an earlier set.

    Raises:
        LauncherError: The domain is none, or the directory is not empty.
    """
    if not DOMAIN.fullmatch(domain):
        raise LauncherError(
            f"“{domain}” không phải tên miền", "Ví dụ: --domain sen.dongthap.gov.vn"
        )
    target = (out or house.var / "deploy").resolve()
    if target.is_dir() and any(target.iterdir()):
        raise LauncherError(
            f"Thư mục {target} không trống",
            "Mật khẩu trong đó có thể đang được dùng. Hãy chọn thư mục khác bằng --out.",
        )
    values = server_values(house, domain)
    for name in (*FILES, *PRIVATE_FILES):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        text = fill((house.root / "deploy" / name).read_text(encoding="utf-8"), values)
        if name in PRIVATE_FILES:
            write_private(target / name, text)
        else:
            (target / name).write_text(text, encoding="utf-8")
    write_private(target / "mosquitto.conf", mosquitto_config(values))
    (target / "systemd").mkdir()
    units = write_units(house, target / "systemd", values)
    say(f"Đã viết cấu hình máy chủ cho {bold(domain)} vào {target}")
    say(f"Dịch vụ: {', '.join(units)}")
    say(f"Làm tiếp theo {target / 'README.md'}")
    return 0
