"""What travels from the house to live screens. No Django."""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

SUBJECTS: Final = "live.>"
CONTROL: Final = "control."
CLOSE: Final = "control.close"
TOPIC: Final = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*")


class Audience(msgspec.Struct, frozen=True, gc=False):
    """The fields of the row's access rule, under the names that every stream scope uses."""

    data_class: int = 1
    owner_org_id: int | None = None
    area_id: int | None = None
    subject_id: int | None = None


class Message(msgspec.Struct, frozen=True, omit_defaults=True):
    """The newest of one thing: a later message with the same topic and key replaces it.

    ``values`` (text by key) go straight into the marked places of a page; ``data`` is for scripts.
    """

    topic: str
    key: str
    at: str
    audience: Audience
    type: str = ""
    urgent: bool = False
    data: dict[str, Any] = {}
    values: dict[str, str | int | float] = {}

    @property
    def subject(self) -> str:
        """The broker's subject; a control message carries its key there."""
        name = f"{self.topic}.{self.key}" if self.topic.startswith(CONTROL) else self.topic
        return f"live.{name}"

    def encoded(self) -> bytes:
        return _encoder.encode(self)

    def shown(self, hidden: frozenset[str]) -> bytes:
        """The JSON text that a client gets, without the fields that it may not see."""
        return _encoder.encode(
            {
                "topic": self.topic,
                "key": self.key,
                "at": self.at,
                "type": self.type,
                "values": {k: v for k, v in self.values.items() if k not in hidden},
                "data": {k: v for k, v in self.data.items() if k not in hidden},
            }
        )


_encoder: Final = msgspec.json.Encoder()
_decoder: Final = msgspec.json.Decoder(Message)


def decode(payload: bytes) -> Message:
    """A message as another process sent it.

    Raises:
        msgspec.ValidationError: it is none.
    """
    return _decoder.decode(payload)
