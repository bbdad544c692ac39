"""Mosquitto in front of the broker, for devices that speak MQTT 5: its files of who may what.

Mosquitto asks nobody: it reads a file of passwords and a file of rights. The doors write both from
the directory of devices whenever something changed and have them read again by SIGHUP, at which
Mosquitto also ends the connections of keys that are no longer in the file.

Source:
    mosquitto.conf(5), ``password_file``, ``acl_file``; mosquitto_passwd(1).
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import signal
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any, Final, NamedTuple

from django.db import DatabaseError, connection
from django.db.models import Q
from django.utils import timezone

from sen.domains.telemetry.choices import DeviceState
from sen.domains.telemetry.ingest.callout import names_of
from sen.domains.telemetry.models import Device
from sen.kernel.access.context import as_system
from sen.kernel.access.models import DeviceCredential

logger = logging.getLogger(__name__)

EVERY_S: Final = 5.0
PASSWORDS: Final = "passwords"
RIGHTS: Final = "rights"
PID: Final = "pid"


class Entry(NamedTuple):
    """A key with the device that it opens the door for."""

    key_id: str
    word: str
    device: int
    code: str


class Mosquitto:
    """Keeps the files of one folder right for ever; one per process."""

    def __init__(self, folder: Path, thread: Callable[..., Awaitable[Any]]) -> None:
        self.folder = folder
        self._thread = thread
        self._written = b""

    async def run(self) -> None:
        while True:
            try:
                await self._thread(self.renew)
            except (DatabaseError, OSError) as error:
                logger.warning("telemetry: rights of Mosquitto are not renewed: %r", error)
            await asyncio.sleep(EVERY_S)

    def renew(self) -> bool:
        """Write the files if anything changed and have them read; whether they were."""
        passwords, rights = texts(entries())
        seen = hashlib.sha256(f"{passwords}\0{rights}".encode()).digest()
        if seen == self._written:
            return False
        _write(self.folder / PASSWORDS, passwords)
        _write(self.folder / RIGHTS, rights)
        _tell(self.folder / PID)
        self._written = seen
        return True


def entries() -> list[Entry]:
    """The keys that are valid now, of devices that may send."""
    now = timezone.now()
    sending = (DeviceState.PROVISIONED.value, DeviceState.ACTIVE.value)
    try:
        with as_system("the broker in front learns which keys hold"):
            devices = {
                account: (pk, code)
                for account, pk, code in Device.objects.filter(state__in=sending).values_list(
                    "account_id", "pk", "code"
                )
            }
            rows = DeviceCredential.objects.filter(
                Q(expires_at=None) | Q(expires_at__gt=now),
                revoked_at=None,
                device__is_active=True,
            ).exclude(broker_hash="")
            found = rows.order_by("key_id").values_list("key_id", "broker_hash", "device_id")
            return [Entry(k, w, *devices[a]) for k, w, a in found if a in devices]
    except DatabaseError:
        connection.close()
        raise


def texts(known: Iterable[Entry]) -> tuple[str, str]:
    """The file of passwords and the file of rights."""
    passwords, rights = [], []
    for entry in known:
        passwords.append(f"{entry.key_id}:{entry.word}")
        rights.append(f"user {entry.key_id}")
        for name in names_of(entry.device, entry.code):
            below = f"sen/v1/{name}"
            rights += [f"topic write {below}/{end}" for end in ("obs", "obs/#", "raw")]
            rights.append(f"topic read {below}/commands/#")
    return "".join(f"{line}\n" for line in passwords), "".join(f"{line}\n" for line in rights)


def _write(path: Path, text: str) -> None:
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    part.touch(0o600)
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def _tell(pid_file: Path) -> None:
    """Have the files read again by the process that wrote its number, if it is Mosquitto."""
    try:
        pid = int(pid_file.read_text(encoding="ascii"))
        name = Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return  # it does not run; it reads the files when it starts
    if name == "mosquitto":
        os.kill(pid, signal.SIGHUP)
