"""Loading many roads with their lines and km-posts at once: all of them, or none.

The rows go to the database as arrays in a fixed number of statements, whatever their number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import shapely
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from sen.domains.network.choices import RoadPart
from sen.domains.network.data import LonLat, PostInput, RoadInput
from sen.domains.network.events import RoadChanged
from sen.domains.network.models import Road
from sen.domains.network.rules import canonical_number, order_key, search_terms
from sen.domains.network.services.calibration import calibrate, count_lengths
from sen.domains.network.services.checks import RowCheck, post_faults, road_faults
from sen.domains.network.services.roads import spread_road
from sen.kernel.access.context import as_system
from sen.kernel.access.models import Area, Organisation
from sen.kernel.access.scope import Actor, Scope
from sen.kernel.audit.services import record
from sen.kernel.events import publish_many
from sen.kernel.usecase import use_case
from sen.lib.bulk import BulkReport
from sen.lib.chainage import format_chainage
from sen.lib.text import nfc

#: A line with a vertex outside this box was given in another system, or with its axes swapped.
VIETNAM: Final = (101.0, 6.0, 118.0, 24.0)

_COLUMNS: Final[dict[str, str]] = {
    "code": "text",
    "number": "text",
    "name": "text",
    "manager_class": "text",
    "technical_class": "text",
    "carriageway": "text",
    "owner_org_id": "bigint",
    "area_id": "bigint",
    "part": "text",
    "main_id": "bigint",
    "data_class": "smallint",
    "lanes": "smallint",
    "width_m": "numeric",
    "surface": "text",
    "opened_year": "smallint",
    "status": "text",
    "declared_start_m": "numeric",
    "declared_end_m": "numeric",
    "order_key": "text",
    "search_terms": "text",
}
_NAMES: Final = ", ".join(_COLUMNS)
_NUMERIC: Final = [name for name, kind in _COLUMNS.items() if kind == "numeric"]
_UPDATED: Final = [name for name in _COLUMNS if name != "code"]

_PUT_ROADS: Final = f"""
INSERT INTO network_road AS old ({_NAMES}, geom, is_demo, version)
SELECT {_NAMES}, ST_SetSRID(ST_GeomFromWKB(line), 4326), %(is_demo)s, 1
FROM unnest({", ".join(f"%({name})s::{kind}[]" for name, kind in _COLUMNS.items())},
  %(line)s::bytea[]) AS given ({_NAMES}, line)
ON CONFLICT (code) DO UPDATE SET
  {", ".join(f"{name} = excluded.{name}" for name in _UPDATED)},
  geom = coalesce(excluded.geom, old.geom)
WHERE ({", ".join(f"old.{name}" for name in _UPDATED)}, old.geom)
  IS DISTINCT FROM
  ({", ".join(f"excluded.{name}" for name in _UPDATED)}, coalesce(excluded.geom, old.geom))
RETURNING id, code, xmax = 0
"""  # noqa: S608  constants only

_PUT_POSTS: Final = """
INSERT INTO network_kmpost AS old (road_id, measure_m, old_measure_m, label, title, condition,
  is_calibrating, owner_org_id, area_id, data_class, is_demo, version, geom)
SELECT r.id, g.m, g.old_m, g.label,
  r.map_label || ' ' || g.label, g.condition, true,
  r.owner_org_id, r.area_id, r.data_class,
  %(is_demo)s, 1, ST_SetSRID(ST_MakePoint(g.lon, g.lat), 4326)
FROM unnest(%(road)s::bigint[], %(m)s::numeric[], %(old_m)s::numeric[], %(label)s::text[],
  %(condition)s::text[], %(lon)s::float8[], %(lat)s::float8[])
  AS g (road, m, old_m, label, condition, lon, lat)
JOIN network_road r ON r.id = g.road
ON CONFLICT (road_id, measure_m) DO UPDATE SET
  old_measure_m = coalesce(excluded.old_measure_m, old.old_measure_m),
  condition = excluded.condition, geom = excluded.geom
WHERE (old.condition, old.geom, old.old_measure_m) IS DISTINCT FROM
  (excluded.condition, excluded.geom, coalesce(excluded.old_measure_m, old.old_measure_m))
RETURNING road_id
"""

_UNCALIBRATED: Final = """
SELECT r.id FROM network_road r WHERE r.id = ANY(%s) AND r.geom IS NOT NULL
  AND NOT EXISTS (
    SELECT 1 FROM network_routeversion v WHERE v.road_id = r.id AND v.valid_to IS NULL)
"""


@dataclass(frozen=True, slots=True)
class _Existing:
    """A stored road as far as rights and calibration ask for it."""

    id: int
    guard: Mapping[str, int]
    geom: bytes | None
    ends: tuple[float, float | None]


@use_case("network.road.import", audit=False)
def bulk_put_roads(
    *,
    actor: Actor,
    rows: Sequence[RoadInput] = (),
    posts: Sequence[PostInput] = (),
    valid_from: date | None = None,
    outside: bool = False,
    is_demo: bool = False,
) -> BulkReport:
    """Create or update roads by their codes, with their km-posts, and calibrate them.

    ``posts`` may belong to ``rows`` or to roads that exist. The calibration holds from
    ``valid_from`` (today) on. ``outside`` takes lines outside Viet Nam, which else are taken for
    lines in another system. The main road of a carriageway or a ramp is entered before it.

    Raises:
        RowFaultsError: every fault of every row, under ``Dòng 3 (QL.30)``; nothing is written.
    """
    check = RowCheck()
    with as_system("match roads by code, whoever may see them"):
        known = _existing(
            {row.code for row in rows}
            | {row.main for row in rows if row.main}
            | {post.road for post in posts}
        )
    columns = _road_columns(actor, rows, known, check, outside=outside)
    codes = {row.code for row in rows} | known.keys()
    _check_posts(actor, posts, known, codes, {row.code for row in rows}, check)
    check.done()
    with as_system("write checked rows"):
        report, touched = _write_roads(rows, columns, known, is_demo)
        touched |= _write_posts(posts, report.ids, is_demo)
        touched |= _uncalibrated(report.ids.values())
    wrong = calibrate(sorted(touched), valid_from or timezone.localdate())
    _report_calibration(wrong, rows, posts, report.ids, check)
    check.done()
    count_lengths(sorted({report.ids[row.code] for row in rows} - touched))
    record(
        act="network.bulk_put_roads",
        resource="network.road",
        detail={"created": report.created, "updated": report.updated, "posts": len(posts)},
    )
    return report


def _existing(codes: Iterable[str]) -> dict[str, _Existing]:
    rows = Road.objects.unscoped("match roads by code").filter(code__in=list(codes))
    found: dict[str, _Existing] = {}
    for pk, code, org, area, level, geom, start, end in rows.values_list(
        "id", "code", "owner_org_id", "area_id", "data_class", "geom", "declared_start_m",
        "declared_end_m",
    ):  # fmt: skip
        guard = {"owner_org_id": org, "area_id": area, "data_class": level}
        ends = (float(start), None if end is None else float(end))
        found[code] = _Existing(pk, guard, bytes(geom.wkb) if geom else None, ends)
    return found


def _road_columns(
    actor: Actor,
    rows: Sequence[RoadInput],
    known: Mapping[str, _Existing],
    check: RowCheck,
    *,
    outside: bool,
) -> dict[str, list[Any]]:
    """The rows as columns; faults go to ``check``."""
    organisations = dict(Organisation.objects.values_list("code", "id"))
    areas = dict(Area.objects.values_list("code", "id"))
    scope = actor.scope(Road.access, "import")
    times = Counter(row.code for row in rows)
    columns: dict[str, list[Any]] = {name: [] for name in (*_COLUMNS, "line")}
    for number, row in enumerate(rows, 1):
        values = {
            **{name: getattr(row, name) for name in _COLUMNS if hasattr(row, name)},
            "declared_start_m": row.start_m,
            "declared_end_m": row.end_m,
            "owner_org_id": organisations.get(row.owner_org),
            "area_id": areas.get(row.area),
            "main_id": known[row.main].id if row.main in known else None,
        }
        faults = [text for texts in road_faults(values).values() for text in texts]
        faults += _part_faults(row, known)
        line, fault = line_wkb(row.line, outside=outside)
        faults += [fault] if fault else []
        if times[row.code] > 1:
            faults.append(_("Mã tuyến lặp lại trong tệp."))
        faults += _right_faults(scope, row, values, known.get(row.code))
        for text in faults:
            check.add(row.row or number, row.code, text)
        if faults:
            continue
        number_text = canonical_number(row.number)
        values |= {
            "name": nfc(row.name).strip(),
            "number": number_text,
            "order_key": order_key(number_text, row.manager_class, row.code),
            "search_terms": search_terms(number_text),
            "line": line,
        }
        # A column is sent as an array of one type.
        values |= {name: _float(values[name]) for name in _NUMERIC}
        for name, column in columns.items():
            column.append(values[name])
    return columns


def _part_faults(row: RoadInput, known: Mapping[str, _Existing]) -> list[str]:
    if row.part not in frozenset(RoadPart):
        return [_("Thành phần phải là MAIN, LEFT, RIGHT hoặc RAMP.")]
    if row.part == RoadPart.MAIN:
        return [_("Tuyến chính không thuộc tuyến nào khác.")] if row.main else []
    if row.main not in known:
        return [
            _("Không có tuyến chính mang mã “%(code)s”; hãy nhập tuyến chính trước.")
            % {"code": row.main}
        ]
    return []


def _float(value: Any) -> float | None:
    return None if value is None else float(value)


def _right_faults(
    scope: Scope, row: RoadInput, values: Mapping[str, Any], old: _Existing | None
) -> list[str]:
    faults = []
    if values["owner_org_id"] is None:
        faults.append(_("Không có đơn vị quản lý mang mã “%(code)s”.") % {"code": row.owner_org})
    if values["area_id"] is None:
        faults.append(_("Không có địa bàn mang mã “%(code)s”.") % {"code": row.area})
    if not faults and not scope.allows(values):
        faults.append(_("Bạn không có quyền nhập tuyến cho đơn vị hoặc địa bàn này."))
    if old is not None and not scope.allows(old.guard):
        faults.append(_("Mã tuyến này đã dùng cho một tuyến ngoài phạm vi được giao."))
    return faults


def line_wkb(
    line: bytes | Sequence[LonLat] | None, *, outside: bool = False
) -> tuple[bytes | None, str]:
    """The line as WKB without repeated points, or what is wrong with it."""
    if line is None:
        return None, ""
    try:
        shape = shapely.from_wkb(line) if isinstance(line, bytes) else shapely.linestrings(line)
    except (shapely.errors.GEOSException, ValueError, TypeError):
        return None, _("Không đọc được hình của tuyến.")
    if shape.geom_type == "MultiLineString":
        shape = shapely.line_merge(shape)
    if shape.geom_type != "LineString":
        return None, _("Tuyến phải là một đường liền; hãy nối các đoạn rời rồi nhập lại.")
    shape = shapely.remove_repeated_points(shapely.force_2d(shape))
    if shape.length == 0:
        return None, _("Tuyến phải có ít nhất hai điểm khác nhau.")
    west, south, east, north = shape.bounds
    inside = (
        VIETNAM[0] <= west
        and east <= VIETNAM[2]
        and VIETNAM[1] <= south < north + 1e-9
        and north <= VIETNAM[3]
    )
    if not outside and not inside:
        return None, _("Tọa độ nằm ngoài Việt Nam; hãy kiểm tra hệ tọa độ và thứ tự kinh, vĩ độ.")
    wkb: bytes = shapely.to_wkb(shape)
    return wkb, ""


def _write_roads(
    rows: Sequence[RoadInput],
    columns: dict[str, list[Any]],
    known: Mapping[str, _Existing],
    is_demo: bool,
) -> tuple[BulkReport, set[int]]:
    """Write the roads; returns the report and the ids of those to calibrate."""
    changed: list[tuple[int, str, bool]] = []
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_PUT_ROADS, {**columns, "is_demo": is_demo})
            changed = cursor.fetchall()
    ids = {code: old.id for code, old in known.items()}
    ids |= {code: pk for pk, code, _created in changed}
    spread_road([pk for pk, _code, created in changed if not created])
    publish_many(
        (RoadChanged(road_id=pk, code=code, created=created), pk) for pk, code, created in changed
    )
    created_count = sum(created for _pk, _code, created in changed)
    report = BulkReport(
        created=created_count,
        updated=len(changed) - created_count,
        unchanged=len(rows) - len(changed),
        ids=ids,
    )
    lines = dict(zip(columns["code"], columns["line"], strict=True))
    touched = {pk for pk, code, _created in changed if _moved(known.get(code), lines[code])}
    return report, touched | _with_new_ends(rows, known, ids)


def _moved(old: _Existing | None, line: bytes | None) -> bool:
    if old is None:
        return line is not None
    return line is not None and old.geom != line


def _with_new_ends(
    rows: Sequence[RoadInput], known: Mapping[str, _Existing], ids: Mapping[str, int]
) -> set[int]:
    """Roads whose declared ends changed and that have a line."""
    return {
        ids[row.code]
        for row in rows
        if row.code in known
        and (row.line is not None or known[row.code].geom is not None)
        and known[row.code].ends != (float(row.start_m), _float(row.end_m))
    }


def _check_posts(
    actor: Actor,
    posts: Sequence[PostInput],
    known: Mapping[str, _Existing],
    codes: Iterable[str],
    given: set[str],
    check: RowCheck,
) -> None:
    scope = actor.scope(Road.access, "import")
    allowed = set(codes)
    times = Counter((post.road, round(post.measure_m, 3)) for post in posts)
    for number, post in enumerate(posts, 1):
        faults = [text for found in post_faults(post.measure_m, post.condition).values()
                  for text in found]  # fmt: skip
        if post.road not in allowed:
            faults.append(_("Không có tuyến mang mã “%(code)s”.") % {"code": post.road})
        elif post.road not in given and not scope.allows(known[post.road].guard):
            faults.append(_("Bạn không có quyền sửa cọc của tuyến này."))
        if times[post.road, round(post.measure_m, 3)] > 1:
            faults.append(_("Hai cọc của một tuyến có cùng lý trình."))
        for text in faults:
            name = f"{post.road}, {post_label(post.measure_m)}"
            check.add(post.row or number, name, text)


def post_label(measure_m: float) -> str:
    """What is written on a post: ``Km12``, or ``Km12+500`` between two of them."""
    if measure_m < 0:
        return f"{measure_m:g} m"
    return format_chainage(measure_m).removesuffix("+000")


def _write_posts(posts: Sequence[PostInput], ids: Mapping[str, int], is_demo: bool) -> set[int]:
    """Write the posts; returns the ids of roads on which something moved."""
    if not posts:
        return set()
    columns: dict[str, Any] = {
        "road": [ids[post.road] for post in posts],
        "m": [round(float(post.measure_m), 3) for post in posts],
        "old_m": [_float(post.old_measure_m) for post in posts],
        "label": [post_label(post.measure_m) for post in posts],
        "condition": [post.condition for post in posts],
        "lon": [float(post.lon) for post in posts],
        "lat": [float(post.lat) for post in posts],
        "is_demo": is_demo,
    }
    with connection.cursor() as cursor:
        cursor.execute(_PUT_POSTS, columns)
        return {road for (road,) in cursor.fetchall()}


def _uncalibrated(road_ids: Iterable[int]) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(_UNCALIBRATED, [list(road_ids)])
        return {road for (road,) in cursor.fetchall()}


def _report_calibration(
    wrong: Mapping[int, str],
    rows: Sequence[RoadInput],
    posts: Sequence[PostInput],
    ids: Mapping[str, int],
    check: RowCheck,
) -> None:
    """Report a road that could not be calibrated at its own row, else at its first post."""
    places = {post.road: post.row or number for number, post in enumerate(posts, 1)}
    places |= {row.code: row.row or number for number, row in enumerate(rows, 1)}
    codes = {pk: code for code, pk in ids.items()}
    for road_id, text in wrong.items():
        check.add(places.get(codes[road_id], 0), codes[road_id], text)
