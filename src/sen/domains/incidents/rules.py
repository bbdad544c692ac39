"""Incidents by rule: no ORM, no clock."""

from __future__ import annotations

from typing import Any

from sen.domains.incidents.choices import TRANSITIONS, Act, Kind, State
from sen.lib.errors import InputError, gettext_noop

#: What an alarm is thought to be about, as a kind of incident.
KINDS = {
    "STRUCTURE": Kind.STRUCTURE,
    "SENSOR": Kind.DEVICE,
    "TRAFFIC": Kind.TRAFFIC,
    "ENVIRONMENT": Kind.FLOOD,
}


def next_state(state: State, act: Act) -> State | None:
    """Where an act leads; None when it cannot be done in this state."""
    return TRANSITIONS.get((state, act))


def read_steps(text: str) -> list[dict[str, Any]]:
    """Steps of a playbook as people type them: ``việc | bộ phận | phút``, one a line.

    Raises:
        InputError: a line has no text, or its minutes are no number.
    """
    steps: list[dict[str, Any]] = []
    for number, line in enumerate((t for t in text.splitlines() if t.strip()), 1):
        parts = [part.strip() for part in line.split("|")]
        minutes = parts[2] if len(parts) > 2 else ""
        if not parts[0] or (minutes and not minutes.isdecimal()):
            raise InputError(
                gettext_noop("Dòng %(n)s phải có dạng “việc | bộ phận | số phút”."), n=number
            )
        steps.append(
            {
                "text": parts[0],
                "role": parts[1] if len(parts) > 1 else "",
                "within_min": int(minutes) if minutes else None,
            }
        )
    if not steps:
        raise InputError(gettext_noop("Hãy ghi ít nhất một bước."))
    return steps


def write_steps(steps: list[dict[str, Any]]) -> str:
    """The steps as :func:`read_steps` reads them."""
    return "\n".join(
        " | ".join(
            str(part) for part in (step["text"], step.get("role", ""), step.get("within_min") or "")
        ).rstrip(" |")
        for step in steps
    )
