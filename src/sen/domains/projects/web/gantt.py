"""The drawing of a schedule: bars of tasks over days, ties between them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from sen.domains.projects.choices import TaskKind
from sen.domains.projects.selectors import Line, Sequence
from sen.domains.projects.sequence import Link, Tie

ROW: Final = 32
HEAD: Final = 36
BAR_TOP: Final = 6
BAR_HEIGHT: Final = 12
LEAST_WIDTH: Final = 720
MOST_WIDTH: Final = 2400
DAY_PX: Final = 2
#: More months than this are marked by the quarter.
MOST_MONTHS: Final = 30
#: How far an arrow leaves a bar before it turns.
BEND: Final = 6


@dataclass(frozen=True, slots=True)
class Scale:
    """Days to pixels."""

    first: date
    last: date

    @property
    def width(self) -> int:
        return max(LEAST_WIDTH, min(MOST_WIDTH, self._days * DAY_PX))

    @property
    def _days(self) -> int:
        return (self.last - self.first).days + 1

    def x(self, on: date) -> float:
        """The left edge of a day."""
        days = min(max((on - self.first).days, 0), self._days)
        return round(days / self._days * self.width, 1)

    def after(self, on: date) -> float:
        """The right edge of a day."""
        return self.x(on + timedelta(days=1))


def gantt(sequence: Sequence, today: date) -> dict[str, Any]:
    """Everything that the template draws, in pixels."""
    lines = sequence.lines
    first = min([sequence.starts_on, today, *(one.agreed[0] for one in lines)])
    last = max([sequence.agreed_end, sequence.outlook_end, today])
    scale = Scale(first.replace(day=1), last + timedelta(days=7))
    rows = [_row(one, place, scale) for place, one in enumerate(lines)]
    by_code = {one.task.code: row for one, row in zip(lines, rows, strict=True)}
    return {
        "width": scale.width,
        "height": HEAD + ROW * len(rows),
        "head": HEAD,
        "rows": rows,
        "arrows": [
            _arrow(by_code[link.before], row, link, by_code[link.before]["is_critical"])
            for one, row in zip(lines, rows, strict=True)
            for link in one.links
        ],
        "months": _months(scale),
        "today": scale.x(today),
    }


def _row(one: Line, place: int, scale: Scale) -> dict[str, Any]:
    y = HEAD + place * ROW
    x, end = scale.x(one.agreed[0]), scale.after(one.agreed[1])
    width = round(max(end - x, 2), 1)
    will = scale.x(one.outlook[0])
    is_milestone = one.task.kind == TaskKind.MILESTONE
    middle = scale.after(one.agreed[1]) if is_milestone else x
    return {
        "line": one,
        "y": y,
        "top": y + BAR_TOP,
        "middle": y + BAR_TOP + BAR_HEIGHT // 2,
        "below": y + BAR_TOP + BAR_HEIGHT + 3,
        "left": middle,
        "right": middle if is_milestone else round(x + width, 1),
        "x": x,
        "width": width,
        "done": round(width * one.task.done_pct / 100, 1),
        "will_x": will,
        "will_width": round(max(scale.after(one.outlook[1]) - will, 6), 1),
        "is_milestone": is_milestone,
        "is_critical": one.is_critical,
    }


def _arrow(
    before: dict[str, Any], after: dict[str, Any], link: Link, critical: bool
) -> dict[str, Any]:
    """A line with corners from the end of one bar that holds to the end of the other that waits."""
    from_start = link.tie in (Tie.SS, Tie.SF)
    to_end = link.tie in (Tie.FF, Tie.SF)
    x1, y1 = before["left" if from_start else "right"], before["middle"]
    x2, y2 = after["right" if to_end else "left"], after["middle"]
    out = x1 - BEND if from_start else x1 + BEND
    into = x2 + BEND if to_end else x2 - BEND
    down = y2 > y1
    between = after["y"] if down else after["y"] + ROW
    way = f"M{x1} {y1}H{out}V{between}H{into}V{y2}H{x2}"
    tip = 4 if to_end else -4
    head = f"M{x2} {y2}l{tip} -3v6z"
    return {"way": way, "head": head, "is_critical": critical and after["is_critical"]}


def _months(scale: Scale) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    at = scale.first
    step = 1
    if (scale.last - scale.first).days > MOST_MONTHS * 31:
        step, at = 3, at.replace(month=(at.month - 1) // 3 * 3 + 1)
    while at <= scale.last:
        name = f"{at:%m/%Y}" if at.month == 1 or not found else f"{at:%m}"
        found.append({"x": scale.x(at), "name": name})
        month = at.month - 1 + step
        at = at.replace(year=at.year + month // 12, month=month % 12 + 1)
    return found
