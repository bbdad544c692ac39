"""Reading sections of roads: surface, roughness, width and speed from a table or from lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sen.domains.network import api
from sen.domains.network.choices import EVENT_KINDS, Side, ValueType
from sen.domains.network.columns import FROM_COLUMN, ROAD_COLUMN, SIDE_COLUMN, TO_COLUMN
from sen.domains.network.data import EventInput
from sen.domains.network.imports.common import (
    AREA,
    AREA_OPTION,
    OWNER,
    OWNER_OPTION,
    Roads,
    defaults_for,
    take_faults,
)
from sen.domains.network.imports.placing import Placed, place_sections, road_text
from sen.domains.network.imports.roads import SURFACE, SURFACE_WORDS
from sen.domains.network.models import RouteEvent, SideOfRoad, event_kind_choices
from sen.kernel.access.scope import Actor
from sen.kernel.imports.importer import (
    FieldKind,
    Importer,
    ImportField,
    ImportOption,
    ImportRow,
    Outcome,
    register,
)
from sen.lib.units import NumberFormatError, parse_number

#: Numbers that the ministry's record of local roads (VPROMM) keeps for surfaces.
SURFACE_NUMBERS: Final[dict[str, str]] = {
    "1": "CONCRETE",
    "2": "ASPHALT",
    "3": "SURFACE_DRESSING",
    "4": "GRAVEL",
    "5": "EARTH",
    "6": "MACADAM",
}
_NUMBERS: Final = ("width", "iri", "speed_limit", "operating_speed")
#: Kept beside the values, for whoever plans works by them.
_REMARKS: Final = ("condition", "aadt", "pavement_age", "traffic_level")
#: ``6+`` in field sheets: six metres or somewhat more.
_OR_MORE: Final = re.compile(r"(?P<number>[\d.,]+)\s*\+")


@register
class SectionImporter(Importer):
    kind = "road-sections"
    title = gettext_lazy("Đoạn tuyến: mặt đường, IRI, bề rộng, tốc độ")
    permission = "network.event.import"
    key = "code"
    fields = (
        replace(ROAD_COLUMN, aliases=(*ROAD_COLUMN.aliases, "vpromm_id"), longest=36),
        ImportField(
            "code",
            gettext_lazy("Mã đoạn"),
            aliases=("ma", "section_id", "way_id_district", "ma_ban_ghi"),
            longest=60,
        ),
        ImportField("number", gettext_lazy("Số hiệu"), aliases=("road_number", "so_hieu_duong")),
        ImportField("name", gettext_lazy("Tên đường"), aliases=("ten", "ten_tuyen"), longest=200),
        FROM_COLUMN,
        TO_COLUMN,
        replace(SIDE_COLUMN, choices=dict(SideOfRoad.choices)),
        ImportField("lane", gettext_lazy("Làn xe"), FieldKind.INTEGER, aliases=("lan",)),
        ImportField(
            "kind",
            gettext_lazy("Nội dung"),
            FieldKind.CHOICE,
            choices=dict(event_kind_choices()),
        ),
        ImportField("value", gettext_lazy("Giá trị"), aliases=("gia_tri",), longest=200),
        ImportField(
            "surface",
            SURFACE.label,
            FieldKind.CHOICE,
            aliases=(*SURFACE.aliases, "section_surface"),
            choices=SURFACE.choices,
            synonyms=SURFACE_WORDS | SURFACE_NUMBERS,
        ),
        ImportField(
            "width", gettext_lazy("Bề rộng"), aliases=("be_rong_mat_duong", "width_m"), unit="m"
        ),
        ImportField("iri", gettext_lazy("IRI"), aliases=("do_go_ghe",), unit="m/km"),
        ImportField(
            "speed_limit", gettext_lazy("Tốc độ cho phép"), aliases=("maxspeed",), unit="km/h"
        ),
        ImportField("operating_speed", gettext_lazy("Tốc độ khai thác"), unit="km/h"),
        ImportField("condition", gettext_lazy("Tình trạng"), aliases=("tinh_trang_mat",)),
        ImportField("aadt", gettext_lazy("Lưu lượng xe"), aliases=("luu_luong",)),
        ImportField(
            "pavement_age", gettext_lazy("Tuổi mặt đường"), aliases=("section_pavement_age",)
        ),
        ImportField("traffic_level", gettext_lazy("Mức lưu lượng"), aliases=("section_traffic",)),
        ImportField(
            "valid_from",
            gettext_lazy("Áp dụng từ"),
            FieldKind.DATE,
            aliases=("tu_ngay", "ngay", "survey_date", "ngay_khao_sat"),
        ),
        ImportField(
            "valid_to",
            gettext_lazy("Áp dụng đến trước ngày"),
            FieldKind.DATE,
            aliases=("den_ngay",),
        ),
        OWNER,
        AREA,
    )
    options = (
        ImportOption(
            "roads",
            gettext_lazy("Tuyến chưa có trong danh mục"),
            choices={
                "refuse": gettext_lazy("Báo lỗi"),
                "create": gettext_lazy("Lập từ hình của các đoạn"),
            },
        ),
        ImportOption(
            "date",
            gettext_lazy("Ngày áp dụng khi tệp không ghi"),
            help=gettext_lazy("Dạng 2026-01-31; để trống thì là hôm nay."),
        ),
        OWNER_OPTION,
        AREA_OPTION,
    )
    shapes = frozenset({"line"})
    shape_required = False
    help = gettext_lazy(
        "Mỗi dòng một đoạn: tuyến (mã hoặc số hiệu), từ lý trình, đến lý trình; không có lý trình "
        "thì tính từ hình của đoạn. Đoạn có mã được nhận ra theo mã khi nhập lại."
    )

    def apply(
        self, *, actor: Actor, rows: Sequence[ImportRow], options: Mapping[str, str]
    ) -> Outcome:
        outcome = Outcome()
        since = _day(options, outcome)
        defaults = defaults_for(actor, options, outcome)
        known = Roads(actor, [road_text(row) for row in rows])
        creates = options.get("roads") == "create"
        try:
            placed = place_sections(actor, rows, known, defaults if creates else None, outcome)
        except api.RowFaultsError as error:
            take_faults(error, outcome, {row.number: road_text(row) for row in rows})
            return outcome
        dates = _stored_dates([row.values.get("code") for row in rows])
        events = [event for row in rows for event in _events(row, placed, since, dates, outcome)]
        events = _without_repeats(events, outcome)
        if outcome.faults:
            return outcome
        if not events:
            outcome.notes.append(_("Không có giá trị nào để ghi theo lý trình."))
            return outcome
        try:
            report = api.bulk_put_events(actor=actor, rows=events)
        except api.RowFaultsError as error:
            take_faults(error, outcome, {event.row: event.road for event in events})
            return outcome
        outcome.created, outcome.updated = report.created, report.updated
        outcome.unchanged = report.unchanged
        outcome.notes.append(
            _("%(rows)s đoạn cho %(events)s bản ghi theo lý trình.")
            % {"rows": len(rows), "events": len(events)}
        )
        return outcome


def _day(options: Mapping[str, str], outcome: Outcome) -> date:
    text = options.get("date", "")
    try:
        return date.fromisoformat(text) if text else timezone.localdate()
    except ValueError:
        outcome.fault(0, "date", _("Ngày phải có dạng 2026-01-31."), text)
        return timezone.localdate()


def _stored_dates(codes: Sequence[str | None]) -> dict[str, date]:
    """The first day of records that an import wrote before, by their code."""
    given = [f"{code}/{kind}" for code in codes if code for kind in EVENT_KINDS]
    stored = RouteEvent.objects.unscoped("match records along roads by code")
    return dict(stored.filter(code__in=given).values_list("code", "valid_from"))


def _events(
    row: ImportRow,
    placed: Mapping[int, Placed],
    since: date,
    dates: Mapping[str, date],
    outcome: Outcome,
) -> Iterator[EventInput]:
    """One record for each value of the row."""
    place = placed.get(row.number)
    if place is None:
        return
    remarks = {name: text for name in _REMARKS if (text := row.values.get(name))}
    for kind, text, number in _values(row, outcome):
        code = f"{row.values['code']}/{kind}" if row.values.get("code") else ""
        yield EventInput(
            road=place.road,
            kind=kind,
            from_m=place.from_m,
            to_m=place.to_m,
            side=row.values.get("side") or Side.BOTH.value,
            lane=row.values.get("lane") or 0,
            number=number,
            text=text,
            attributes=remarks,
            valid_from=row.values.get("valid_from") or dates.get(code, since),
            valid_to=row.values.get("valid_to"),
            code=code,
            row=row.number,
        )


def _without_repeats(events: Sequence[EventInput], outcome: Outcome) -> list[EventInput]:
    """Sections drawn twice with the same values count once; other values contradict each other."""
    kept: dict[tuple[object, ...], EventInput] = {}
    repeats: set[int] = set()
    for event in events:
        place = (event.road, event.kind, event.from_m, event.to_m, event.side, event.lane)
        key = (*place, event.valid_from, event.valid_to, event.number, event.text)
        if key in kept:
            repeats.add(event.row)
        kept.setdefault(key, event)
    if repeats:
        outcome.notes.append(
            _("%(n)s dòng lặp lại đoạn và giá trị của dòng khác, bỏ qua: %(rows)s.")
            % {"n": len(repeats), "rows": ", ".join(map(str, sorted(repeats)[:20]))}
        )
    return list(kept.values())


def _values(row: ImportRow, outcome: Outcome) -> Iterator[tuple[str, str, float | None]]:
    """Kind, text and number of every value that a row gives."""
    if surface := row.values.get("surface"):
        yield "surface", surface, None
    for kind in _NUMBERS:
        if text := row.values.get(kind):
            yield kind, "", _number(row, kind, text, outcome)
    if not (named := row.values.get("kind")):
        return
    kind, text = str(named), str(row.values.get("value") or "")
    if EVENT_KINDS[kind].value is ValueType.NUMBER:
        yield kind, "", _number(row, kind, text, outcome)
    elif EVENT_KINDS[kind].value is ValueType.CHOICE:
        yield kind, _choice(kind, text), None
    else:
        yield kind, text, None


def _choice(kind: str, text: str) -> str:
    """The code of a choice given by its code, its title or another word for it."""
    names = {str(_(title)).lower(): code for code, title in EVENT_KINDS[kind].choices.items()}
    words = names | (SURFACE_WORDS | SURFACE_NUMBERS if kind == "surface" else {})
    return words.get(text.lower(), text.upper())


def _number(row: ImportRow, kind: str, text: str, outcome: Outcome) -> float | None:
    match = _OR_MORE.fullmatch(text.strip())
    try:
        return float(parse_number(match["number"] if match else text))
    except NumberFormatError as error:
        title = str(_(EVENT_KINDS[kind].title))
        outcome.fault(row, title, _(error.template) % error.params, text)
        return None
