"""What every protocol gives: a session with a device that is read again and again. No Django."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final, Protocol

from sen.domains.telemetry import choices
from sen.domains.telemetry.choices import Quality
from sen.lib.errors import InputError

#: Where a protocol is read; its library is loaded when the first device of it is.
MODULES: Final = {
    choices.Protocol.MODBUS: "sen.domains.telemetry.pulls.modbus",
    choices.Protocol.OPCUA: "sen.domains.telemetry.pulls.opcua",
}


class PullError(InputError):
    """A device does not answer, or refuses; the text says what and how to mend it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one point gave: a value, or why it gave none.

    ``raw`` is what the device holds, ``value`` what becomes of it; ``at_us`` None is now.
    """

    stream: str
    raw: Any = None
    value: Any = None
    at_us: int | None = None
    quality: Quality = Quality.GOOD
    error: InputError | None = None
    measure: str = ""


class Session(Protocol):
    """An open connection to one device."""

    async def read(self) -> list[Reading]:
        """Every point once.

        Raises:
            PullError: the device as a whole does not answer.
        """

    async def close(self) -> None: ...


class Opener(Protocol):
    """How a module opens a device; ``host`` is the address that was found and allowed."""

    async def __call__(self, plan: Any, *, host: str, secret: str) -> Session: ...


def opener_of(protocol: str) -> Opener:
    """Raises: KeyError: nothing of that protocol is asked."""
    found: Callable[..., Any] = import_module(MODULES[choices.Protocol(protocol)]).open_session
    return found


def scaled(raw: Any, scale: float, offset: float) -> Any:
    """``scale × raw + offset``; what is no number, or unchanged, stays as it is."""
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return raw
    return raw if (scale, offset) == (1.0, 0.0) else raw * scale + offset
