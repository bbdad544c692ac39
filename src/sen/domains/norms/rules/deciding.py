"""Reading a rule's table.

The law's tables are lists of rows with conditions. The first row all of whose conditions hold
decides; a key that the case does not give only matches rows that do not ask for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sen.domains.norms.data import Row
from sen.lib.errors import InputError, gettext_noop


class NoRowError(LookupError):
    """The rule is in force but has no row for the case."""


def decide(rows: Sequence[Row], case: Mapping[str, Any]) -> Any:
    """The value of the first row that fits.

    Raises:
        NoRowError: no row fits.
    """
    for row in rows:
        if all(holds(condition, case.get(key)) for key, condition in row.when.items()):
            return row.value
    raise NoRowError(", ".join(f"{key}={value}" for key, value in case.items()) or "—")


def holds(condition: Any, given: Any) -> bool:
    """Whether a given value meets a condition: equal, one of a list, or within a range."""
    if given is None:
        return False
    if isinstance(condition, Mapping):
        return _within(condition, Decimal(str(given)))
    if isinstance(condition, list):
        return given in condition
    if isinstance(condition, bool) or isinstance(given, bool):
        return bool(condition) is bool(given)
    if isinstance(condition, (int, float)):
        return Decimal(str(condition)) == Decimal(str(given))
    return bool(condition == given)


def _within(bounds: Mapping[str, Any], value: Decimal) -> bool:
    low, high = bounds.get("min"), bounds.get("max")
    if low is not None:
        floor = Decimal(str(low))
        if value < floor or (value == floor and bounds.get("min_open", False)):
            return False
    if high is not None:
        ceiling = Decimal(str(high))
        if value > ceiling or (value == ceiling and bounds.get("max_open", False)):
            return False
    return True


def faults(rows: Iterable[Row], keys: Sequence[str]) -> list[InputError]:
    """What is wrong with a table: unknown keys, malformed ranges, rows that never decide."""
    found: list[InputError] = []
    seen: list[dict[str, Any]] = []
    for number, row in enumerate(rows, 1):
        for key, condition in row.when.items():
            if key not in keys:
                text = gettext_noop("dòng %(row)s: không có tiêu chí “%(key)s”")
                found.append(InputError(text, row=number, key=key))
            if isinstance(condition, Mapping):
                unknown = set(condition) - {"min", "max", "min_open", "max_open"}
                if unknown or not {"min", "max"} & set(condition):
                    text = gettext_noop("dòng %(row)s: khoảng của “%(key)s” phải có min hoặc max")
                    found.append(InputError(text, row=number, key=key))
        if row.when in seen or {} in seen:
            text = gettext_noop(
                "dòng %(row)s: không bao giờ được dùng vì một dòng trên đã quyết định"
            )
            found.append(InputError(text, row=number))
        seen.append(row.when)
    return found
