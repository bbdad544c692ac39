"""Reactions to events: a domain declares them in its ``handlers.py``.

::

    @on(BridgeInspected, name="maintenance.replan")
    def replan(event: BridgeInspected, origin: Origin) -> None:
        services.replan_bridge(bridge_id=event.bridge_id)

A handler runs once per event, in one transaction with its note in the inbox, with the rights of
the house and in the order of the events of one thing. What it does outside the database may
happen again after a crash: let it enqueue a job instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar, overload

from sen.kernel.events.base import Event
from sen.kernel.events.envelope import Origin
from sen.kernel.registry import Store

A = TypeVar("A", bound=Event)
B = TypeVar("B", bound=Event)
C = TypeVar("C", bound=Event)
R = TypeVar("R")
Reaction = Callable[[R, Origin], None]
NAME: Final = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Handler:
    """A reaction with the types that it listens to; ``tries`` counts the first run too."""

    name: str
    types: tuple[type[Event], ...]
    call: Reaction[Any]
    tries: int

    @property
    def durable(self) -> str:
        """The name of its durable consumer."""
        return self.name.replace(".", "-")

    def type_of(self, name: str) -> type[Event] | None:
        """The class of an event type that this handler listens to."""
        return next((cls for cls in self.types if cls.type == name), None)


handlers: Final[Store[Handler]] = Store("event handler")


@overload
def on(a: type[A], /, *, name: str, tries: int = 8) -> Callable[[Reaction[A]], Reaction[A]]: ...


@overload
def on(
    a: type[A], b: type[B], /, *, name: str, tries: int = 8
) -> Callable[[Reaction[A | B]], Reaction[A | B]]: ...


@overload
def on(
    a: type[A], b: type[B], c: type[C], /, *more: type[Any], name: str, tries: int = 8
) -> Callable[[Reaction[Any]], Reaction[Any]]: ...


def on(*types: type[Event], name: str, tries: int = 8) -> Callable[[Reaction[Any]], Reaction[Any]]:
    """Register a handler. ``name`` is ``<domain>.<verb>`` and never changes: the inbox keeps it.

    Raises:
        ValueError: the name is malformed or taken.
    """
    if not NAME.fullmatch(name):
        raise ValueError(f"@on(name={name!r}): expected '<domain>.<verb>'")

    def decorate(function: Reaction[Any]) -> Reaction[Any]:
        handlers.add(name, Handler(name, types, function, tries))
        return function

    return decorate


def handlers_of(event_type: str) -> list[Handler]:
    """All handlers of one event type, in the order of registration."""
    return [handler for handler in handlers if handler.type_of(event_type)]
