"""When the rows of a demonstration came about, so that its projects have a past."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, time
from typing import Any, Final, TypeVar

from django.utils import timezone

from sen.domains.projects.models import (
    Acceptance,
    Amendment,
    Contract,
    Decision,
    DiaryEntry,
    Payment,
    Progress,
    ProjectPart,
    Risk,
)
from sen.kernel.audit.past import at_moment

P = TypeVar("P", bound=ProjectPart)

#: The day that a part tells of; plans are as old as their project.
DAY_OF: Final[Mapping[type[Any], str]] = {
    Acceptance: "held_at",
    Amendment: "signed_at",
    Contract: "signed_at",
    Decision: "issued_at",
    DiaryEntry: "on",
    Payment: "paid_at",
    Progress: "on",
    Risk: "raised_at",
}
#: The office writes down at this hour what happened.
HOUR: Final = time(16)


class Born:
    """Moments of rows; without ``since`` everything is written now."""

    def __init__(self, since: datetime | None) -> None:
        self.since = since

    def at(self, moment: datetime | None) -> AbstractContextManager[None]:
        """Rows that are written within the block are as old as ``moment``, else as the record."""
        if self.since is None:
            return nullcontext()
        return at_moment(min(moment or self.since, timezone.now()))

    def by_month(
        self, rows: Sequence[P], day: str | None
    ) -> Iterator[tuple[datetime | None, list[P]]]:
        """Rows by the month of their day, in order, with the moment of the last of each month."""
        if self.since is None or day is None:
            yield None, list(rows)
            return
        months: defaultdict[tuple[int, int], list[P]] = defaultdict(list)
        for row in rows:
            on = max(getattr(row, day), timezone.localdate(self.since))
            months[on.year, on.month].append(row)
        for month in sorted(months):
            part = months[month]
            last = max(getattr(row, day) for row in part)
            moment = timezone.make_aware(datetime.combine(last, HOUR))
            yield max(moment, self.since), part
