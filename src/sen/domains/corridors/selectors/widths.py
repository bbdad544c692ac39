"""How wide corridors are on a date, asked of the rules once for each case."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sen.domains.corridors.choices import Along
from sen.domains.corridors.models import RedLine
from sen.domains.corridors.rules import (
    NO_RED_LINE,
    NO_RULE,
    RED_LINE,
    WATER_RANGE,
    corridor_width_m,
    is_urban,
    norm_of,
)
from sen.domains.norms import api as norms
from sen.domains.norms.data import Table

STRIP = "corridor.strip"
BRIDGE_ENDS = "corridor.bridge-ends"
RULES = frozenset({STRIP, BRIDGE_ENDS, *(norm_of(along.value) for along in Along)})


@dataclass(frozen=True, slots=True)
class Said:
    """What the law says of one case.

    Units:
        Metres; ``corridor_m`` None where the law is silent or names another line.
    """

    norm: str
    strip_m: float
    corridor_m: float | None
    legal_ref: str = ""
    document: str = ""
    verification: str = ""
    remark: str = ""


@dataclass
class Widths:
    """The rules of corridors on a date."""

    on: date
    _tables: dict[str, Table] | None = None
    _said: dict[tuple[str, str], Said] = field(default_factory=dict)
    _red_lines: dict[int, tuple[float, str]] | None = None

    def of(self, along: str, case: Mapping[str, Any], *, road_id: int | None = None) -> Said:
        """The width of a corridor in a case; of an urban road by its red line."""
        if is_urban(case):
            return self._urban(road_id)
        key = (along, json.dumps(case, sort_keys=True))
        if key not in self._said:
            self._said[key] = self._ask(along, case)
        return self._said[key]

    def bridge_end_m(self, length_m: float) -> float:
        """How far the corridor of a bridge goes on beyond its abutments."""
        return self._number(BRIDGE_ENDS, {"length_m": length_m}) or 0.0

    def _ask(self, along: str, case: Mapping[str, Any]) -> Said:
        code = norm_of(along)
        table = self._table(code)
        strip = (self._number(STRIP, case) or 0.0) if along == "ROAD" else 0.0
        if table is None:
            return Said(code, strip, None, remark=NO_RULE)
        value = self._decide(table, case)
        width = corridor_width_m(value)
        remark = NO_RULE if width is None else _range_remark(value)
        return Said(
            code,
            strip,
            width,
            table.legal_ref,
            table.document,
            table.verification.value,
            remark,
        )

    def _urban(self, road_id: int | None) -> Said:
        table = self._table("corridor.road")
        legal = (table.legal_ref, table.document, table.verification.value) if table else ("",) * 3
        known = self._lines().get(road_id or 0)
        if known is None:
            return Said("corridor.road", 0.0, None, *legal, NO_RED_LINE)
        return Said("corridor.road", 0.0, known[0], known[1], legal[1], legal[2], RED_LINE)

    def _lines(self) -> dict[int, tuple[float, str]]:
        if self._red_lines is None:
            rows = RedLine.objects.unscoped("corridors are drawn for everybody")
            held = rows.filter(valid_from__lte=self.on).exclude(valid_to__lte=self.on)
            self._red_lines = {
                row.road_id: (float(row.distance_m), row.decision)
                for row in held.order_by("valid_from")
            }
        return self._red_lines

    def _table(self, code: str) -> Table | None:
        if self._tables is None:
            self._tables = norms.tables_on(RULES, self.on)
        return self._tables.get(code)

    def _number(self, code: str, case: Mapping[str, Any]) -> float | None:
        table = self._table(code)
        return corridor_width_m(self._decide(table, case)) if table else None

    def _decide(self, table: Table, case: Mapping[str, Any]) -> Any:
        try:
            return norms.decide(table.rows, case)
        except norms.NoRowError:
            return None


def _range_remark(value: Any) -> str:
    return WATER_RANGE if isinstance(value, list) and len(set(value)) > 1 else ""


def reach_of(said: Said, edge_m: float, case: Mapping[str, Any]) -> float | None:
    """From the axis to the edge of the corridor; a red line counts from the axis itself."""
    if said.corridor_m is None:
        return None
    return said.corridor_m if is_urban(case) else edge_m + said.strip_m + said.corridor_m
