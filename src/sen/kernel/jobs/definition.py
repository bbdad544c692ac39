"""Declaring jobs: a domain does it in its ``jobs.py``.

::

    @job(name="assets.import_bridges", title=_("Nhập danh sách cầu"), retry=2)
    def import_bridges(context: JobContext, *, file_id: int) -> dict[str, int]:
        for number, row in enumerate(rows, 1):
            ...
            context.progress(number, len(rows), _("Cầu %(code)s") % {"code": row.code})
        return {"created": created}

The function runs in a worker process, in the name of whoever asked, inside one transaction
(``atomic=False``: it opens its own with ``acting_as(context.actor)``). Its arguments and its
result must be plain values (numbers, text, dates, lists, dictionaries).
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, get_type_hints
from zoneinfo import ZoneInfo

import msgspec
from croniter import croniter
from django.conf import settings
from django.utils.functional import Promise

from sen.kernel.jobs.context import JobContext
from sen.kernel.registry import Store

NAME: Final = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
#: Seconds before the first, second, … repetition of a failed run; the last is repeated.
BACKOFF_S: Final = (10, 60, 300, 1800)


@dataclass(frozen=True, slots=True)
class Job:
    """Work that a worker does. ``retry`` counts repetitions after a failure."""

    name: str
    function: Callable[..., Any]
    title: str | Promise
    queue: str
    retry: int
    schedule: str
    atomic: bool
    alone: bool

    def __call__(self, context: JobContext, **arguments: object) -> object:
        return self.function(context, **arguments)

    def to_json(self, arguments: Mapping[str, object]) -> dict[str, Any]:
        """The arguments as JSON can hold them.

        Raises:
            TypeError: an argument is missing, unknown, or no plain value.
        """
        inspect.signature(self.function).bind(None, **arguments)
        plain: dict[str, Any] = msgspec.to_builtins(dict(arguments))
        return plain

    def from_json(self, plain: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments again, of the types that the function declares."""
        hints = get_type_hints(self.function, localns={"JobContext": JobContext})
        return {name: msgspec.convert(value, hints[name]) for name, value in plain.items()}

    def wait_s(self, failures: int) -> int:
        """Seconds until the next try after so many failures."""
        return BACKOFF_S[min(failures, len(BACKOFF_S)) - 1]

    def next_time(self, after: float) -> float:
        """When the schedule is due next, in the time of the province (seconds since 1970)."""
        start = datetime.fromtimestamp(after, ZoneInfo(settings.TIME_ZONE))
        due: float = croniter(self.schedule, start).get_next(float)
        return due


jobs: Final[Store[Job]] = Store("job")


def job(
    *,
    name: str,
    title: str | Promise = "",
    queue: str = "default",
    retry: int = 0,
    schedule: str = "",
    atomic: bool = True,
    alone: bool = False,
) -> Callable[[Callable[..., Any]], Job]:
    """Register a job. ``schedule`` is a cron line in local time; ``alone``: one run at a time.

    Raises:
        ValueError: the name or the schedule is malformed, or the name is taken.
    """
    if not NAME.fullmatch(name):
        raise ValueError(f"@job(name={name!r}): expected '<domain>.<verb>'")
    if schedule and not croniter.is_valid(schedule):
        raise ValueError(f"@job(name={name!r}): {schedule!r} is no cron line")

    def decorate(function: Callable[..., Any]) -> Job:
        made = Job(name, function, title or name, queue, retry, schedule, atomic, alone)
        return jobs.add(name, made)

    return decorate
