"""The quality board, and one data set by check and by commune, over the rows that one may see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from sen.kernel.access.middleware import actor_of
from sen.kernel.access.models import Area
from sen.kernel.access.scope import Actor
from sen.kernel.numbers import number_text
from sen.kernel.quality.checks import DIMENSIONS, Check, Dimension, checks_of, registers_with_checks
from sen.kernel.quality.counting import Count, count_faults
from sen.kernel.quality.keeping import Past, past_of
from sen.kernel.quality.scores import Score, by_dimension, overall, score
from sen.kernel.quality.showing import fault_links, faults_url
from sen.kernel.web.register.links import list_url
from sen.kernel.web.register.resource import Resource
from sen.kernel.web.register.views import resource_for, to_sign_in

#: Figures of the board are told again for so long; the page of one data set always counts.
REUSE_S: Final = 300
#: From which score on a figure is good, and from which on it is passable.
GOOD, PASSABLE = 95, 80


@dataclass(frozen=True, slots=True)
class Cell:
    """A score as it is shown."""

    text: str
    tone: str
    faulty: int


def cell(found: Score) -> Cell:
    if found.value is None:
        return Cell("–", "", 0)
    return Cell(percent(found.value), tone_of(found.value), found.faulty)


def percent(value: float) -> str:
    """Rounded down: a hundred means that there is not a single fault."""
    return number_text(int(value * 10) / 10)


def tone_of(value: float) -> str:
    if value >= GOOD:
        return "ok"
    return "warn" if value >= PASSABLE else "danger"


@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """All data sets in the five dimensions, worst first."""
    actor = actor_of(request)
    if not actor.is_authenticated:
        return to_sign_in(request)
    lines = [
        _line(resource, _counts(resource, actor)) | {"trend": _trend(resource, actor)}
        for resource in registers_with_checks()
        if resource.may(actor, "view")
    ]
    shown = [line for line in lines if line["total"] is not None]
    shown.sort(key=lambda line: line["total"])
    context = {
        "page_title": _("Chất lượng dữ liệu"),
        "page_sub": _("Năm tiêu chí trên những bản ghi bạn được xem; đứng đầu là bộ cần sửa nhất."),
        "dimensions": DIMENSIONS.values(),
        "lines": shown,
    }
    return render(request, "sen/quality/board.html", context)


def _counts(resource: Resource[Any], actor: Actor) -> list[Count]:
    """Counts as a worker remembers them for everybody of the same rights."""
    key = f"quality:{resource.key}:{actor.scope(resource.rule).digest}"
    known = cache.get(key)
    if known is None:
        known = count_faults(resource)
        cache.set(key, known, REUSE_S)
    found: list[Count] = known
    return found


def _trend(resource: Resource[Any], actor: Actor) -> list[float]:
    """The scores of the last half year, remembered as the counts are."""
    key = f"quality-past:{resource.key}:{actor.scope(resource.rule).digest}"
    known: list[float] | None = cache.get(key)
    if known is None:
        past = past_of(resource, actor, timezone.localdate())
        known = [item.total for item in past if item.total is not None]
        cache.set(key, known, REUSE_S)
    return known


def _line(resource: Resource[Any], counts: Iterable[Count]) -> dict[str, Any]:
    judged = {check.key: check for check in checks_of(resource)}
    scores = by_dimension(counts, judged)
    total = overall(scores)
    return {
        "title": resource.title,
        "url": f"/ql/chat-luong/{resource.path}/",
        "cells": [(str(DIMENSIONS[name]), cell(found)) for name, found in scores.items()],
        "total": total,
        "overall": None if total is None else Cell(percent(total), tone_of(total), 0),
        "faulty": sum(found.faulty for found in scores.values()),
    }


@require_GET
def data_set(request: HttpRequest, path: str) -> HttpResponse:
    """One data set: each check with the records behind it, each commune, each field."""
    actor = actor_of(request)
    if not actor.is_authenticated:
        return to_sign_in(request)
    resource = resource_for(request, path)
    judged = {check.key: check for check in checks_of(resource)}
    counts = count_faults(resource)
    scores = by_dimension(counts, judged)
    total = overall(scores)
    chosen, area_id = _narrowed(request, resource, judged)
    past = past_of(
        resource, actor, timezone.localdate(), check=chosen.name if chosen else "", area_id=area_id
    )
    context = {
        "past": [_past_row(item) for item in past if item.total is not None],
        "chosen": chosen,
        "chosen_area": area_id,
        "page_title": _("Chất lượng: %(title)s") % {"title": resource.title},
        "breadcrumbs": [
            {"title": _("Chất lượng dữ liệu"), "url": "/ql/chat-luong/"},
            {"title": resource.title, "url": ""},
        ],
        "resource": resource,
        "list_url": list_url(resource),
        "overall": None if total is None else Cell(percent(total), tone_of(total), 0),
        "scores": [(str(DIMENSIONS[name]), cell(found)) for name, found in scores.items()],
        "checks": _check_rows(resource, judged, counts, actor),
        "areas": _area_rows(resource, judged, counts),
    }
    return render(request, "sen/quality/data_set.html", context)


def _narrowed(
    request: HttpRequest, resource: Resource[Any], judged: dict[str, Check]
) -> tuple[Check | None, int | None]:
    """Of which check and which commune the past is asked."""
    area = request.GET.get("xa", "")
    chosen = judged.get(f"{resource.key}.{request.GET.get('phep', '')}")
    return chosen, int(area) if area.isdigit() else None


def _past_row(item: Past) -> dict[str, Any]:
    total = item.total or 0.0
    return {"on": item.on, "score": percent(total), "plain": f"{total:.1f}", "faulty": item.faulty}


def _check_rows(
    resource: Resource[Any], judged: dict[str, Check], counts: Iterable[Count], actor: Actor
) -> list[dict[str, Any]]:
    parts: dict[str, list[Count]] = defaultdict(list)
    for count in counts:
        parts[count.check].append(count)
    order = list(Dimension)
    rows = [
        {
            "check": check,
            "dimension": DIMENSIONS[check.dimension],
            "cell": cell(found),
            "found": found,
            "url": faults_url(resource, check),
            "links": [
                {"title": link.title, "icon": link.icon, "url": link.url(resource, check)}
                for link in fault_links
                if found.faulty and actor.may(link.permission)
            ],
        }
        for key, check in judged.items()
        for found in [score(parts[key], judged)]
    ]
    return sorted(rows, key=lambda row: order.index(row["check"].dimension))


def _area_rows(
    resource: Resource[Any], judged: dict[str, Check], counts: Iterable[Count]
) -> list[dict[str, Any]]:
    """Communes with something to mend, the worst first."""
    parts: dict[int | None, list[Count]] = defaultdict(list)
    for count in counts:
        parts[count.area_id].append(count)
    names = dict(Area.objects.filter(pk__in=[pk for pk in parts if pk]).values_list("pk", "name"))
    has_filter = "area" in resource.filters_by_name
    rows = []
    for area_id, found in parts.items():
        scores = by_dimension(found, judged)
        total = overall(scores)
        faulty = sum(part.faulty for part in scores.values())
        if total is None or not faulty:
            continue
        rows.append(
            {
                "id": area_id,
                "name": names.get(area_id, _("Chưa rõ địa bàn"))
                if area_id
                else _("Chưa có địa bàn"),
                "url": f"{list_url(resource)}?area={area_id}" if area_id and has_filter else "",
                "total": total,
                "overall": Cell(percent(total), tone_of(total), faulty),
                "cells": [(str(DIMENSIONS[name]), cell(part)) for name, part in scores.items()],
            }
        )
    return sorted(rows, key=lambda row: float(row["total"]))
