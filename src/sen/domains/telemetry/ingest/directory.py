"""Who may write what: devices with their streams, known for some seconds.

A key that was revoked, a device that was quarantined, a stream that was paused: all of it holds
at the door when what is remembered is so old.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sen.domains.telemetry.choices import DeviceState, ResultKind
from sen.domains.telemetry.models import Datastream, Device
from sen.domains.telemetry.results import ResultSchema, result_schemas
from sen.kernel.access.accounts.devices import authenticate_device, check_device
from sen.kernel.access.context import as_system

KNOWN_S: Final = 5.0
MOST: Final = 50_000
_FIELDS: Final = (
    "id", "code", "unit", "result_kind", "valid_min", "valid_max", "clock_tolerance_s",
    "is_active", "components", "result_schema",
)  # fmt: skip
_NONE: Final = (0, "", "", ResultKind.ANY, None, None, 0, False, (), "")


@dataclass(slots=True)
class DeviceView:
    """A device with the streams of its things; a stream is known by its number and its code.

    Shapes:
        ids, lows, highs, tolerances (µs): one entry for each stream, by its slot.
    """

    id: int
    code: str
    state: str
    mapping: dict[str, Any] | None
    slots: dict[int | str, int] = field(default_factory=dict)
    codes: list[str] = field(default_factory=list)
    units: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    schemas: list[ResultSchema | None] = field(default_factory=list)
    active: list[bool] = field(default_factory=list)
    ids: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    lows: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    highs: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    tolerances: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    numeric: bool = True

    @property
    def personal(self) -> bool:
        """Whether what it sends may identify people: what is refused of it is not kept."""
        return any(schema is not None and schema.personal for schema in self.schemas)

    @property
    def may_write(self) -> bool:
        return self.state in (DeviceState.PROVISIONED, DeviceState.ACTIVE)

    def slot_of(self, name: int | str) -> int | None:
        """The slot of a stream by number, code, or a longer name that ends in its code."""
        slot = self.slots.get(name)
        if slot is None and isinstance(name, str):
            for sign in (":", "/"):
                slot = self.slots.get(name.rpartition(sign)[2])
                if slot is not None:
                    break
        return slot


class Directory:
    """Devices by key and by code. Reads by Django: call it from a thread when it has to read."""

    def __init__(self) -> None:
        self._keys: dict[str, tuple[DeviceView | None, float]] = {}
        self._codes: dict[str, tuple[DeviceView | None, float]] = {}

    def known_key(self, word: str) -> tuple[DeviceView | None, bool]:
        """The device of ``key id:secret``, and whether that was known without a look."""
        found, until = self._keys.get(word, (None, 0.0))
        return found, time.monotonic() < until

    def known_code(self, code: str) -> tuple[DeviceView | None, bool]:
        found, until = self._codes.get(code, (None, 0.0))
        return found, time.monotonic() < until

    def read_key(self, word: str) -> DeviceView | None:
        """The device behind ``key id:secret`` or ``sen_d_…``; None when it is not valid now."""
        with as_system("a device shows its key at a door"):
            key, colon, secret = word.partition(":")
            actor = (
                check_device(key_id=key, secret=secret)
                if colon
                else authenticate_device(secret=word)
            )
            view = None
            if actor is not None:
                view = _read(Device.objects.filter(account_id=actor.id))
        _put(self._keys, word, view)
        return view

    def read_code(self, code: str) -> DeviceView | None:
        """The device of a code (or number) that a broker has already let in."""
        with as_system("a device sent by the broker"):
            # Digits are a number, also where they are the code of another device.
            named = {"pk": int(code)} if code.isdecimal() and len(code) < 19 else {"code": code}
            view = _read(Device.objects.filter(**named))
        _put(self._codes, code, view)
        return view


def _put(
    store: dict[str, tuple[DeviceView | None, float]], key: str, view: DeviceView | None
) -> None:
    if len(store) >= MOST:
        store.clear()
    store[key] = (view, time.monotonic() + KNOWN_S)


def _read(devices: Any) -> DeviceView | None:
    device = devices.select_related("mapping").first()
    if device is None:
        return None
    streams = Datastream.objects.filter(thing__in=device.things.all()).order_by("pk")
    view = DeviceView(
        device.pk, device.code, device.state, device.mapping.rules if device.mapping else None
    )
    # A device without a stream has a slot that no name leads to.
    _fill(view, list(streams.values_list(*_FIELDS)) or [_NONE])
    return view


def _fill(view: DeviceView, rows: Sequence[Any]) -> None:
    known = result_schemas()
    for slot, (pk, code, unit, kind, *_limits, active, parts, schema) in enumerate(rows):
        if pk:
            view.slots[pk] = view.slots[code] = slot
        view.codes.append(code)
        view.units.append(unit)
        view.kinds.append(kind)
        view.active.append(active)
        view.sizes.append(len(parts or ()))
        view.schemas.append(known.get(schema))
    view.ids = np.array([row[0] for row in rows], np.int32)
    view.lows = np.array([-np.inf if row[4] is None else row[4] for row in rows], np.float64)
    view.highs = np.array([np.inf if row[5] is None else row[5] for row in rows], np.float64)
    view.tolerances = np.array([row[6] * 1_000_000 for row in rows], np.int64)
    view.numeric = all(view.active) and set(view.kinds) == {ResultKind.MEASUREMENT}
