"""What a person must know before anything else: shown at the head of the desk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from sen.kernel.access.scope import Actor
from sen.kernel.registry import Store
from sen.kernel.web.register.resource import Label


@dataclass(frozen=True, slots=True)
class Alert:
    """One message with the page that tells the rest; tones as of the component ``alert``."""

    title: Label
    text: Label
    url: str
    tone: str = "danger"


#: Name → what it has to say to an actor, None for nothing.
alerts: Final[Store[Callable[[Actor], Alert | None]]] = Store("alert")


def alerts_for(actor: Actor) -> Iterator[Alert]:
    """Everything that has to be said to this actor now."""
    return (alert for say in alerts if (alert := say(actor)) is not None)
