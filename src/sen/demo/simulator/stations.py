"""The stations of the loaded demonstration, with the keys of their devices."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from sen.demo.load.telemetry import instrumented
from sen.demo.simulator.events import Event, ScriptError
from sen.demo.simulator.playing import Channel, Station
from sen.domains.telemetry import api as telemetry
from sen.kernel.access.accounts.devices import PREFIX, rotate_device_credential
from sen.kernel.access.context import as_system
from sen.kernel.access.models import DeviceCredential

#: Bridges that are watched closely send every ten seconds, everything else every minute.
CLOSE_S: Final = 10.0
OTHERS_S: Final = 60.0
_SENDING: Final = ("PROVISIONED", "ACTIVE")
_REASON: Final = "mô phỏng trạm quan trắc của tỉnh minh họa"

#: Name and password at the MQTT door, by device.
Keys = dict[str, tuple[str, str]]


class NoDemoError(RuntimeError):
    """The demonstration, or its stations, are not there."""


def folder() -> Path:
    """Where keys lie and runs are noted; for this account alone."""
    path = Path(settings.SEN_VAR) / "simulator"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def find_stations(*, seed: int, step_s: float | None) -> list[Station]:
    """The demonstration's stations whose devices may send, as the database has them.

    Raises:
        NoDemoError: there is none.
    """
    with as_system(_REASON) as actor:
        devices = telemetry.Device.objects.visible_to(actor).filter(
            is_demo=True, state__in=_SENDING
        )
        sending = dict(devices.values_list("code", "id"))
        streams = telemetry.Datastream.objects.visible_to(actor).filter(is_demo=True)
        known = set(streams.values_list("code", flat=True))
        sites = instrumented(actor, step_s=CLOSE_S, seed=seed) if sending else []
    found = []
    closest = min((line.step_s for site in sites for line in site.lines), default=0)
    for site in sites:
        code = site.station.code
        channels = tuple(
            Channel(line.stream.code, line.stream.code.removeprefix(f"{code}-"), line.model)
            for line in site.lines
            if line.stream.code in known
        )
        if site.station.device not in sending or not channels:
            continue
        own_s = CLOSE_S if site.lines[0].step_s == closest else OTHERS_S
        device = site.station.device
        found.append(
            Station(
                code=code,
                name=site.station.name,
                device=device,
                number=sending[device],
                channels=channels,
                step_s=step_s or own_s,
                span=site.span,
            )
        )
    if not found:
        raise NoDemoError(
            "Không có trạm quan trắc minh họa nào. Hãy nạp tỉnh minh họa: ./sen demo load."
        )
    return found


def choose(stations: Sequence[Station], codes: Sequence[str]) -> list[Station]:
    """The stations of these codes, all of them without any.

    Raises:
        ScriptError: a code is not known.
    """
    known = {station.code for station in stations}
    if unknown := [code for code in codes if code not in known]:
        raise ScriptError(
            f"Không có trạm {', '.join(unknown)}. Xem danh sách: ./sen simulate --list."
        )
    return [station for station in stations if not codes or station.code in codes]


def stage(stations: Sequence[Station], events: Sequence[Event], *, begin_s: float) -> None:
    """Give each event to its station, the first that has what it needs where none is named.

    Raises:
        ScriptError: the station is not known or does not measure what the event changes.
    """
    for event in events:
        needs = event.kind.needs
        fitting = [s for s in stations if not needs or any(c.tail == needs for c in s.channels)]
        chosen = next((s for s in fitting if event.station in ("", s.code)), None)
        if chosen is None:
            some = ", ".join(station.code for station in fitting[:8])
            raise ScriptError(
                f"Kịch bản “{event.kind.name}” không phát được tại trạm “{event.station}”:"
                f" không có trạm này hoặc trạm không đo đại lượng cần. Các trạm phù hợp: {some}."
            )
        chosen.events.append(replace(event, station=chosen.code, begin_s=begin_s + event.after_s))


def bring_keys(stations: Sequence[Station]) -> Keys:
    """Keys of these stations' devices: kept ones that still hold, new ones for the others."""
    path = folder() / "keys.json"
    kept = _read(path)
    wanted = [station.device for station in stations]
    now = timezone.now()
    with as_system(_REASON) as actor:
        valid = set(
            DeviceCredential.objects.filter(
                Q(expires_at=None) | Q(expires_at__gt=now),
                key_id__in=[name for name, _password in kept.values()],
                revoked_at=None,
            ).values_list("key_id", flat=True)
        )
        missing = [code for code in wanted if kept.get(code, ("", ""))[0] not in valid]
        devices = telemetry.Device.objects.visible_to(actor).filter(code__in=missing)
        for device in devices.select_related("account").order_by("code"):
            if device.account is not None:
                _row, text = rotate_device_credential(actor=actor, device=device.account)
                name, _dot, password = text.removeprefix(PREFIX).partition(".")
                kept[device.code] = (name, password)
    if missing:
        _write(path, kept)
    return {code: kept[code] for code in wanted if code in kept}


def _read(path: Path) -> Keys:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {str(code): (str(name), str(word)) for code, (name, word) in found.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _write(path: Path, keys: Keys) -> None:
    """As a whole: whoever reads meanwhile sees the old keys or the new ones."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)  # made with mode 600
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(keys, file, indent=1)
    Path(name).replace(path)
