"""Domain events as values: few, meaningful, past tense, never changed once published.

A domain declares them in its ``events.py``::

    @dataclass(frozen=True, kw_only=True)
    class BridgeInspected(Event):
        "A bridge was inspected and its condition recorded."

        type = "vn.dongthap.sen.assets.bridge.inspected.v1"
        live_topic = "assets"
        bridge_id: int
        grade: str
        inspector: Annotated[str, PII]

Defining the class registers the type. No Django here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, ClassVar, Final, TypeVar, get_type_hints

import msgspec

from sen.kernel.registry import Store

PREFIX: Final = "vn.dongthap.sen."
TYPE: Final = re.compile(
    r"vn\.dongthap\.sen\.(?P<domain>[a-z][a-z0-9_]*)\.(?P<thing>[a-z][a-z0-9_]*)"
    r"\.(?P<verb>[a-z][a-z0-9_]*)\.v(?P<version>[1-9][0-9]*)"
)

#: Marks personal data: ``name: Annotated[str, PII]``. Such fields never reach live streams and
#: are hidden where undelivered events are shown.
PII: Final = msgspec.Meta(extra_json_schema={"x-personal-data": True})


class Event:
    """The base of all event types.

    ``live_topic`` sends the event to live screens too; ``live_key`` names the field whose value
    identifies the thing (the key given to ``publish`` otherwise); a ``live_urgent`` event is not
    held back to be merged with the next one about the same thing.
    """

    type: ClassVar[str] = ""
    live_topic: ClassVar[str] = ""
    live_key: ClassVar[str] = ""
    live_urgent: ClassVar[bool] = False

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        if "type" not in cls.__dict__:
            raise TypeError(f"{cls.__qualname__}: set type = '{PREFIX}<domain>.<thing>.<verb>.v1'")
        if not TYPE.fullmatch(cls.type):
            raise TypeError(
                f"{cls.__qualname__}: type {cls.type!r} is not "
                f"'{PREFIX}<domain>.<thing>.<past-verb>.v<number>'"
            )
        known = event_types.get(cls.type)
        if known and (known.__module__, known.__qualname__) == (cls.__module__, cls.__qualname__):
            # dataclass(slots=True) makes the class a second time.
            event_types.remove(cls.type)
        event_types.add(cls.type, cls)


E = TypeVar("E", bound=Event)

event_types: Final[Store[type[Event]]] = Store("event type")


def subject_of(event_type: str) -> str:
    """The transport's subject: ``events.<domain>.<thing>.<verb>.v1``."""
    return "events." + event_type.removeprefix(PREFIX)


def thing_of(event_type: str) -> str:
    """``<domain>.<thing>``: events about one thing keep their order, whatever their type."""
    domain, thing = event_type.removeprefix(PREFIX).split(".")[:2]
    return f"{domain}.{thing}"


def personal_fields(cls: type[Event]) -> frozenset[str]:
    """Names of the fields marked :data:`PII`."""
    hints = get_type_hints(cls, include_extras=True)
    return frozenset(n for n, hint in hints.items() if PII in getattr(hint, "__metadata__", ()))


def to_data(event: Event) -> dict[str, Any]:
    """The fields as JSON can hold them.

    Raises:
        TypeError: the class is no frozen dataclass.
    """
    cls = type(event)
    parameters = cls.__dict__.get("__dataclass_params__")
    if parameters is None or not parameters.frozen:
        raise TypeError(f"{cls.__qualname__}: put @dataclass(frozen=True, kw_only=True) before it")
    instance: Any = event
    data: dict[str, Any] = msgspec.to_builtins(
        {f.name: getattr(instance, f.name) for f in fields(instance)}
    )
    return data


def from_data(cls: type[E], data: Mapping[str, Any]) -> E:
    """The event again; fields that this version of the code does not know are passed over."""
    return msgspec.convert(dict(data), cls)
