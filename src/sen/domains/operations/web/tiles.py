"""Figures as they stand on boards, walls and in frames of others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sen.kernel.access.scope import Actor
from sen.kernel.numbers import number_text
from sen.kernel.web.kpi_history import Reading, board_at, read_board, trends
from sen.kernel.web.kpis import Goal, Kpi, Standing, in_order

#: What a wall holds at most, four rows of five.
MOST: Final = 20
#: Standing → words and icon; colour is never alone.
STANDINGS: Final[dict[Standing, tuple[Any, str]]] = {
    Standing.MET: (gettext_lazy("Đạt mục tiêu"), "circle-check"),
    Standing.MISSED: (gettext_lazy("Chưa đạt"), "triangle-alert"),
    Standing.FAR: (gettext_lazy("Lệch xa mục tiêu"), "octagon-alert"),
}


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure in words; ``text`` is a dash where it is not known for the moment."""

    kpi: Kpi
    text: str
    value: float | None
    measured_at: datetime | None
    is_old: bool
    tone: str
    standing: str
    standing_icon: str
    goal: str
    owner: str
    trend: Sequence[float]
    delta: str
    is_better: bool | None

    @property
    def detail_url(self) -> str:
        return f"/ioc/chi-so/{self.kpi.name}/"

    @property
    def list_url(self) -> str:
        return self.kpi.url or self.detail_url


def goal_text(goal: Goal | None, unit: str) -> str:
    """``≤ 0 việc``; empty without a goal."""
    if goal is None:
        return ""
    sign = "≥" if goal.at_least else "≤"
    return f"{sign} {number_text(goal.value)} {unit}".strip()


def on_walls(actor: Actor) -> list[Kpi]:
    """The figures that stand on walls, in order."""
    return [item for item in in_order() if item.wall and item.is_for(actor)]


def tiles(
    actor: Actor, moment: datetime | None, now: datetime, wanted: Sequence[Kpi] = ()
) -> list[Tile]:
    """The board of an actor, now or as it was at a moment."""
    items = wanted or on_walls(actor)
    shown = read_board(actor, items)
    if moment is not None:
        # What the actor has today and was not measured then says so; of the rest nothing is said.
        held = {reading.kpi.name for reading in shown}
        past = board_at(actor, moment, items)
        shown = [r for r in past if r.value is not None or r.kpi.name in held]
    shown = shown[:MOST]
    trend = trends(actor, [reading.kpi for reading in shown], end=moment)
    return [tile_of(reading, trend.get(reading.kpi.name, ()), moment or now) for reading in shown]


def tile_of(reading: Reading, trend: Sequence[float], now: datetime) -> Tile:
    """One figure beside its past."""
    item = reading.kpi
    words, icon = STANDINGS.get(reading.standing, ("", ""))
    values = list(trend)
    if reading.value is not None:
        values = [*values, reading.value]
    delta, is_better = _delta(values, item)
    return Tile(
        kpi=item,
        text="–" if reading.value is None else number_text(round(reading.value, 2)),
        value=_whole(reading.value),
        measured_at=reading.measured_at,
        is_old=reading.is_old(now),
        tone=reading.standing.value,
        standing=str(words),
        standing_icon=icon,
        goal=goal_text(item.goal, item.unit),
        owner=item.owned_by(),
        trend=values,
        delta=delta,
        is_better=is_better,
    )


def _whole(value: float | None) -> float | None:
    """Counts are told without a decimal."""
    return int(value) if value is not None and value.is_integer() else value


def _delta(values: Sequence[float], item: Kpi) -> tuple[str, bool | None]:
    """The change since the beginning of the trend, and whether it is for the better."""
    if len(values) < 3:
        return "", None
    change = round(values[-1] - values[0], 2)
    if not change:
        return _("không đổi trong 30 ngày"), None
    sign = "+" if change > 0 else "\N{MINUS SIGN}"
    text = _("%(change)s trong 30 ngày") % {"change": f"{sign}{number_text(abs(change))}"}
    goal = item.goal
    return text, None if goal is None else (change > 0) == goal.at_least


def as_json(tile: Tile) -> dict[str, Any]:
    """A tile for programs."""
    item = tile.kpi
    return {
        "name": item.name,
        "title": str(item.title),
        "value": tile.value,
        "unit": str(item.unit),
        "definition": str(item.definition),
        "owner": tile.owner,
        "period": item.period.label,
        "goal": None
        if item.goal is None
        else {"value": item.goal.value, "at_least": item.goal.at_least},
        "standing": tile.standing,
        "measured_at": tile.measured_at.isoformat() if tile.measured_at else None,
        "is_old": tile.is_old,
        "data_class": int(item.level),
    }
