"""What the importers of roads, km-posts and sections share: owners, places, roads by number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import shapely
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sen.domains.network.api import RowFaultsError
from sen.domains.network.choices import ManagerClass, RoadPart
from sen.domains.network.columns import AREA_COLUMN, OWNER_COLUMN
from sen.domains.network.models import Road
from sen.domains.network.rules import canonical_number
from sen.domains.places import api as places
from sen.kernel.access.models import Area, Organisation
from sen.kernel.access.scope import Actor
from sen.kernel.imports.importer import OUTSIDE, ImportOption, ImportRow, Outcome
from sen.lib.roadnames import RoadNumberError
from sen.lib.text import fold

OWNER: Final = replace(
    OWNER_COLUMN,
    help=gettext_lazy("Mã hoặc tên đơn vị; để trống thì theo tùy chọn owner, rồi người nhập."),
)
AREA: Final = replace(
    AREA_COLUMN,
    help=gettext_lazy("Mã hoặc tên; để trống thì tìm theo hình của tuyến."),
)
OWNER_OPTION: Final = ImportOption("owner", gettext_lazy("Đơn vị quản lý (mã) khi tệp không ghi"))
AREA_OPTION: Final = ImportOption("area", gettext_lazy("Địa bàn (mã) khi tệp không ghi"))

#: Class that the prefix of a number says.
CLASS_OF_PREFIX: Final = {
    "CT": ManagerClass.EXPRESSWAY,
    "QL": ManagerClass.NATIONAL,
    "ĐT": ManagerClass.PROVINCIAL,
    "ĐH": ManagerClass.DISTRICT,
    "ĐX": ManagerClass.COMMUNE,
    "ĐĐT": ManagerClass.URBAN,
}


def number_or_none(text: str) -> str | None:
    """The stored form of a road number; empty for none, None for a text that is no number."""
    try:
        return canonical_number(text)
    except RoadNumberError:
        return None


def class_of(number: str) -> str:
    """The managing class that a stored number says; empty when it says none."""
    found = CLASS_OF_PREFIX.get(number.partition(".")[0])
    return found.value if found else ""


class Named:
    """Organisations or areas by code, or by a name that only one of them bears."""

    def __init__(self, rows: Iterable[tuple[str, str]]) -> None:
        self.codes: dict[str, str] = {}
        names: defaultdict[str, list[str]] = defaultdict(list)
        for code, name in rows:
            self.codes[fold(code)] = code
            names[fold(name)].append(code)
        self.names = {name: found[0] for name, found in names.items() if len(found) == 1}

    def find(self, text: str) -> str | None:
        key = fold(text)
        return self.codes.get(key) or self.names.get(key)


@dataclass(frozen=True, slots=True)
class Defaults:
    """Owner and place of rows that name none; empty strings where nothing is known."""

    owner: str
    area: str
    owners: Named
    areas: Named
    area_codes: Mapping[int, str]
    outside: bool = False


def defaults_for(actor: Actor, options: Mapping[str, str], outcome: Outcome) -> Defaults:
    """From the options, the actor's organisation and the province; faults go to the outcome."""
    owners = Named(Organisation.objects.values_list("code", "name"))
    rows = list(Area.objects.values_list("pk", "code", "name", "kind").order_by("path"))
    areas = Named((code, name) for _pk, code, name, _kind in rows)
    own = Organisation.objects.filter(pk=actor.organisation_id or 0).values_list("code", flat=True)
    province = next((code for _pk, code, _name, kind in rows if kind == Area.Kind.PROVINCE), "")
    given_owner, given_area = options.get("owner", ""), options.get("area", "")
    owner = owners.find(given_owner) if given_owner else own.first()
    area = areas.find(given_area) if given_area else province
    if given_owner and owner is None:
        outcome.fault(0, "owner", _("Không có đơn vị mang mã hoặc tên này."), given_owner)
    if given_area and area is None:
        outcome.fault(0, "area", _("Không có địa bàn mang mã hoặc tên này."), given_area)
    codes = {pk: code for pk, code, _name, _kind in rows}
    outside = bool(options.get(OUTSIDE))
    return Defaults(owner or "", area or "", owners, areas, codes, outside)


def owner_of(row: ImportRow, defaults: Defaults, kept: str, outcome: Outcome) -> str:
    """The code of the owner: the row's own, the stored one, or the default."""
    text = row.values.get("owner")
    if text:
        found = defaults.owners.find(text)
        if found is None:
            outcome.fault(row, str(OWNER.label), _("Không có đơn vị mang mã hoặc tên này."), text)
        return found or ""
    if not kept and not defaults.owner:
        outcome.fault(
            row,
            str(OWNER.label),
            _("Chưa biết đơn vị quản lý: thêm cột đơn vị hoặc tùy chọn owner=MÃ."),
        )
    return kept or defaults.owner


def areas_of(
    rows: Sequence[ImportRow], defaults: Defaults, kept: Mapping[int, str], outcome: Outcome
) -> list[str]:
    """The code of the place of each row.

    The row's own, the stored one (``kept`` by number of the row), the commune in which the whole
    line lies, or the default.
    """
    found = [kept.get(row.number, "") for row in rows]
    asked: list[int] = []
    for place, row in enumerate(rows):
        text = row.values.get("area")
        if text:
            code = defaults.areas.find(text)
            if code is None:
                outcome.fault(
                    row,
                    str(AREA.label),
                    _("Không có địa bàn này, hoặc nhiều địa bàn cùng tên; hãy ghi mã."),
                    text,
                )
            found[place] = code or ""
        elif not found[place] and row.shape is not None:
            asked.append(place)
    for place, code in zip(asked, _by_shape([rows[i] for i in asked], defaults), strict=True):
        found[place] = code
    return [code or defaults.area for code in found]


def _by_shape(rows: Sequence[ImportRow], defaults: Defaults) -> list[str]:
    """The commune that holds both ends and the middle; empty for a line through several."""
    points: list[tuple[float, float]] = []
    for row in rows:
        ends = shapely.get_coordinates(shapely.from_wkb(row.shape))
        points += [tuple(ends[i]) for i in (0, len(ends) // 2, -1)]
    units = places.units_at(points)
    found: list[str] = []
    for i in range(len(rows)):
        here = {unit.area_id if unit else None for unit in units[i * 3 : i * 3 + 3]}
        only = here.pop() if len(here) == 1 else None
        found.append(defaults.area_codes.get(only, "") if only is not None else "")
    return found


class Roads:
    """The roads that an actor may see, by code and by number."""

    def __init__(self, actor: Actor, texts: Iterable[str]) -> None:
        given = {text for text in texts if text}
        numbers = {number for text in given if (number := number_or_none(text))}
        known = Road.objects.visible_to(actor)
        rows = (known.filter(code__in=given) | known.filter(number__in=numbers)).select_related(
            "owner_org", "area"
        )
        self.by_code: dict[str, Road] = {}
        self.by_number: defaultdict[str, list[Road]] = defaultdict(list)
        for road in rows.defer("geom"):
            self.by_code[road.code] = road
            if road.number and road.part not in (RoadPart.LEFT, RoadPart.RIGHT):
                self.by_number[road.number].append(road)

    def find(self, text: str, area: str = "") -> tuple[Road | None, str]:
        """The road meant, or what is wrong with the name of it."""
        if text in self.by_code:
            return self.by_code[text], ""
        number = number_or_none(text)
        found = self.by_number.get(number or "", [])
        if area and len(found) > 1:
            found = [road for road in found if road.area.code == area]
        if len(found) > 1:
            return None, _("Nhiều tuyến mang số hiệu này; hãy ghi mã tuyến.")
        if not found:
            return None, _("Không có tuyến mang mã hoặc số hiệu này.")
        return found[0], ""


def take_faults(error: RowFaultsError, outcome: Outcome, names: Mapping[int, str]) -> None:
    """Every fault of a bulk use case at its row; ``names`` say what the row is about."""
    for row, text in error.faults:
        outcome.fault(row, str(_("tuyến")), text, names.get(row, ""))


def number_value(value: Any) -> float | None:
    return None if value is None else float(value)
