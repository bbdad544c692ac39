"""Newest values to live screens: each stream at most once a second, judged by its audience."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from sen.domains.telemetry.choices import Quality
from sen.domains.telemetry.events import TOPIC
from sen.domains.telemetry.flow.tail import utc
from sen.domains.telemetry.models import Datastream
from sen.domains.telemetry.store.columns import Block
from sen.domains.telemetry.store.writing import last_of_each
from sen.kernel.access.context import as_system
from sen.kernel.live.messages import Audience, Message
from sen.kernel.numbers import number_text

KNOWN_S: Final = 15.0


class Face(msgspec.Struct, frozen=True):
    """What a screen needs to know of a stream, and who may see it."""

    unit: str
    audience: Audience


class Screens:
    """Makes messages of values; knows every stream for some seconds."""

    def __init__(self) -> None:
        self._faces: dict[int, Face] = {}
        self._read_at = -math.inf

    def messages(self, blocks: Sequence[Block]) -> list[Message]:
        """One message for each stream that has something new."""
        newest = last_of_each(blocks)
        faces = self._known()
        return list(_messages(newest, faces))

    def _known(self) -> dict[int, Face]:
        if time.monotonic() - self._read_at > KNOWN_S:
            fields = ("id", "unit", "data_class", "owner_org_id", "area_id")
            with as_system("audiences of the newest values of datastreams", reading=True):
                rows = Datastream.objects.values_list(*fields)
                self._faces = {
                    pk: Face(unit, Audience(data_class, org, area))
                    for pk, unit, data_class, org, area in rows
                }
            self._read_at = time.monotonic()
        return self._faces


def _messages(newest: Block, faces: dict[int, Face]) -> Iterator[Message]:
    for row, stream in enumerate(newest.streams.tolist()):
        face = faces.get(stream)
        if face is None:
            continue
        value = float(newest.values[row])
        number = None if math.isnan(value) else value
        at = utc(int(newest.times[row])).isoformat()
        text = "" if number is None else f"{number_text(number)} {face.unit}".rstrip()
        data = {
            "stream": stream,
            "at": at,
            "result": number,
            "quality": Quality(int(newest.quality[row])).name,
        }
        yield Message(
            topic=TOPIC,
            key=str(stream),
            at=at,
            audience=face.audience,
            data=data,
            values={f"stream-{stream}": text} if text else {},
        )
