"""Rows of a segmentation as tables, files and programs read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from sen.domains.network.models import Road
from sen.domains.network.segmentation import SCALE, Rule, Segment
from sen.domains.network.selectors.segments import (
    MAX_ROWS,
    LayerChoice,
    Question,
    RoadRows,
    plain,
)
from sen.kernel.errors import InvalidInputError
from sen.kernel.numbers import number_text


@dataclass(frozen=True, slots=True)
class Line:
    """One segment with its road, as tables and files show it."""

    road: Road
    row: Segment

    @property
    def from_m(self) -> float:
        return self.row.from_mm / SCALE

    @property
    def to_m(self) -> float:
        return self.row.to_mm / SCALE


def found_lines(found: Sequence[RoadRows]) -> list[Line]:
    """All rows of all roads.

    Raises:
        InvalidInputError: more than a page or a file can hold.
    """
    lines = [Line(one.road, row) for one in found for row in one.rows]
    if len(lines) > MAX_ROWS:
        raise InvalidInputError(
            {
                "step": _("Có hơn %(max)s đoạn; hãy chọn đoạn dài hơn hoặc ít tuyến hơn.")
                % {"max": MAX_ROWS}
            }
        )
    return lines


def value_text(layer: LayerChoice, value: Any) -> str:
    """A value of a segment for people."""
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(value_text(layer, item) for item in value)
    if isinstance(value, (int, float)):
        return number_text(round(value, 2))
    return str(layer.track.choices.get(value, value))


def column_names(question: Question) -> list[str]:
    """Names of columns in files that programs read; each value with the part that is known."""
    names = ["road", "from_m", "to_m", "length_m", "side", "lane"]
    for layer in question.layers:
        name = layer.track.name.replace(".", "_")
        names += [f"{name}_{layer.rule.value}", f"{name}_coverage"]
    return names


def file_cells(question: Question, line: Line) -> list[Any]:
    cells: list[Any] = [
        line.road.code,
        line.from_m,
        line.to_m,
        line.row.length_mm / SCALE,
        line.row.side.value,
        line.row.lane,
    ]
    for number, layer in enumerate(question.layers):
        value = plain(line.row.figures[number].by(layer.rule))
        text = value_text(layer, value) if layer.rule is Rule.LIST else value
        cells += [text, round(float(line.row.coverage(number)), 4)]
    return cells
