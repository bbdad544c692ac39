"""What figures were: kept for each scope, told for a wall, for a minute of the past, as a trend."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.core.cache import cache
from django.db import connection, transaction
from django.utils import timezone

from sen.kernel.access.accounts.state import is_usable
from sen.kernel.access.actors import actor_for
from sen.kernel.access.context import acting_as
from sen.kernel.access.models import User
from sen.kernel.access.scope import ANONYMOUS, Actor
from sen.kernel.web.kpis import Kpi, Standing, in_order
from sen.kernel.web.models import KpiSpan, KpiWatch

log = logging.getLogger(__name__)

#: A figure measured so recently is told again.
REUSE: Final = timedelta(seconds=60)
#: Measurements further apart leave a gap.
GAP: Final = timedelta(minutes=16)
#: Scopes that nobody looked at for so long are measured no more.
WATCHED: Final = timedelta(days=30)
KEPT: Final = timedelta(days=400)
NOTE_EVERY_S: Final = 3600
TREND_DAYS: Final = 30
TREND_REUSE_S: Final = 300


@dataclass(frozen=True, slots=True)
class Reading:
    """A figure with the moment for which it holds; ``value`` None: not known then."""

    kpi: Kpi
    value: float | None
    measured_at: datetime | None
    since: datetime | None = None

    @property
    def standing(self) -> Standing:
        return self.kpi.standing(self.value)

    def is_old(self, now: datetime) -> bool:
        return self.measured_at is None or now - self.measured_at > self.kpi.max_age


@dataclass(frozen=True, slots=True)
class _Span:
    id: int
    value: float | None
    since: datetime
    until: datetime


def read_board(
    actor: Actor, wanted: Sequence[Kpi] = (), *, reuse: timedelta = REUSE
) -> list[Reading]:
    """The figures that this actor has, newly measured where they are older than ``reuse``."""
    items = [item for item in wanted or in_order() if item.is_for(actor)]
    keys = {item.name: item.scope_key(actor) for item in items}
    known = _spans(keys, timezone.now())
    now = timezone.now()
    stale = [i for i in items if i.name not in known or now - known[i.name].until > reuse]
    if stale:
        measured = _measure(stale, actor)
        _keep(measured, keys, known, now)
        _watch(actor, keys, now)
        for name, value in measured.items():
            since = _unchanged_since(known.get(name), value, now)
            known[name] = _Span(0, value, since, now)
    return [
        Reading(i, found.value, found.until, found.since)
        for i in items
        if (found := known.get(i.name)) is not None and found.value is not None
    ]


def board_at(actor: Actor, moment: datetime, wanted: Sequence[Kpi] = ()) -> list[Reading]:
    """The figures as they were; those not measured around that moment have no value."""
    items = [item for item in wanted or in_order() if item.is_for(actor)]
    known = _spans({item.name: item.scope_key(actor) for item in items}, moment)
    found: list[Reading] = []
    for item in items:
        span = known.get(item.name)
        if span is None or moment - span.until > GAP:
            found.append(Reading(item, None, None))
        elif span.value is not None:
            found.append(Reading(item, span.value, min(span.until, moment), span.since))
    return found


def trends(
    actor: Actor, wanted: Sequence[Kpi], *, end: datetime | None = None, days: int = TREND_DAYS
) -> dict[str, list[float]]:
    """The figure at the end of each of the past days, oldest first; days without are left out."""
    if not wanted:
        return {}
    keys = {item.name: item.scope_key(actor) for item in wanted}
    last = end or timezone.now()
    digest = _short(repr((sorted(keys.items()), days, end and end.isoformat())))
    known: dict[str, list[float]] | None = cache.get(f"kpi-trend:{digest}")
    if known is None:
        known = _daily(keys, last, days)
        cache.set(f"kpi-trend:{digest}", known, TREND_REUSE_S)
    return known


def _daily(keys: Mapping[str, str], end: datetime, days: int) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {name: [] for name in keys}
    last = timezone.localtime(end).replace(hour=0, minute=0, second=0, microsecond=0)
    nights = [last - timedelta(days=back) for back in range(days)]
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT w.kpi, d.at, s.value
               FROM unnest(%s::text[], %s::text[]) AS w(kpi, scope)
               CROSS JOIN unnest(%s::timestamptz[]) AS d(at)
               JOIN LATERAL (SELECT value, until FROM kernel_web_kpispan s
                 WHERE s.kpi = w.kpi AND s.scope = w.scope AND s.since <= d.at
                 ORDER BY s.since DESC LIMIT 1) s ON s.until > d.at - interval '1 day'
               WHERE s.value IS NOT NULL ORDER BY w.kpi, d.at""",
            [list(keys), list(keys.values()), nights],
        )
        for name, _at, value in cursor.fetchall():
            found[name].append(value)
    return found


def spans_between(
    item: Kpi, actor: Actor, begin: datetime, end: datetime
) -> list[tuple[datetime, datetime, float]]:
    """Every span of a figure that touches the stretch of time, oldest first."""
    rows = KpiSpan.objects.filter(
        kpi=item.name,
        scope=item.scope_key(actor),
        since__lte=end,
        until__gte=begin,
        value__isnull=False,
    )
    return [
        (since, until, float(value))
        for since, until, value in rows.order_by("since").values_list("since", "until", "value")
        if value is not None
    ]


def steps_between(
    item: Kpi, actor: Actor, begin: datetime, end: datetime, step_s: int
) -> list[tuple[datetime, float, float, float]]:
    """Steps of a figure with mean, least and greatest value, weighted by how long it stood."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT b.at,
                 sum(s.value * w.held) / sum(w.held), min(s.value), max(s.value)
               FROM generate_series(
                 date_bin(%(step)s * interval '1 second', %(begin)s, %(origin)s),
                 %(end)s, %(step)s * interval '1 second') AS b(at)
               JOIN kernel_web_kpispan s ON s.kpi = %(kpi)s AND s.scope = %(scope)s
                 AND s.value IS NOT NULL AND s.since < b.at + %(step)s * interval '1 second'
                 AND s.until >= b.at
               CROSS JOIN LATERAL (SELECT greatest(1, extract(epoch FROM
                 least(s.until, b.at + %(step)s * interval '1 second')
                 - greatest(s.since, b.at))) AS held) w
               WHERE s.since <= %(end)s AND s.until >= %(begin)s
               GROUP BY b.at ORDER BY b.at""",
            {
                "step": step_s,
                "begin": begin,
                "end": end,
                "kpi": item.name,
                "scope": item.scope_key(actor),
                # Days begin at midnight of the province.
                "origin": timezone.make_aware(datetime(2020, 1, 1)),  # noqa: DTZ001
            },
        )
        return [(at, float(mean), low, high) for at, mean, low, high in cursor.fetchall()]


def measure_watched(now: datetime | None = None) -> int:
    """Measure every scope that somebody looks at; how many boards."""
    moment = now or timezone.now()
    KpiWatch.objects.filter(asked_at__lt=moment - WATCHED).delete()
    measured = 0
    for watch in KpiWatch.objects.select_related("user__organisation"):
        actor = _actor_of(watch.user)
        if actor is None:
            continue
        with acting_as(actor):
            read_board(actor, reuse=timedelta(0))
        measured += 1
    return measured


def forget_old(now: datetime | None = None) -> int:
    """Delete what lies further back than the time machine reaches."""
    moment = now or timezone.now()
    return KpiSpan.objects.filter(until__lt=moment - KEPT).delete()[0]


def _actor_of(user: User | None) -> Actor | None:
    if user is None:
        return ANONYMOUS
    return actor_for(user) if is_usable(user) else None


def _spans(keys: Mapping[str, str], moment: datetime) -> dict[str, _Span]:
    """The last span of each figure that began by ``moment``, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT w.kpi, s.id, s.value, s.since, s.until
               FROM unnest(%s::text[], %s::text[]) AS w(kpi, scope)
               JOIN LATERAL (SELECT id, value, since, until FROM kernel_web_kpispan s
                 WHERE s.kpi = w.kpi AND s.scope = w.scope AND s.since <= %s
                 ORDER BY s.since DESC LIMIT 1) s ON true""",
            [list(keys), list(keys.values()), moment],
        )
        return {name: _Span(*rest) for name, *rest in cursor.fetchall()}


def _measure(items: Sequence[Kpi], actor: Actor) -> dict[str, float | None]:
    """Measure; a figure that fails is left out and noted, the others are told."""
    try:
        with transaction.atomic():
            return {item.name: _number(item.measure(actor)) for item in items}
    except Exception:
        log.exception("figures are measured one by one")
    found: dict[str, float | None] = {}
    for item in items:
        try:
            with transaction.atomic():
                found[item.name] = _number(item.measure(actor))
        except Exception:
            log.exception("figure %s cannot be measured", item.name)
    return found


def _number(value: float | None) -> float | None:
    return None if value is None else float(value)


def _unchanged_since(span: _Span | None, value: float | None, now: datetime) -> datetime:
    if span is not None and span.value == value and now - span.until <= GAP:
        return span.since
    return now


def _keep(
    measured: Mapping[str, float | None],
    keys: Mapping[str, str],
    known: Mapping[str, _Span],
    now: datetime,
) -> None:
    """Prolong the spans that hold on, begin those that are new: two statements."""
    held = [
        known[name].id
        for name, value in measured.items()
        if name in known and _unchanged_since(known[name], value, now) != now
    ]
    fresh = [
        KpiSpan(kpi=name, scope=keys[name], value=value, since=now, until=now)
        for name, value in measured.items()
        if name not in known or known[name].id not in held
    ]
    if held:
        with connection.cursor() as cursor:
            # Two walls may measure at once; whoever comes second has nothing to add.
            cursor.execute(
                """UPDATE kernel_web_kpispan SET until = greatest(until, %s) WHERE id IN
                   (SELECT id FROM kernel_web_kpispan WHERE id = ANY(%s)
                    ORDER BY id FOR UPDATE SKIP LOCKED)""",
                [now, held],
            )
    KpiSpan.objects.bulk_create(fresh)


def _watch(actor: Actor, keys: Mapping[str, str], now: datetime) -> None:
    """Note that somebody looks at these scopes, so that they are measured in the background."""
    if len(keys) < len(in_order()) // 2 or (actor.limits is not None and actor.id is not None):
        return  # part of a board; a key sees less than the account that stands for it
    board = _short(repr(sorted(keys.items())))
    if cache.get(f"kpi-watch:{board}"):
        return
    cache.set(f"kpi-watch:{board}", 1, NOTE_EVERY_S)
    KpiWatch.objects.update_or_create(board=board, defaults={"user_id": actor.id, "asked_at": now})


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def keep_past(rows: Iterable[Mapping[str, Any]]) -> int:
    """Write spans of a demonstration's past."""
    made = KpiSpan.objects.bulk_create([KpiSpan(**row, is_demo=True) for row in rows], 2000)
    return len(made)
