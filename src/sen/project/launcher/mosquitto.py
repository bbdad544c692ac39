"""Mosquitto, Debian's broker, in front of NATS for devices that speak MQTT 5.

It is optional: used where it is installed or was unpacked under ``var`` (``./sen
bring-mosquitto``); where it is missing, ``./sen up`` and ``./sen doctor`` say so.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from sen.project.launcher import debian
from sen.project.launcher.environment import Environment, reachable, secret
from sen.project.launcher.errors import LauncherError
from sen.project.launcher.house import House, write_private
from sen.project.launcher.nats import words_of

PACKAGE: Final = "mosquitto"
#: Programs of the system stand beside the path of plain users.
PLACES: Final = "/usr/sbin:/usr/local/sbin"
CONFIG: Final = """\
# Written by ./sen; the doors write the files of passwords and rights.
{user}listener {port} {host}
allow_anonymous false
# Nobody takes over the session of another by its client id.
use_username_as_clientid true
password_file {folder}/passwords
acl_file {folder}/rights
pid_file {folder}/pid
persistence true
persistence_location {folder}/
autosave_interval 5
max_queued_messages 100000
message_size_limit 1000000
log_dest stderr
log_type error
log_type warning
connection sen
address {nats_host}:{mqtt_port}
bridge_protocol_version mqttv311
remote_clientid sen-mosquitto
remote_username mosquitto
remote_password {word}
cleansession false
notifications false
try_private false
restart_timeout 1 10
keepalive_interval 20
topic sen/v1/+/obs out 1
topic sen/v1/+/obs/# out 1
topic sen/v1/+/raw out 1
topic sen/v1/+/commands/# in 1
"""


def tree_of(house: House) -> Path:
    return house.var / "mosquitto-tree"


def folder_of(house: House) -> Path:
    """Where its configuration, files of rights and waiting messages lie."""
    return house.var / "mosquitto"


def program(house: House) -> tuple[str, str]:
    """The program and the libraries that it needs beside the system's; empty without one."""
    path = f"{os.environ.get('PATH', '')}:{PLACES}"
    if found := shutil.which("mosquitto", path=path):
        return found, ""
    ready = tree_of(house) / "ready"
    if not ready.exists():
        return "", ""
    return str(tree_of(house) / "usr/sbin/mosquitto"), ready.read_text(encoding="utf-8").strip()


def bring_mosquitto(house: House) -> str:
    """Fetch and unpack it where the machine has none; returns the program.

    Raises:
        LauncherError: it could not be fetched, or does not start.
    """
    if found := program(house)[0]:
        return found
    tree, log = tree_of(house), house.logs / "setup-mosquitto.log"
    apt = debian.PrivateApt(house.var / "apt-mosquitto", log)
    shutil.rmtree(tree, ignore_errors=True)
    debian.unpack(apt.fetch([PACKAGE], always=[PACKAGE]), tree)
    apt.clear()
    libraries = debian.library_path(tree)
    command = [str(tree / "usr/sbin/mosquitto"), "-h"]
    env = {**os.environ, "LD_LIBRARY_PATH": libraries}
    tried = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if "mosquitto version" not in tried.stdout:
        mend = f"Hãy chạy: sudo apt-get install -y {PACKAGE}"
        raise LauncherError("Không chạy được mosquitto giải nén từ gói Debian", mend, log)
    (tree / "ready").write_text(libraries, encoding="utf-8")
    return command[0]


def write_config(house: House, environment: Environment) -> None:
    """Write ``var/mosquitto/mosquitto.conf`` and make the files that it reads."""
    folder = folder_of(house)
    folder.mkdir(mode=0o700, exist_ok=True)
    for name in ("passwords", "rights"):
        if not (folder / name).exists():
            write_private(folder / name, "")
    values = environment.values
    text = config(
        # Started by root it would become a user who may not read these files.
        user="user root\n" if os.geteuid() == 0 else "",
        host=values["SEN_HOST"],
        port=values["SEN_MQTT5_PORT"],
        folder=folder,
        mqtt_port=values["SEN_MQTT_PORT"],
        word=words_of(house.python, secret(house, "nats")).bridge,
    )
    write_private(folder / "mosquitto.conf", text)


def config(*, host: str, port: str, folder: Path, mqtt_port: str, word: str, user: str = "") -> str:
    """The configuration; ``word`` opens the door of NATS at ``mqtt_port``."""
    return CONFIG.format(
        user=user,
        host=host,
        port=port,
        folder=folder,
        nats_host=reachable(host),
        mqtt_port=mqtt_port,
        word=word,
    )
