"""What differs between publications, who may do the next step, seals of contents: pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from sen.domains.loadnotices.choices import Change, Status
from sen.domains.loadnotices.data import Difference
from sen.lib.errors import gettext_noop

NEXT: Final[dict[Status, Status]] = {
    Status.DRAFT: Status.CHECKED,
    Status.CHECKED: Status.APPROVED,
    Status.APPROVED: Status.PUBLISHED,
}
SAME_PERSON: Final = gettext_noop("Người kiểm tra, người duyệt phải khác người lập và khác nhau.")


def compare(
    before: Mapping[str, Mapping[str, float]], now: Mapping[str, Mapping[str, float]]
) -> list[Difference]:
    """What is new, changed and gone, by key."""
    found = []
    for key in sorted({*before, *now}):
        old, new = before.get(key), now.get(key)
        if old is None and new is not None:
            found.append(Difference(key, Change.NEW.value, {}, new))
        elif new is None and old is not None:
            found.append(Difference(key, Change.GONE.value, old, {}))
        elif old is not None and new is not None and dict(old) != dict(new):
            found.append(Difference(key, Change.CHANGED.value, old, new))
    return found


def is_other_person(person: int | None, others: Iterable[int | None]) -> bool:
    """Whether a person took none of the earlier steps; the house itself may take all."""
    return person is None or person not in set(others)


def seal(rows: Iterable[Mapping[str, Any]]) -> str:
    """A digest of what a publication says, the same whatever the order of its rows."""
    texts = sorted(json.dumps(row, sort_keys=True, ensure_ascii=False) for row in rows)
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def day_of_year(year: int, month_day: str) -> date:
    """``03-15`` in a year."""
    month, day = month_day.split("-")
    return date(year, int(month), int(day))
