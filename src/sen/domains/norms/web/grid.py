"""A table in typed cells: read from rows or from a posted form, arranged, written back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.http import QueryDict
from django.utils.translation import gettext as _

from sen.domains.norms.data import Row
from sen.domains.norms.rules import (
    CellError,
    Column,
    ValueKind,
    condition_from,
    inputs_of,
    value_from,
)
from sen.domains.norms.selectors import Layout
from sen.domains.norms.web.words import key_name
from sen.kernel.errors import InputCheck

MOST_ROWS: Final = 500
PARTS: Final = ("text", "low_op", "low", "high_op", "high")


@dataclass(frozen=True, slots=True)
class Head:
    """A criterion above its column, with the values that are known."""

    name: str
    unit: str
    known: tuple[str, ...]


@dataclass
class Cell:
    """The inputs of one criterion in one row."""

    column: Column
    name: str
    said: dict[str, str]
    error: str = ""

    @property
    def kind(self) -> str:
        return self.column.kind.value

    @property
    def label(self) -> str:
        return key_name(self.column.name)


@dataclass
class Line:
    """One row as it stands on the screen."""

    number: int
    cells: list[Cell]
    value: str
    error: str = ""
    is_long: bool = False


@dataclass
class Grid:
    """The rows of a rule on the screen."""

    layout: Layout
    lines: list[Line] = field(default_factory=list)

    @classmethod
    def of(cls, layout: Layout, rows: Sequence[Row]) -> Grid:
        grid = cls(layout)
        for row in rows:
            said = {c.name: inputs_of(row.when.get(c.name)) for c in layout.columns}
            grid._add(said, text_of(layout.value, row.value))
        if not rows:
            grid._add({}, "")
        return grid

    @classmethod
    def posted(cls, layout: Layout, data: QueryDict) -> Grid:
        grid = cls(layout)
        count = data.get("count", "0")
        for number in range(min(int(count) if count.isdigit() else 0, MOST_ROWS)):
            said = {
                c.name: {part: data.get(f"r{number}-{c.name}-{part}", "") for part in PARTS}
                for c in layout.columns
            }
            grid._add(said, data.get(f"r{number}-value", ""))
        return grid

    def arrange(self, doing: str) -> None:
        """``add:3`` below row 3, ``remove:3``, ``up:3``, ``down:3``; numbers count from 0."""
        act, _sep, text = doing.partition(":")
        place = int(text) if text.isdigit() else len(self.lines) - 1
        lines = [({c.column.name: c.said for c in x.cells}, x.value) for x in self.lines]
        if act == "add":
            lines.insert(place + 1, ({}, ""))
        elif act == "remove" and place < len(lines):
            lines.pop(place)
        elif act in ("up", "down"):
            other = place - 1 if act == "up" else place + 1
            if 0 <= other < len(lines) and place < len(lines):
                lines[place], lines[other] = lines[other], lines[place]
        self.lines = []
        for said, value in lines:
            self._add(said, value)

    def rows(self) -> list[dict[str, Any]]:
        """The rows as they are stored.

        Raises:
            InvalidInputError: a cell cannot be read; the cell holds the text too.
        """
        check = InputCheck()
        found = []
        for line in self.lines:
            when: dict[str, Any] = {}
            for cell in line.cells:
                try:
                    condition = condition_from(cell.column, cell.said)
                except CellError as error:
                    cell.error = _(error.template) % error.params
                    check.add("rows", self._where(line, cell.error))
                else:
                    if condition is not None:
                        when[cell.column.name] = condition
            try:
                found.append({"when": when, "value": value_from(self.layout.value, line.value)})
            except CellError as error:
                line.error = _(error.template) % error.params
                check.add("rows", self._where(line, line.error))
        check.done()
        return found

    @property
    def last(self) -> int:
        return len(self.lines) - 1

    def _where(self, line: Line, text: str) -> str:
        return _("Dòng %(row)s: %(text)s") % {"row": line.number + 1, "text": text}

    def _add(self, said: Mapping[str, Mapping[str, str]], value: str) -> None:
        number = len(self.lines)
        cells = [
            Cell(c, f"r{number}-{c.name}", dict(said.get(c.name, {}))) for c in self.layout.columns
        ]
        is_long = self.layout.value in (ValueKind.LIST, ValueKind.JSON)
        self.lines.append(Line(number, cells, value, is_long=is_long))

    @property
    def columns(self) -> list[Head]:
        return [Head(key_name(c.name), c.unit, c.known) for c in self.layout.columns]

    @property
    def is_number(self) -> bool:
        return self.layout.value is ValueKind.NUMBER


def text_of(kind: ValueKind, value: Any) -> str:
    """A stored value as it is entered."""
    if kind is ValueKind.NUMBER:
        return str(value).replace(".", ",")
    if kind is ValueKind.NUMBERS:
        return "; ".join(str(item).replace(".", ",") for item in value)
    if kind is ValueKind.LIST:
        return "\n".join(str(item) for item in value)
    if kind is ValueKind.JSON:
        return json.dumps(value, ensure_ascii=False, indent=1)
    return str(value)
