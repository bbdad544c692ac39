"""Topics of SensorThings by MQTT, and the rights that belong to them. No Django.

A device creates an observation by ``v1.1/Datastreams(<id>)/Observations``; the same topic tells
subscribers of each new one. The broker knows a topic as a subject in which ``/`` is a dot and a
dot ``//``. Its configuration turns what clients publish to the topic into ``sen.sta.…``, so that
nothing unchecked reaches subscribers, and what the house publishes to ``sen.tell.…`` into the
topic itself. Rights to publish hold for what a subject was turned into: a device has those of its
own datastreams, and nobody but the house has one for the topics themselves.

Source:
    OGC 18-088, 14 (MQTT extension); NATS documentation, “Subject mapping”.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

ROOT: Final = "v1//1"
CREATION: Final = "sen.sta.*"
TELLING: Final = "sen.tell"
#: Datastreams that the rights of one connection name at most.
MOST: Final = 2_000
_SUBJECT: Final = re.compile(
    r"v1//1\.(?:Datastreams\((?P<stream>\d{1,9})\)|(?P<all>Observations))"
    r"(?:\.(?P<below>Observations))?(?:\?\$select=(?P<select>[\w,%/]{1,400}))?"
)
_CREATION: Final = re.compile(r"sen\.sta\.Datastreams\((\d{1,9})\)")


class Wish(NamedTuple):
    """What a subscription asks for: a stream's entity, or new observations of one or of all."""

    subject: str
    stream: int
    observations: bool
    select: str

    @property
    def tell(self) -> str:
        """Where the house publishes it."""
        return TELLING + self.subject.removeprefix(ROOT)

    @property
    def query(self) -> str:
        return f"$select={self.select}" if self.select else ""


def wish_of(subject: str) -> Wish | None:
    """What a subject of the broker asks for; None when it is nothing that is told."""
    found = _SUBJECT.fullmatch(subject)
    if found is None or (found["all"] and found["below"]):
        return None
    observations = bool(found["all"] or found["below"])
    if found["select"] and not observations:
        return None
    select = (found["select"] or "").replace("//", ".")
    return Wish(subject, int(found["stream"] or 0), observations, select)


def created_in(subject: str) -> int:
    """The stream to which an observation was published; 0 when the subject is none of these."""
    found = _CREATION.fullmatch(subject)
    return int(found[1]) if found else 0


def may_create(streams: Iterable[int]) -> list[str]:
    """Rights to publish observations of ``streams``."""
    return [f"sen.sta.Datastreams({stream})" for stream in streams]


def may_hear(streams: Iterable[int]) -> list[str]:
    """Rights to subscribe to ``streams``."""
    return [
        subject
        for stream in streams
        for subject in (f"{ROOT}.Datastreams({stream})", f"{ROOT}.Datastreams({stream}).*")
    ]


#: Of whoever sees every datastream, also those that will be made.
MAY_HEAR_ALL: Final = (f"{ROOT}.>",)
