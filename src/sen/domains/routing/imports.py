"""Reading turn rules: tables, and the turn restrictions of OpenStreetMap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

import shapely
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sen.domains.network import api as network
from sen.domains.routing.choices import VEHICLE_NAMES, Heading
from sen.domains.routing.models import TurnRule
from sen.domains.routing.services import put_turns
from sen.kernel.access.scope import Actor
from sen.kernel.imports.importer import (
    FieldKind,
    Importer,
    ImportField,
    ImportRow,
    Outcome,
    register,
)
from sen.lib.text import fold

#: Restrictions of OpenStreetMap that Sen knows, by their value.
OSM_KINDS: Final = {
    "no_left_turn": "NO_LEFT",
    "no_right_turn": "NO_RIGHT",
    "no_straight_on": "NO_STRAIGHT",
    "no_u_turn": "NO_U_TURN",
    "only_left_turn": "ONLY_LEFT",
    "only_right_turn": "ONLY_RIGHT",
    "only_straight_on": "ONLY_STRAIGHT",
}
#: Kinds of vehicles by the key under which OpenStreetMap restricts them alone.
OSM_VEHICLES: Final = {
    "restriction:hgv": "TRUCK, TRACTOR",
    "restriction:bus": "BUS",
    "restriction:motorcycle": "MOTORCYCLE",
    "restriction:motorcar": "CAR",
}


@register
class TurnImporter(Importer):
    kind = "turn-rules"
    title = gettext_lazy("Cấm rẽ")
    permission = "routing.turn.import"
    fields = (
        ImportField(
            "code",
            gettext_lazy("Mã nguồn"),
            aliases=("ma", "source_code"),
            longest=40,
            help=gettext_lazy("Nhận ra bản ghi đã nhập; để trống thì khớp theo nút giao."),
        ),
        ImportField(
            "kind",
            gettext_lazy("Loại cấm, chỉ dẫn"),
            FieldKind.CHOICE,
            required=True,
            aliases=("loai", "loai_cam", "restriction"),
            choices=dict(TurnRule.Kind.choices),
            synonyms=OSM_KINDS,
        ),
        replace(
            network.ROAD_COLUMN,
            name="from_road",
            label=gettext_lazy("Từ tuyến"),
            required=True,
            aliases=("tu_tuyen", "tuyen_den", *network.ROAD_COLUMN.aliases),
        ),
        replace(network.CHAINAGE_COLUMN, name="at_m", label=gettext_lazy("Lý trình nút giao")),
        ImportField(
            "heading",
            gettext_lazy("Chiều xe đến nút"),
            FieldKind.CHOICE,
            aliases=("chieu", "chieu_di"),
            choices=dict(TurnRule.Way.choices),
        ),
        ImportField(
            "to_road",
            gettext_lazy("Vào tuyến"),
            required=True,
            aliases=("vao_tuyen", "den_tuyen"),
        ),
        ImportField(
            "vehicles",
            gettext_lazy("Loại xe"),
            FieldKind.LIST,
            aliases=("loai_xe",),
            help=gettext_lazy("Mã hoặc tên, cách nhau bằng dấu phẩy; để trống là mọi loại xe."),
        ),
        ImportField(
            "above_t",
            gettext_lazy("Áp dụng cho xe trên"),
            FieldKind.NUMBER,
            aliases=("tren_tan", "tai_trong"),
            unit="t",
        ),
        ImportField("valid_from", gettext_lazy("Áp dụng từ"), FieldKind.DATE, aliases=("tu_ngay",)),
        ImportField(
            "valid_to",
            gettext_lazy("Áp dụng đến trước ngày"),
            FieldKind.DATE,
            aliases=("den_ngay",),
        ),
        ImportField(
            "basis",
            gettext_lazy("Quyết định, căn cứ"),
            aliases=("quyet_dinh", "can_cu", "so_quyet_dinh"),
            longest=300,
        ),
    )
    shapes = frozenset({"point"})
    shape_required = False
    osm_tags = {"type": ("restriction",)}
    help = gettext_lazy(
        "Mỗi dòng một hướng rẽ: tuyến xe đến, lý trình hoặc vị trí nút giao, tuyến rẽ vào. Từ "
        "OpenStreetMap lấy các quan hệ cấm rẽ (restriction) của những đường đã nhập trước."
    )

    def osm_cells(self, osm_id: str, tags: Mapping[str, str]) -> Mapping[str, Any] | None:
        key = next((name for name in ("restriction", *OSM_VEHICLES) if name in tags), "")
        if tags.get(key) not in OSM_KINDS:
            return None
        return {
            "code": f"OSM-{osm_id}",
            "kind": OSM_KINDS[tags[key]],
            "from_road": f"OSM-{tags['from']}",
            "to_road": f"OSM-{tags['to']}",
            "vehicles": OSM_VEHICLES.get(key),
            "basis": _("OpenStreetMap, quan hệ %(id)s") % {"id": osm_id[1:]},
        }

    def apply(
        self, *, actor: Actor, rows: Sequence[ImportRow], options: Mapping[str, str]
    ) -> Outcome:
        outcome = Outcome()
        roads = _Roads(actor, rows)
        rows = roads.known_of_osm(rows, outcome)
        given = [_values(row, roads, outcome) for row in rows]
        if outcome.faults:
            return outcome
        known = _known(given)
        before = [None if old is None else _plain(old) for old in known]
        done, words = put_turns(actor=actor, rows=given, known=known)
        for row, old, state, what, text in zip(rows, known, before, done, words, strict=True):
            if what is None:
                outcome.fault(row, str(_("Cấm rẽ")), text)
            elif what == "created":
                outcome.created += 1
            elif old is not None and _plain(old) == state:
                outcome.unchanged += 1
            else:
                outcome.updated += 1
        return outcome


class _Roads:
    """Roads of the file by code or number, as the actor sees them."""

    def __init__(self, actor: Actor, rows: Sequence[ImportRow]) -> None:
        self.found: dict[str, list[Any]] = {}
        names = {str(row.values[name]) for row in rows for name in ("from_road", "to_road")}
        for name in names:
            self.found[name] = network.find_roads(actor, name)

    def known_of_osm(self, rows: Sequence[ImportRow], outcome: Outcome) -> list[ImportRow]:
        """An extract has restrictions of many ways that nobody entered as roads."""
        kept = [
            row
            for row in rows
            if not str(row.values.get("code") or "").startswith("OSM-r")
            or (self.found[row.values["from_road"]] and self.found[row.values["to_road"]])
        ]
        if len(kept) < len(rows):
            outcome.notes.append(
                _("Bỏ qua %(n)s quan hệ của những đường chưa có trong hệ thống.")
                % {"n": len(rows) - len(kept)}
            )
        return kept

    def get(self, row: ImportRow, field: str, label: str, outcome: Outcome) -> Any:
        text = str(row.values[field])
        found = self.found[text]
        exact = [road for road in found if road.code == text]
        if len(exact or found) == 1:
            return (exact or found)[0]
        words = (
            _("Nhiều tuyến mang số hiệu này; hãy ghi mã tuyến.")
            if found
            else _("Không có tuyến mang mã hoặc số hiệu này.")
        )
        outcome.fault(row, label, words, text)
        return None


def _values(row: ImportRow, roads: _Roads, outcome: Outcome) -> dict[str, Any]:
    start = roads.get(row, "from_road", str(_("Từ tuyến")), outcome)
    end = roads.get(row, "to_road", str(_("Vào tuyến")), outcome)
    if start is None or end is None:
        return {}
    measure = row.values.get("at_m")
    if measure is None:
        measure = _measured(row, start, outcome)
    if measure is None:
        return {}
    above = row.values.get("above_t")
    since: date | None = row.values.get("valid_from")
    return {
        "kind": row.values["kind"],
        "from_road": start,
        "at_m": Decimal(f"{measure:.3f}"),
        "heading": row.values.get("heading") or _heading(start, float(measure)),
        "to_road": end,
        "vehicles": [_vehicle(text) for text in row.values.get("vehicles") or []],
        "above_t": None if above is None else Decimal(str(above)),
        "valid_from": since or timezone.localdate(),
        "valid_to": row.values.get("valid_to"),
        "basis": row.values.get("basis") or "",
        "source_code": row.values.get("code") or "",
    }


def _vehicle(text: str) -> str:
    """The code of a kind of vehicles; what is none stays for the check."""
    words = {fold(_(name)): code for code, name in VEHICLE_NAMES.items()}
    return words.get(fold(text), text.upper())


def _measured(row: ImportRow, road: Any, outcome: Outcome) -> float | None:
    if row.shape is None:
        outcome.fault(
            row, str(_("Lý trình nút giao")), _("Hãy ghi lý trình hoặc tọa độ của nút giao.")
        )
        return None
    lon, lat = shapely.get_coordinates(shapely.from_wkb(row.shape))[0]
    found = network.chainage_of(lon=float(lon), lat=float(lat), road=road)
    if found is None:
        outcome.fault(
            row,
            str(_("Vị trí")),
            _("Nút giao cách %(road)s hơn 100 m.") % {"road": road.label},
        )
        return None
    return found.chainage_m


def _heading(road: Any, measure: float) -> str:
    """A junction at an end of the road is reached from the other end; else nothing is known."""
    start, end = float(road.start_m or 0), float(road.end_m or 0)
    if end - measure < 1:
        return Heading.UP.value
    return Heading.DOWN.value if measure - start < 1 else ""


def _known(given: Sequence[Mapping[str, Any]]) -> list[TurnRule | None]:
    """The stored rule that each row is about: by its code, else by junction, turn and day."""
    rows = TurnRule.objects.unscoped("match turn rules; the service asks for the right to write")
    codes = {values["source_code"] for values in given} - {""}
    by_code = {row.source_code: row for row in rows.filter(source_code__in=codes)}
    roads = {values["from_road"].pk for values in given}
    by_place = {_place(row): row for row in rows.filter(from_road__in=roads, source_code="")}
    return [
        by_code.get(values["source_code"])
        if values["source_code"]
        else by_place.get(
            (
                values["kind"],
                values["from_road"].pk,
                round(values["at_m"]),
                values["heading"],
                values["to_road"].pk,
                values["valid_from"],
                tuple(sorted(values["vehicles"])),
            )
        )
        for values in given
    ]


def _place(row: TurnRule) -> tuple[Any, ...]:
    return (
        row.kind,
        row.from_road_id,
        round(row.at_m),
        row.heading,
        row.to_road_id,
        row.valid_from,
        tuple(sorted(row.vehicles)),
    )


def _plain(row: TurnRule) -> tuple[Any, ...]:
    return (*_place(row)[:2], row.at_m, *_place(row)[3:], row.above_t, row.valid_to, row.basis)
