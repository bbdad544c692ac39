"""A register on two dates: what is new, gone, moved, changed, as a table, a map and a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.text import capfirst, slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sen.kernel.access.middleware import actor_of
from sen.kernel.access.scope import Actor
from sen.kernel.audit.differing import (
    EVERY,
    Change,
    Condition,
    Pair,
    changes_between,
    counted,
    pairs,
    shapes_at,
)
from sen.kernel.audit.services import record
from sen.kernel.audit.states import State
from sen.kernel.errors import InvalidInputError, SenError
from sen.kernel.problems import problem
from sen.kernel.web.register.history import rows_of
from sen.kernel.web.register.links import WORK, detail_url, list_url, with_query
from sen.kernel.web.register.resource import Resource
from sen.kernel.web.register.values import text_of
from sen.kernel.web.register.views import crumbs, needs_sign_in, resource_for, to_sign_in

PAGE: Final = 50
#: Differences on the map and in files; more are for the bulk interfaces.
MOST_SHAPES: Final = 5_000
MOST_ROWS: Final = 50_000
#: Rows of a layer that one view of the map shows as on a date.
MOST_AT_ONCE: Final = 4_000
USUAL_DAYS: Final = 365
TONES: Final = {
    Change.NEW: "ok",
    Change.GONE: "danger",
    Change.MOVED: "warn",
    Change.CHANGED: "info",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """Two days; a state counts as it was at the end of the day."""

    first: date
    second: date

    @property
    def moments(self) -> tuple[datetime, datetime]:
        return end_of(self.first), end_of(self.second)


def end_of(day: date) -> datetime:
    """The moment at which a day ends here, or now when it has not ended."""
    midnight = datetime.combine(day + timedelta(days=1), time())
    return min(timezone.make_aware(midnight), timezone.now())


def asked_days(request: HttpRequest) -> Asked:
    """The days of a query: usually a year ago and today.

    Raises:
        InvalidInputError: a day that is none, or in the wrong order.
    """
    today = timezone.localdate()
    found: dict[str, date] = {"a": today - timedelta(days=USUAL_DAYS), "b": today}
    for name in found:
        text = request.GET.get(name, "").strip()
        if not text:
            continue
        try:
            day = parse_date(text)
        except ValueError:
            day = None
        if day is None or not date(1900, 1, 1) <= day <= today:
            raise InvalidInputError({name: _("Chọn một ngày không sau hôm nay.")})
        found[name] = day
    if found["a"] >= found["b"]:
        raise InvalidInputError({"b": _("Ngày sau phải muộn hơn ngày trước.")})
    return Asked(found["a"], found["b"])


def condition_of(resource: Resource[Any]) -> Condition:
    """What makes a state one of this register."""
    if resource.where is None:
        return EVERY
    from sen.kernel.geo.sql import condition

    made = condition(resource.model, resource.where)
    return Condition(made.text, tuple(made.params))


@require_safe
def compare_page(request: HttpRequest, path: str) -> HttpResponse:
    """``?a=&b=``: the table; ``lop=a|b&bbox=``: the layer as on that day; ``xuat=``: a file."""
    if needs_sign_in(request):
        return to_sign_in(request)
    resource = resource_for(request, path)
    actor = actor_of(request)
    try:
        asked = asked_days(request)
        if request.GET.get("lop"):
            return _layer(request, resource, actor, asked)
        if fmt := request.GET.get("xuat"):
            return _file(request, resource, actor, asked, fmt)
    except SenError as error:
        if request.GET.get("lop") or request.GET.get("xuat"):
            return problem(request, error.as_problem())
        return _page(request, resource, None, [], error)
    marks = changes_between(resource.model, *asked.moments, actor, where=condition_of(resource))
    return _page(request, resource, asked, marks, None)


def _kind(request: HttpRequest) -> Change | None:
    try:
        return Change(request.GET.get("kieu", ""))
    except ValueError:
        return None


def _page(
    request: HttpRequest,
    resource: Resource[Any],
    asked: Asked | None,
    marks: list[tuple[int, Change]],
    error: SenError | None,
) -> HttpResponse:
    actor = actor_of(request)
    kind = _kind(request)
    counts = counted(marks)
    chosen = [row_id for row_id, change in marks if kind in (None, change)]
    start = request.GET.get("tu", "")
    offset = int(start) if start.isdecimal() and len(start) < 8 else 0
    shown = chosen[offset : offset + PAGE]
    rows = pairs(resource.model, *asked.moments, actor, shown) if asked is not None else []
    title = _("So sánh hai ngày: %(title)s") % {"title": resource.title}
    names = names_of_changes()
    context = {
        "resource": resource,
        "asked": asked,
        "error": error,
        "a": request.GET.get("a", "") or (asked.first.isoformat() if asked else ""),
        "b": request.GET.get("b", "") or (asked.second.isoformat() if asked else ""),
        "kinds": [
            {
                "name": names[change],
                "count": counts[change],
                "url": with_query(request.GET, kieu=change.value, tu=None),
                "on": kind is change,
            }
            for change in Change
        ],
        "all_url": with_query(request.GET, kieu=None, tu=None),
        "total": len(marks),
        "rows": [_row(resource, pair, names) for pair in rows],
        "previous_url": with_query(request.GET, tu=str(max(0, offset - PAGE))) if offset else "",
        "next_url": with_query(request.GET, tu=str(offset + PAGE))
        if offset + PAGE < len(chosen)
        else "",
        "query": with_query(request.GET, tu=None, xuat=None),
        "has_map": bool(resource.layer) and asked is not None,
        "page_title": title,
        "list_url": list_url(resource),
        "breadcrumbs": [*crumbs(resource, WORK, link=True), {"title": title, "url": ""}],
        "formats": list(_WRITERS),
        "may_export": resource.may(actor, "export"),
    }
    return render(request, "sen/register/compare.html", context, status=422 if error else 200)


def names_of_changes() -> dict[Change, str]:
    return {
        Change.NEW: _("Mới"),
        Change.GONE: _("Không còn"),
        Change.MOVED: _("Đổi hình, vị trí"),
        Change.CHANGED: _("Đổi thông tin"),
    }


def _row(resource: Resource[Any], pair: Pair, names: dict[Change, str]) -> dict[str, Any]:
    state = pair.after or pair.before
    changes = rows_of(resource, pair.before, pair.after) if pair.before and pair.after else []
    return {
        "id": pair.row_id,
        "change": names[pair.change],
        "tone": TONES[pair.change],
        "label": label_of(resource, state, pair.row_id),
        "url": "" if pair.change is Change.GONE else detail_url(resource, pair.row_id),
        "changes": changes,
    }


def label_of(resource: Resource[Any], state: State | None, row_id: int) -> str:
    """What a row was called then, as far as its own columns tell."""
    image = state.image if state is not None else {}
    for path in (resource.label_path, resource.code_path, "name", "code"):
        if value := image.get(path):
            column = resource.columns_by_name.get(path)
            return text_of(resource, column, value) if column else str(value)
    return f"#{row_id}"


def _layer(
    request: HttpRequest, resource: Resource[Any], actor: Actor, asked: Asked
) -> HttpResponse:
    """The rows in a box as they lay at the end of one of the days, those that differ marked."""
    try:
        west, south, east, north = map(float, request.GET.get("bbox", "").split(","))
    except ValueError as error:
        raise InvalidInputError({"bbox": _("Ghi bbox=tây,nam,đông,bắc bằng độ WGS 84.")}) from error
    moments = asked.moments
    where = condition_of(resource)
    when = moments[0] if request.GET["lop"] == "a" else moments[1]
    shapes = shapes_at(
        resource.model,
        when,
        actor,
        box=(west, south, east, north),
        where=where,
        limit=MOST_AT_ONCE + 1,
    )
    marks = dict(changes_between(resource.model, *moments, actor, where=where))
    features = ",".join(
        f'{{"type":"Feature","id":{row_id},"properties":{{"change":"'
        f'{marks[row_id].value if row_id in marks else ""}"}},"geometry":{shape}}}'
        for row_id, shape in shapes[:MOST_AT_ONCE]
    )
    whole = str(len(shapes) <= MOST_AT_ONCE).lower()
    body = f'{{"type":"FeatureCollection","whole":{whole},"features":[{features}]}}'
    response = HttpResponse(body, content_type="application/geo+json")
    response["Cache-Control"] = "private, no-store"
    return response


def _file(
    request: HttpRequest, resource: Resource[Any], actor: Actor, asked: Asked, fmt: str
) -> HttpResponse:
    """All differences: one line a field, or one feature a row."""
    writer = _WRITERS.get(fmt)
    if writer is None or not resource.may(actor, "export"):
        raise InvalidInputError({"xuat": _("Chọn csv, xlsx hoặc geojson.")})
    kind = _kind(request)
    marks = changes_between(resource.model, *asked.moments, actor, where=condition_of(resource))
    ids = [row_id for row_id, change in marks if kind in (None, change)]
    most = MOST_SHAPES if fmt == "geojson" else MOST_ROWS
    if len(ids) > most:
        raise InvalidInputError(
            {"xuat": _("Hơn %(most)s đối tượng khác nhau; hãy chọn khoảng ngày ngắn hơn.")
                % {"most": most}}
        )  # fmt: skip
    found = pairs(resource.model, *asked.moments, actor, ids)
    record(
        act=f"{resource.rule.resource}.export",
        resource=resource.rule.resource,
        detail={"format": fmt, "compared": [asked.first.isoformat(), asked.second.isoformat()]},
    )
    kind_of, content = writer(resource, found)
    response = HttpResponse(content, content_type=kind_of)
    name = f"{slugify(str(resource.title)) or resource.slug}-{asked.first}-{asked.second}.{fmt}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _table(resource: Resource[Any], found: list[Pair]) -> tuple[list[str], list[list[Any]]]:
    names = names_of_changes()
    heads = [_("Mã số"), _("Tên"), _("Thay đổi"), _("Trường"), _("Trước"), _("Sau")]
    rows: list[list[Any]] = []
    for pair in found:
        label = label_of(resource, pair.after or pair.before, pair.row_id)
        head = [pair.row_id, label, names[pair.change]]
        told = [item for item in pair.differences if not item.masked]
        rows += [[*head, capfirst(item.label), item.before, item.after] for item in told]
        if not told:
            rows.append([*head, "", "", ""])
    return heads, rows


def _csv(resource: Resource[Any], found: list[Pair]) -> tuple[str, bytes]:
    from sen.kernel.web.register import sheets

    return sheets.CONTENT_TYPES["csv"], sheets.csv_file(*_table(resource, found))


def _xlsx(resource: Resource[Any], found: list[Pair]) -> tuple[str, bytes]:
    from sen.kernel.web.register import sheets

    heads, rows = _table(resource, found)
    return sheets.CONTENT_TYPES["xlsx"], sheets.xlsx_file(str(resource.title), heads, rows)


def _geojson(resource: Resource[Any], found: list[Pair]) -> tuple[str, bytes]:
    """The place of each row now, or where it was last; the former place as a property."""
    features = []
    for pair in found:
        before = pair.before.geom if pair.before else None
        after = pair.after.geom if pair.after else None
        shape = after or before
        properties = {
            "change": pair.change.value,
            "label": label_of(resource, pair.after or pair.before, pair.row_id),
            "fields": [item.label for item in pair.differences if not item.masked],
        }
        if pair.change is Change.MOVED and before is not None:
            properties["geometry_before"] = orjson.loads(before.geojson)
        features.append(
            {
                "type": "Feature",
                "id": pair.row_id,
                "properties": properties,
                "geometry": orjson.loads(shape.geojson) if shape is not None else None,
            }
        )
    body = orjson.dumps({"type": "FeatureCollection", "features": features}, default=str)
    return "application/geo+json", body


_WRITERS: Final[dict[str, Callable[[Resource[Any], list[Pair]], tuple[str, bytes]]]] = {
    "csv": _csv,
    "xlsx": _xlsx,
    "geojson": _geojson,
}
