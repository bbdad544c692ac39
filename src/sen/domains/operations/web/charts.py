"""The past of figures as charts."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db.models import Max, Min
from django.utils.translation import gettext as _

from sen.domains.operations.models import ChartNote
from sen.kernel.access.scope import Actor
from sen.kernel.web.charts import Band, Chart, Mark, Series, Step, Tone, Window, with_gaps
from sen.kernel.web.kpi_history import GAP, spans_between, steps_between
from sen.kernel.web.kpis import Goal, Kpi
from sen.kernel.web.models import KpiSpan

MARKS: Final = 40


def note_key(item: Kpi) -> str:
    """How notes name the chart of a figure."""
    return f"kpi:{item.name}"


def chart_of(item: Kpi, actor: Actor, window: Window) -> Chart:
    """The figure as this actor's scope had it."""
    step = window.step(raw_every_s=300)
    reach = KpiSpan.objects.filter(kpi=item.name, scope=item.scope_key(actor)).aggregate(
        first=Min("since"), last=Max("until")
    )
    points = (
        _changes(item, actor, window) if step is Step.RAW else _steps(item, actor, window, step)
    )
    return Chart(
        title=item.title,
        step=step,
        series=[points],
        bands=_bands(item.goal),
        marks=_marks(item, actor, window),
        first=reach["first"],
        last=reach["last"],
    )


def _changes(item: Kpi, actor: Actor, window: Window) -> Series:
    """Beginning and end of each span; a stretch without measurement breaks the line."""
    at: list[int] = []
    value: list[float | None] = []
    last: datetime | None = None
    for since, until, figure in spans_between(item, actor, window.begin, window.end):
        ends = [since] if since == until else [since, until]
        new_at, new_value, _low, _high = with_gaps(
            [(moment, figure, figure, figure) for moment in ends], float("inf")
        )
        if last is not None and since - last > GAP:
            at.append(at[-1] + 1)
            value.append(None)
        at += new_at
        value += new_value
        last = until
    return Series(item.name, item.title, str(item.unit), at, value, stepped=True)


def _steps(item: Kpi, actor: Actor, window: Window, step: Step) -> Series:
    rows = steps_between(item, actor, window.begin, window.end, step.seconds)
    at, value, low, high = with_gaps(rows, step.seconds * 1.5)
    return Series(item.name, item.title, str(item.unit), at, value, low, high)


def _bands(goal: Goal | None) -> list[Band]:
    """The goal in words: met, missed, far from it."""
    if goal is None:
        return []
    low, high = (goal.value, None) if goal.at_least else (None, goal.value)
    bands = [Band(_("Đạt mục tiêu"), low, high, Tone.OK)]
    if goal.far is not None:
        low, high = (None, goal.far) if goal.at_least else (goal.far, None)
        bands.append(Band(_("Lệch xa mục tiêu"), low, high, Tone.DANGER))
    return bands


def _marks(item: Kpi, actor: Actor, window: Window) -> list[Mark]:
    if not actor.may("operations.note.view"):
        return []
    rows = ChartNote.objects.visible_to(actor).filter(
        chart=note_key(item), at__gte=window.begin, at__lte=window.end
    )
    return [Mark(row.at, f"{row.text} ({row.written_by})") for row in rows.order_by("at")[:MARKS]]
