"""The question of a segmentation as it stands in an address."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from sen.domains.network.models import Road
from sen.domains.network.segmentation import Across
from sen.domains.network.selectors.roads import find_roads, roads
from sen.domains.network.selectors.segments import (
    LEAST_STEP_M,
    MAX_LAYERS,
    MAX_ROADS,
    LayerChoice,
    Question,
    layer_choice,
)
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InputCheck, InvalidInputError
from sen.lib.chainage import ChainageError, parse_chainage

PARAMETERS: Final = frozenset(
    {"road", "class", "layer", "step", "across", "on", "from", "to", "page", "strip", "color"}
)
_BETWEEN_ROADS: Final = re.compile(r"[,;\n]+")
_MORE: Final = re.compile(r"(rule|min|max|is)-(.+)")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question together with the roads that it is about."""

    roads: list[Road]
    question: Question


def read_question(actor: Actor, query: QueryDict) -> Asked:
    """The question of an address.

    Raises:
        InvalidInputError: a parameter makes no sense; all of them are named at once.
    """
    check = InputCheck()
    for name in query:
        known = name in PARAMETERS or _MORE.fullmatch(name)
        check.need(known, name, _("Tham số không có."))
    layers = _layers(query, check)
    found = _roads(actor, query, check)
    day = _day(query, check)
    question = Question(
        layers=tuple(replace(layer, track=layer.track.as_on(day)) for layer in layers),
        on=day,
        step_m=_step(query, check),
        across=_across(query, check),
        from_m=_chainage(query, "from", check),
        to_m=_chainage(query, "to", check),
    )
    check.done()
    return Asked(found, question)


def _layers(query: QueryDict, check: InputCheck) -> list[LayerChoice]:
    found: list[LayerChoice] = []
    for text in dict.fromkeys(query.getlist("layer")):
        name, _sep, rule = text.partition(":")
        try:
            choice = layer_choice(name, rule or query.get(f"rule-{name}", ""))
        except InvalidInputError as error:
            check.add("layer", error.message)
            continue
        found.append(_filtered(choice, query, check))
    check.need(found or query.getlist("layer"), "layer", _("Hãy chọn ít nhất một lớp dữ liệu."))
    check.need(
        len(found) <= MAX_LAYERS,
        "layer",
        _("Chọn nhiều nhất %(max)s lớp dữ liệu một lần.") % {"max": MAX_LAYERS},
    )
    return found


def _filtered(choice: LayerChoice, query: QueryDict, check: InputCheck) -> LayerChoice:
    name = choice.track.name
    if not choice.track.is_number:
        return replace(choice, values=frozenset(filter(None, query.getlist(f"is-{name}"))))
    return replace(
        choice,
        low=_number(query, f"min-{name}", check),
        high=_number(query, f"max-{name}", check),
    )


def _number(query: QueryDict, name: str, check: InputCheck) -> float | None:
    text = query.get(name, "").strip().replace(",", ".")
    if not text:
        return None
    if not re.fullmatch(r"-?\d{1,9}(\.\d{1,6})?", text):
        check.add(name, _("“%(text)s” không phải số; ghi như 4,5.") % {"text": text})
        return None
    return float(text)


def _roads(actor: Actor, query: QueryDict, check: InputCheck) -> list[Road]:
    found: dict[int, Road] = {}
    for listed in query.getlist("road"):
        for text in filter(None, (part.strip() for part in _BETWEEN_ROADS.split(listed))):
            meant = find_roads(actor, text, limit=50)
            check.need(meant, "road", _("Không tìm thấy tuyến “%(text)s”.") % {"text": text})
            found |= {road.pk: road for road in meant}
    if (kind := query.get("class", "")) and not query.get("road", "").strip():
        known = {code for code, _title in Road.Manager.choices} | {"*"}
        check.need(kind in known, "class", _("Không có cấp quản lý này."))
        rows = roads(actor).defer("geom", "search")
        rows = rows if kind == "*" else rows.filter(manager_class=kind)
        found = {road.pk: road for road in rows[: MAX_ROADS + 1]}
        check.need(found or kind not in known, "class", _("Không có tuyến nào thuộc cấp này."))
    check.need(
        found or "road" in check.fields or "class" in check.fields,
        "road",
        _("Hãy ghi số hiệu tuyến, ví dụ “QL.30, ĐT.848”, hoặc chọn cấp quản lý."),
    )
    check.need(
        len(found) <= MAX_ROADS,
        "road",
        _("Chọn nhiều nhất %(max)s tuyến một lần.") % {"max": MAX_ROADS},
    )
    return list(found.values())


def _step(query: QueryDict, check: InputCheck) -> int | None:
    text = query.get("step", "100").strip() or "100"
    if text == "change":
        return None
    if not text.isdecimal() or not LEAST_STEP_M <= int(text) <= 1_000_000:
        check.add(
            "step",
            _("Chiều dài đoạn phải là số mét từ %(least)s trở lên, hoặc “change”.")
            % {"least": LEAST_STEP_M},
        )
        return None
    return int(text)


def _across(query: QueryDict, check: InputCheck) -> Across:
    text = query.get("across", "") or Across.ROAD.value
    if text in {item.value for item in Across}:
        return Across(text)
    check.add("across", _("Chọn road (cả mặt cắt), side (từng bên) hoặc lane (từng làn)."))
    return Across.ROAD


def _day(query: QueryDict, check: InputCheck) -> date:
    text = query.get("on", "").strip()
    try:
        return date.fromisoformat(text) if text else timezone.localdate()
    except ValueError:
        check.add("on", _("Ghi ngày dạng năm-tháng-ngày, ví dụ 2026-12-31."))
        return timezone.localdate()


def _chainage(query: QueryDict, name: str, check: InputCheck) -> float | None:
    text = query.get(name, "").strip()
    if not text:
        return None
    try:
        return parse_chainage(text).metres
    except ChainageError as error:
        check.add(name, InvalidInputError.of(name, error).message)
        return None
