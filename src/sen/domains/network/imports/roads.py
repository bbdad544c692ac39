"""Reading roads: from the files of an office, or from OpenStreetMap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sen.domains.network import api
from sen.domains.network.choices import ManagerClass, Surface
from sen.domains.network.data import RoadInput
from sen.domains.network.imports.common import (
    AREA,
    AREA_OPTION,
    OWNER,
    OWNER_OPTION,
    Defaults,
    Roads,
    areas_of,
    class_of,
    defaults_for,
    number_or_none,
    number_value,
    owner_of,
    take_faults,
)
from sen.domains.network.models import Road, surface_choices
from sen.kernel.access.models import DataClassChoices
from sen.kernel.access.scope import Actor
from sen.kernel.imports.importer import (
    FieldKind,
    Importer,
    ImportField,
    ImportRow,
    Outcome,
    register,
)

#: Values of ``highway`` that carry cars, with the class that they stand for in Viet Nam.
HIGHWAYS: Final[dict[str, ManagerClass]] = {
    "motorway": ManagerClass.EXPRESSWAY,
    "motorway_link": ManagerClass.EXPRESSWAY,
    "trunk": ManagerClass.NATIONAL,
    "trunk_link": ManagerClass.NATIONAL,
    "primary": ManagerClass.NATIONAL,
    "primary_link": ManagerClass.NATIONAL,
    "secondary": ManagerClass.PROVINCIAL,
    "secondary_link": ManagerClass.PROVINCIAL,
    "tertiary": ManagerClass.COMMUNE,
    "tertiary_link": ManagerClass.COMMUNE,
    "unclassified": ManagerClass.COMMUNE,
    "road": ManagerClass.COMMUNE,
    "residential": ManagerClass.URBAN,
    "living_street": ManagerClass.URBAN,
}
#: Other words for surfaces, those of OpenStreetMap among them.
SURFACE_WORDS: Final[dict[str, str]] = {
    "btn": Surface.ASPHALT.value,
    "nhựa": Surface.ASPHALT.value,
    "bê tông": Surface.CONCRETE.value,
    "btxm": Surface.CONCRETE.value,
    "đá dăm láng nhựa": Surface.SURFACE_DRESSING.value,
    "chipseal": Surface.SURFACE_DRESSING.value,
    "concrete:plates": Surface.CONCRETE.value,
    "concrete:lanes": Surface.CONCRETE.value,
    "compacted": Surface.GRAVEL.value,
    "fine_gravel": Surface.GRAVEL.value,
    "pebblestone": Surface.GRAVEL.value,
    "dirt": Surface.EARTH.value,
    "ground": Surface.EARTH.value,
    "đường đất": Surface.EARTH.value,
}
SURFACE: Final = ImportField(
    "surface",
    gettext_lazy("Loại mặt đường"),
    FieldKind.CHOICE,
    aliases=("mat_duong", "ket_cau_mat_duong", "loai_mat"),
    choices=dict(surface_choices()),
    synonyms=SURFACE_WORDS,
)
#: Columns whose empty cells keep what is stored.
_KEPT: Final = (
    "name",
    "manager_class",
    "technical_class",
    "carriageway",
    "lanes",
    "surface",
    "opened_year",
    "status",
    "part",
)


@register
class RoadImporter(Importer):
    kind = "roads"
    title = gettext_lazy("Đường bộ")
    permission = "network.road.import"
    fields = (
        ImportField(
            "code",
            gettext_lazy("Mã tuyến"),
            aliases=("ma", "ma_duong", "road_code", "road_id"),
            longest=40,
        ),
        ImportField(
            "number",
            gettext_lazy("Số hiệu"),
            aliases=("so_hieu_duong", "ky_hieu", "ref", "road_number"),
        ),
        ImportField(
            "name",
            gettext_lazy("Tên đường"),
            aliases=("ten", "ten_tuyen", "road_name"),
            longest=200,
        ),
        ImportField(
            "manager_class",
            gettext_lazy("Cấp quản lý"),
            FieldKind.CHOICE,
            aliases=("loai_duong", "road_class"),
            choices=dict(Road.Manager.choices),
            synonyms={"đường huyện": "DISTRICT", "cao tốc": "EXPRESSWAY", "đường thôn": "VILLAGE"},
        ),
        ImportField(
            "technical_class",
            gettext_lazy("Cấp kỹ thuật"),
            FieldKind.CHOICE,
            aliases=("cap_duong", "cap"),
            choices=dict(Road.Technical.choices),
        ),
        ImportField(
            "carriageway",
            gettext_lazy("Phần đường xe chạy"),
            FieldKind.CHOICE,
            choices=dict(Road.Lay.choices),
        ),
        ImportField(
            "part",
            gettext_lazy("Thành phần"),
            FieldKind.CHOICE,
            aliases=("thanh_phan",),
            choices=dict(Road.Part.choices),
        ),
        ImportField(
            "main",
            gettext_lazy("Mã tuyến chính"),
            aliases=("tuyen_chinh", "main_code"),
            longest=40,
            help=gettext_lazy("Của phần đường trái, phải hoặc nhánh nối vẽ riêng."),
        ),
        ImportField("lanes", gettext_lazy("Số làn xe"), FieldKind.INTEGER, aliases=("so_lan",)),
        ImportField(
            "width_m",
            gettext_lazy("Bề rộng mặt đường"),
            FieldKind.NUMBER,
            aliases=("width", "be_rong", "chieu_rong", "rong_mat"),
            unit="m",
        ),
        SURFACE,
        ImportField(
            "opened_year",
            gettext_lazy("Năm đưa vào khai thác"),
            FieldKind.INTEGER,
            aliases=("nam", "nam_khai_thac", "year"),
        ),
        ImportField(
            "status",
            gettext_lazy("Tình trạng"),
            FieldKind.CHOICE,
            aliases=("trang_thai",),
            choices=dict(Road.Status.choices),
        ),
        ImportField(
            "start_m",
            gettext_lazy("Lý trình đầu"),
            FieldKind.KM,
            aliases=("tu_km", "km_dau", "from_km", "start_km", "declared_start_m"),
        ),
        ImportField(
            "end_m",
            gettext_lazy("Lý trình cuối"),
            FieldKind.KM,
            aliases=("den_km", "km_cuoi", "to_km", "end_km", "declared_end_m"),
        ),
        OWNER,
        AREA,
        ImportField(
            "data_class",
            gettext_lazy("Mức dữ liệu"),
            FieldKind.CHOICE,
            choices={str(value): text for value, text in DataClassChoices.choices},
        ),
    )
    options = (OWNER_OPTION, AREA_OPTION)
    shapes = frozenset({"line"})
    shape_required = False
    osm_tags = {"highway": tuple(HIGHWAYS)}
    help = gettext_lazy(
        "Tuyến đã có được nhận ra theo mã; dòng không có mã thì theo số hiệu, và theo địa bàn khi "
        "nhiều tuyến cùng số hiệu. Ô trống giữ nguyên giá trị đang có. Mỗi đường của "
        "OpenStreetMap thành một tuyến mang mã OSM-w…"
    )

    def osm_cells(self, osm_id: str, tags: Mapping[str, str]) -> Mapping[str, Any] | None:
        number = number_or_none(tags.get("ref", "").partition(";")[0]) or ""
        kind = class_of(number) or HIGHWAYS[tags["highway"]].value
        lanes = tags.get("lanes", "")
        words = {code.lower(): code for code in Surface} | SURFACE_WORDS
        return {
            "code": f"OSM-{osm_id}",
            "number": number,
            "name": tags.get("name") or tags.get("ref") or _("Đường không tên"),
            "manager_class": kind,
            "carriageway": "ONE_WAY" if tags.get("oneway") == "yes" else "SINGLE",
            "lanes": int(lanes) if lanes in tuple("12345678") else None,
            "surface": words.get(tags.get("surface", ""), None),
        }

    def apply(
        self, *, actor: Actor, rows: Sequence[ImportRow], options: Mapping[str, str]
    ) -> Outcome:
        outcome = Outcome()
        defaults = defaults_for(actor, options, outcome)
        known = Roads(actor, [text for row in rows for text in _names(row)])
        matched = [_match(row, known, defaults, outcome) for row in rows]
        kept = {row.number: old.area.code for row, old in zip(rows, matched, strict=True) if old}
        areas = areas_of(rows, defaults, kept, outcome)
        inputs = [
            _input(row, old, area, defaults, outcome)
            for row, old, area in zip(rows, matched, areas, strict=True)
        ]
        if outcome.faults:
            return outcome
        try:
            report = api.bulk_put_roads(actor=actor, rows=inputs, outside=defaults.outside)
        except api.RowFaultsError as error:
            take_faults(error, outcome, {item.row: item.code for item in inputs})
            return outcome
        outcome.created, outcome.updated = report.created, report.updated
        outcome.unchanged = report.unchanged
        return outcome


def _names(row: ImportRow) -> tuple[str, str]:
    return row.values.get("code") or "", row.values.get("number") or ""


def _match(row: ImportRow, known: Roads, defaults: Defaults, outcome: Outcome) -> Road | None:
    """The stored road that a row is about."""
    code, number = _names(row)
    if code:
        return known.by_code.get(code)
    if not number:
        outcome.fault(row, str(_("Mã tuyến")), _("Hãy ghi mã tuyến hoặc số hiệu."))
        return None
    stored = number_or_none(number) or ""
    area = defaults.areas.find(row.values.get("area") or "") or ""
    found = known.by_number.get(stored, [])
    if area and class_of(stored) not in ("EXPRESSWAY", "NATIONAL", "PROVINCIAL"):
        found = [road for road in found if road.area.code == area]
    if len(found) > 1:
        outcome.fault(
            row, str(_("Số hiệu")), _("Nhiều tuyến mang số hiệu này; hãy ghi mã tuyến."), number
        )
        return None
    return found[0] if found else None


def _input(
    row: ImportRow, old: Road | None, area: str, defaults: Defaults, outcome: Outcome
) -> RoadInput:
    """The whole road: the cells of the row over what is stored."""
    code, number = _names(row)
    stored = number_or_none(number) or ""
    values: dict[str, Any] = {
        name: given
        for name in _KEPT
        if (given := row.values.get(name)) is not None
        or (old is not None and (given := getattr(old, name)) is not None)
    }
    if not old:
        values.setdefault("name", number)
        values.setdefault("manager_class", class_of(stored) or ManagerClass.COMMUNE.value)
    level = row.values.get("data_class")
    return RoadInput(
        code=code or (old.code if old else _new_code(stored or number, area)),
        number=number or (old.number if old else ""),
        owner_org=owner_of(row, defaults, old.owner_org.code if old else "", outcome),
        area=area,
        width_m=_over(row, "width_m", old.width_m if old else None),
        start_m=_over(row, "start_m", old.declared_start_m if old else None) or 0.0,
        end_m=_over(row, "end_m", old.declared_end_m if old else None),
        data_class=int(level) if level is not None else (old.data_class if old else 0),
        main=row.values.get("main") or (old.main.code if old and old.main else ""),
        line=row.shape,
        row=row.number,
        **values,
    )


def _over(row: ImportRow, name: str, stored: Any) -> float | None:
    given = row.values.get(name)
    return number_value(stored if given is None else given)


def _new_code(number: str, area: str) -> str:
    """Numbers of communal roads repeat from commune to commune."""
    if class_of(number) in ("EXPRESSWAY", "NATIONAL", "PROVINCIAL"):
        return number
    return f"{number}-{area}"
