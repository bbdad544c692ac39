"""Keeping each day's figures, and reading the past of a data set for one person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.db import connection, transaction

from sen.kernel.access.context import as_system
from sen.kernel.access.scope import Actor, DataClass
from sen.kernel.quality.checks import Check, checks_of, registers_with_checks
from sen.kernel.quality.counting import Count, count_faults
from sen.kernel.quality.models import QualitySpan
from sen.kernel.quality.scores import by_dimension, overall
from sen.kernel.web.register.resource import Resource

Key = tuple[str, int | None, int | None, int]

#: Points of a chart.
POINTS: Final = 24
#: How far back it looks.
DAYS: Final = 184


@transaction.atomic
def keep_day(on: date, *, is_demo: bool = False) -> int:
    """Write down the figures of every data set where they differ from the last ones written.

    Returns:
        How many figures changed.
    """
    with as_system("count faults of all rows"):
        return sum(
            keep_register(resource.key, count_faults(resource), on, is_demo=is_demo)
            for resource in registers_with_checks()
        )


def keep_register(
    register: str, counts: Sequence[Count], on: date, *, is_demo: bool = False
) -> int:
    """Close the spans of one data set that ended, open those that begin."""
    counted = {_key(count): (count.applicable, count.faulty) for count in counts}
    open_spans = {
        (span.check_name, span.owner_org_id, span.area_id, span.data_class): span
        for span in QualitySpan.objects.filter(register=register, valid_to=None)
    }
    ended = [
        span
        for key, span in open_spans.items()
        if counted.get(key) != (span.applicable, span.faulty)
    ]
    same_day = [span.pk for span in ended if span.valid_from >= on]
    earlier = [span.pk for span in ended if span.valid_from < on]
    QualitySpan.objects.filter(pk__in=same_day).delete()
    QualitySpan.objects.filter(pk__in=earlier).update(valid_to=on)
    kept = open_spans.keys() - {_span_key(span) for span in ended}
    made = [
        QualitySpan(
            register=register,
            check_name=key[0],
            owner_org_id=key[1],
            area_id=key[2],
            data_class=key[3],
            applicable=figures[0],
            faulty=figures[1],
            valid_from=on,
            is_demo=is_demo,
        )
        for key, figures in counted.items()
        if key not in kept and figures[0]
    ]
    QualitySpan.objects.bulk_create(made, batch_size=1000)
    return len(ended) + len(made)


def _key(count: Count) -> Key:
    name = count.check.rpartition(".")[2]
    return name, count.owner_id, count.area_id, count.data_class


def _span_key(span: QualitySpan) -> Key:
    return span.check_name, span.owner_org_id, span.area_id, span.data_class


@dataclass(frozen=True, slots=True)
class Past:
    """The score of one day; None where nothing had been counted."""

    on: date
    total: float | None
    faulty: int


def past_of(
    resource: Resource[Any],
    actor: Actor,
    until: date,
    *,
    check: str = "",
    area_id: int | None = None,
    days: int = DAYS,
) -> list[Past]:
    """The scores of a data set day by day, over the rows that the actor may see now.

    ``check`` and ``area_id`` narrow it to one check (so to one field) and to one place.
    """
    judged = {item.key: item for item in checks_of(resource)}
    parts: dict[date, list[Count]] = defaultdict(list)
    for day, name, applicable, faulty in _read(resource, actor, until, check, area_id, days):
        key = f"{resource.key}.{name}"
        if key in judged:  # a check that is no more counts no more
            parts[day].append(Count(key, None, None, 0, int(applicable), int(faulty)))
    return [_past(day, parts[day], judged) for day in sorted(parts)]


def _past(day: date, counts: list[Count], judged: dict[str, Check]) -> Past:
    scores = by_dimension(counts, judged)
    return Past(day, overall(scores), sum(found.faulty for found in scores.values()))


def _read(
    resource: Resource[Any],
    actor: Actor,
    until: date,
    check: str,
    area_id: int | None,
    days: int,
) -> list[tuple[Any, ...]]:
    clauses = [clause for clause in actor.scope(resource.rule).clauses if clause.subject is None]
    allowed: list[str] = []
    params: list[Any] = [until - timedelta(days=days), until, f"{-(-days // POINTS)} days"]
    params.append(resource.key)
    for clause in clauses:
        terms = ["s.data_class <= %s"]
        params.append(min(clause.max_class, int(DataClass.SECRET)))
        for column, ids in (("owner_org_id", clause.orgs), ("area_id", clause.areas)):
            if ids is not None:
                terms.append(f"s.{column} = ANY(%s::bigint[])")
                params.append(sorted(ids))
        allowed.append(f"({' AND '.join(terms)})")
    narrowed = ""
    if check:
        narrowed += " AND s.check_name = %s"
        params.append(check)
    if area_id:
        narrowed += " AND s.area_id = %s"
        params.append(area_id)
    sql = f"""
    SELECT d.day, s.check_name, sum(s.applicable), sum(s.faulty)
    FROM (SELECT generate_series(%s::date, %s::date, %s::interval)::date AS day) d
    JOIN kernel_quality_qualityspan s
      ON s.valid_from <= d.day AND (s.valid_to IS NULL OR s.valid_to > d.day)
    WHERE s.register = %s AND ({" OR ".join(allowed) or "FALSE"}){narrowed}
    GROUP BY 1, 2
    """  # noqa: S608  names of our own columns; values are parameters
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
