"""Use cases on turns that signs forbid or order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from django.contrib.gis.geos import LineString
from django.utils.translation import gettext as _

from sen.domains.network import api as network
from sen.domains.network.choices import RoadPart
from sen.domains.network.data import LonLat
from sen.domains.routing.choices import Heading, Manoeuvre, TurnKind, VehicleKind
from sen.domains.routing.models import TurnRule
from sen.domains.routing.rules import is_manoeuvre, turn_deg
from sen.kernel.access.context import as_system
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InputCheck, InvalidInputError
from sen.kernel.usecase import check_version, use_case
from sen.lib.text import nfc

FIELDS: Final = frozenset(
    {
        "kind",
        "from_road",
        "at_m",
        "heading",
        "to_road",
        "vehicles",
        "above_t",
        "valid_from",
        "valid_to",
        "basis",
        "data_class",
        "source_code",
    }
)
#: The two roads meet when the second is this near to the place on the first.
MEET_M: Final = 30.0
#: So far before and behind the junction the direction is taken.
ARM_M: Final = 25.0
#: Traffic drives on the right: which way it goes on a carriageway of a divided road.
_HEADING_ON: Final = {RoadPart.RIGHT.value: Heading.UP, RoadPart.LEFT.value: Heading.DOWN}


@use_case("routing.turn.add", act="routing.create_turn")
def create_turn(*, actor: Actor, **values: Any) -> TurnRule:
    """Enter a turn that is forbidden or ordered.

    Raises:
        InvalidInputError: the roads do not meet there, or there is no such turn.
    """
    row = TurnRule()
    fill_turn(row, values)
    row.save()
    return row


@use_case("routing.turn.change", act="routing.update_turn")
def update_turn(
    *, actor: Actor, row: TurnRule, version: int | None, reason: str = "", **values: Any
) -> TurnRule:
    """Correct a rule or end it.

    Raises:
        ConflictError: somebody changed it after the form was opened.
        InvalidInputError: as with a new one.
    """
    check_version(row, version)
    fill_turn(row, values)
    row.save()
    return row


@use_case("routing.turn.delete", act="routing.delete_turn")
def delete_turn(*, actor: Actor, row: TurnRule, version: int | None, reason: str) -> None:
    """Take out a rule that was wrong from the start.

    Raises:
        ConflictError: somebody changed it meanwhile.
    """
    check_version(row, version)
    row.delete()


@use_case("routing.turn.import", act="routing.put_turns", check_result=False)
def put_turns(
    *, actor: Actor, rows: Sequence[Mapping[str, Any]], known: Sequence[TurnRule | None]
) -> tuple[list[str | None], list[str]]:
    """Write many rules, new ones and those that are known.

    Shapes:
        ``known``: as many as ``rows``. Returns what became of each row (``created``, ``updated``,
        None for a fault), and the words of its fault, empty where there is none.
    """
    done: list[str | None] = []
    words: list[str] = []
    scope = actor.scope(TurnRule.access, "import")
    for values, old in zip(rows, known, strict=True):
        row = old or TurnRule()
        try:
            fill_turn(row, values)
        except InvalidInputError as error:
            done.append(None)
            words.append(" ".join(text for texts in error.fields.values() for text in texts))
            continue
        if not scope.allows(row):
            done.append(None)
            words.append(_("Bạn không có quyền nhập cho đơn vị hoặc địa bàn của tuyến này."))
            continue
        row.save()
        done.append("updated" if old else "created")
        words.append("")
    return done, words


def fill_turn(row: TurnRule, values: Mapping[str, Any]) -> None:
    """Give a rule its values, checked and placed; the caller saves it.

    Raises:
        InvalidInputError: a value is wrong, the roads do not meet, or there is no such turn.
    """
    if unknown := values.keys() - FIELDS:
        raise TypeError(f"turn rule: unknown values {sorted(unknown)}")
    for name, value in values.items():
        setattr(row, name, nfc(value).strip() if isinstance(value, str) else value)
    row.vehicles = sorted(set(row.vehicles or []))
    check = InputCheck()
    check.need(row.kind in TurnRule.Kind.values, "kind", _("Hãy chọn loại cấm, chỉ dẫn."))
    check.need(row.from_road_id, "from_road", _("Hãy chọn tuyến mà xe đến."))
    check.need(row.to_road_id, "to_road", _("Hãy chọn tuyến mà xe rẽ vào."))
    check.need(row.at_m is not None, "at_m", _("Hãy ghi lý trình của nút giao."))
    check.need(row.heading in TurnRule.Way.values, "heading", _("Hãy chọn chiều xe đến nút."))
    check.need(row.valid_from is not None, "valid_from", _("Hãy ghi ngày bắt đầu áp dụng."))
    check.need(row.basis, "basis", _("Hãy ghi số, ngày quyết định hoặc biển báo làm căn cứ."))
    strange = set(row.vehicles) - set(VehicleKind)
    check.need(
        not strange,
        "vehicles",
        _("Không có loại xe “%(kind)s”.") % {"kind": ", ".join(sorted(strange))},
    )
    check.need(
        row.above_t is None or 0 < row.above_t <= 500,
        "above_t",
        _("Ghi số tấn từ 0,1 đến 500, hoặc để trống."),
    )
    check.done()
    check.need(
        row.valid_to is None or row.valid_to > row.valid_from,
        "valid_to",
        _("Ngày hết áp dụng phải sau ngày bắt đầu."),
    )
    check.done()
    with as_system("a turn is placed on its roads whoever may see them"):
        place_turn(row)


def place_turn(row: TurnRule) -> None:
    """Where the turn is, and which way one leaves.

    Raises:
        InvalidInputError: the roads do not meet there, or there is no such turn.
    """
    _on_axis(row)
    row.owner_org_id, row.area_id = row.from_road.owner_org_id, row.from_road.area_id
    row.data_class = max(row.data_class, row.from_road.data_class, row.to_road.data_class)
    row.is_demo = row.from_road.is_demo
    at_m = float(row.at_m)
    spot = _spot(row.from_road_id, at_m)
    if spot is None:
        raise InvalidInputError(
            {"at_m": _("%(road)s không có %(place)s.") % _names(row.from_road.label, at_m)}
        )
    heading = Heading(row.heading)
    before = _arm(row.from_road_id, at_m, heading.other)
    if before is None:
        raise InvalidInputError(
            {"heading": _("Theo chiều này không có đoạn nào của tuyến dẫn đến nút giao.")}
        )
    row.to_m = Decimal(f"{_meeting(row, spot):.3f}")
    behind = _behind(row, before, spot)
    row.geom = LineString(before, spot, behind, srid=4326)
    row.title = _("%(kind)s: %(from)s %(place)s → %(to)s") % {
        "kind": row.get_kind_display(),
        "from": row.from_road.label,
        "place": network.label(round(at_m, 3)),
        "to": row.to_road.label,
    }


def _on_axis(row: TurnRule) -> None:
    """Who names a carriageway means its road, driven as traffic goes on that side."""
    for name in ("from_road", "to_road"):
        road = getattr(row, name)
        if road.part in _HEADING_ON:
            if name == "from_road":
                row.heading = _HEADING_ON[road.part].value
            setattr(row, name, road.main)


def _names(road: str, measure: float) -> dict[str, str]:
    return {"road": road, "place": network.label(round(measure, 3))}


def _spot(road_id: int, measure: float) -> LonLat | None:
    return network.points_at(places=[(road_id, measure)])[0]


def _arm(road_id: int, measure: float, heading: Heading) -> LonLat | None:
    """A place a little further along a road; None where it ends at once."""
    sign = 1.0 if heading is Heading.UP else -1.0
    return _spot(road_id, measure + sign * ARM_M)


def _meeting(row: TurnRule, spot: LonLat) -> float:
    """The label of the junction on the road into which one turns."""
    if row.to_road_id == row.from_road_id:
        return float(row.at_m)
    found = network.chainage_of(lon=spot[0], lat=spot[1], road=row.to_road_id, within_m=MEET_M)
    if found is None:
        raise InvalidInputError(
            {
                "to_road": _("%(to)s không gặp %(road)s trong vòng %(m)g m quanh %(place)s.")
                % {
                    "to": row.to_road.label,
                    "m": MEET_M,
                    **_names(row.from_road.label, float(row.at_m)),
                }
            },
            hint=_("Hãy ghi lý trình của nút giao trên tuyến mà xe đến."),
        )
    return found.chainage_m


def _behind(row: TurnRule, before: LonLat, spot: LonLat) -> LonLat:
    """Where one is after the turn; sets which way that is."""
    manoeuvre = TurnKind(row.kind).manoeuvre
    if manoeuvre is Manoeuvre.BACK and row.to_road_id == row.from_road_id:
        row.to_heading = Heading(row.heading).other.value
        return before
    found: list[tuple[float, Heading, LonLat]] = []
    for heading in Heading:
        arm = _arm(row.to_road_id, float(row.to_m), heading)
        if arm is not None:
            degrees = turn_deg(before, spot, arm)
            if is_manoeuvre(manoeuvre, degrees):
                found.append((_oddness(manoeuvre, degrees), heading, arm))
    if not found:
        raise InvalidInputError(
            {
                "kind": _("Từ %(road)s %(place)s không có hướng như vậy vào %(to)s.")
                % {"to": row.to_road.label, **_names(row.from_road.label, float(row.at_m))}
            },
            hint=_("Hãy kiểm tra chiều xe đến nút và tuyến mà xe rẽ vào."),
        )
    _odd, best, arm = min(found)
    row.to_heading = best.value
    return arm


def _oddness(manoeuvre: Manoeuvre, degrees: float) -> float:
    """How far a turn is from what its name makes one think of."""
    usual = {Manoeuvre.STRAIGHT: 0.0, Manoeuvre.BACK: 180.0}.get(manoeuvre, 90.0)
    return abs(abs(degrees) - usual)
