"""Addresses: ``Things(1)/Datastreams(2)/Observations``, ``$ref``, a property, ``/$value``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from sen.domains.telemetry.sta.odata.faults import SyntaxFault
from sen.lib.errors import gettext_noop

MAX_STEPS: Final = 12
_SET: Final = re.compile(
    r"(?P<name>[A-Za-z]\w*)(?:\((?P<key>'(?:[^']|'')*'|-?\d{1,18}|[\w.\-]{1,80})\))?"
)


@dataclass(frozen=True, slots=True)
class Step:
    """One part of an address: a name, perhaps with the key of an entity."""

    name: str
    key: str | None = None
    at: int = 0


@dataclass(frozen=True, slots=True)
class Address:
    """An address split; ``form`` is ``$ref``, ``$value`` or nothing."""

    steps: tuple[Step, ...]
    form: str = ""


def address_of(path: str) -> Address:
    """The address below the root of the service.

    Raises:
        SyntaxFault: it is none; says where.
    """
    steps: list[Step] = []
    form, at = "", 0
    for part in path.strip("/").split("/") if path.strip("/") else ():
        if form:
            raise _fault(path, part, at)
        if part in ("$ref", "$value") and steps:
            form = part
        else:
            match = _SET.fullmatch(part)
            if match is None or len(steps) >= MAX_STEPS:
                raise _fault(path, part, at)
            steps.append(Step(match["name"], _key(match["key"]), at))
        at += len(part) + 1
    return Address(tuple(steps), form)


def _key(text: str | None) -> str | None:
    if text is None:
        return None
    return text[1:-1].replace("''", "'") if text.startswith("'") else text


def _fault(path: str, part: str, at: int) -> SyntaxFault:
    return SyntaxFault(
        gettext_noop("Địa chỉ có phần “%(part)s” không hợp lệ."),
        {"part": part[:80]},
        text=path,
        at=at,
        option="path",
    )
