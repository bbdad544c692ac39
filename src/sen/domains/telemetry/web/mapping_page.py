"""The page on which a mapping is made and tried on a real payload."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime
from itertools import islice
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from sen.domains.telemetry import services
from sen.domains.telemetry.mapping import (
    FORMATS,
    HOUSE_ZONE,
    MappingError,
    Rules,
    parse_rules,
    paths_of,
    read_payload,
    rows_of,
    sample_bytes,
)
from sen.domains.telemetry.models import Datastream, PayloadMapping
from sen.domains.telemetry.said import unit_text
from sen.domains.telemetry.web.texts import value_text
from sen.kernel.access.middleware import actor_of
from sen.kernel.access.scope import Actor
from sen.kernel.errors import SenError
from sen.kernel.web.register.links import WORK, detail_url
from sen.kernel.web.register.resource import resources
from sen.kernel.web.register.views import crumbs, needs_sign_in, row_for, to_sign_in
from sen.lib.errors import InputError

CODINGS: Final = (
    ("text", gettext_lazy("văn bản, JSON")),
    ("hex", gettext_lazy("số thập lục (hex)")),
    ("base64", "Base64"),
)
_TIMES: Final = (
    ("iso", "ISO 8601"),
    ("unix_s", gettext_lazy("giây từ 1970")),
    ("unix_ms", gettext_lazy("mili giây từ 1970")),
    ("%d/%m/%Y %H:%M:%S", "31/12/2026 13:45:00"),
    ("%d/%m/%Y %H:%M", "31/12/2026 13:45"),
    ("%Y%m%d%H%M%S", "20261231134500"),
)
_DELIMITERS: Final = ((",", ","), (";", ";"), ("\t", gettext_lazy("dấu tab")), (" ", "␣"))
#: Empty lines that are offered for further channels.
SPARE: Final = 3
LONGEST: Final = 100_000
SHOWN: Final = 100


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, mapping_id: int | None = None) -> HttpResponse:
    """Make or change a mapping; what it reads of the sample stands below."""
    if needs_sign_in(request):
        return to_sign_in(request)
    actor, register = actor_of(request), resources["telemetry.mappings"]
    row = None if mapping_id is None else row_for(register, actor, mapping_id)
    act = "add" if row is None else "change"
    if (row is not None and not isinstance(row, PayloadMapping)) or not register.may(actor, act):
        raise Http404
    form = _posted(request.POST) if request.method == "POST" else _stored(row)
    error = ""
    if request.method == "POST" and request.POST.get("act") == "save":
        try:
            kept = _save(actor, row, form)
        except SenError as found:
            error = " ".join(text for texts in found.fields.values() for text in texts)
            error = error or str(found)
        else:
            messages.success(request, _("Đã lưu ánh xạ."))
            return redirect(detail_url(register, kept.pk))
    context = {
        "page_title": _("Lập ánh xạ bản tin") if row is None else row.name,
        "crumbs": crumbs(register, WORK, link=True),
        "form": form,
        "error": error,
        "formats": FORMATS,
        "codings": CODINGS,
        "times": _TIMES,
        "delimiters": _DELIMITERS,
        **_tried(actor, form),
    }
    return render(request, "telemetry/mapping.html", context)


def _save(actor: Actor, row: PayloadMapping | None, form: Mapping[str, Any]) -> PayloadMapping:
    values = {"name": form["name"], "rules": _rules(form), "sample": form["sample"]}
    if row is None:
        made: PayloadMapping = services.create_mapping(actor=actor, **values)
        return made
    kept: PayloadMapping = services.update_mapping(actor=actor, row=row, version=None, **values)
    return kept


def _stored(row: PayloadMapping | None) -> dict[str, Any]:
    """The form of a kept mapping, or an empty one."""
    rules = {} if row is None else row.rules
    when, text = rules.get("time") or {}, rules.get("text") or {}
    channels = [{**_EMPTY, **channel} for channel in rules.get("channels") or []]
    return {
        "name": "" if row is None else row.name,
        "device": "",
        "coding": "text",
        "sample": "" if row is None else row.sample,
        "format": rules.get("format", "json"),
        "items": rules.get("items", ""),
        "time_path": when.get("path", ""),
        "time_format": when.get("format", "iso"),
        "time_zone": when.get("zone", HOUSE_ZONE),
        "delimiter": text.get("delimiter", ","),
        "header": bool(text.get("header")),
        "decimal": text.get("decimal", "."),
        "channels": [*channels, *(dict(_EMPTY) for _n in range(SPARE))],
    }


_EMPTY: Final = {"stream": "", "path": "", "scale": "1", "offset": "0", "unit": ""}
_WORDS: Final = (
    "name",
    "device",
    "coding",
    "format",
    "items",
    "time_path",
    "time_format",
    "time_zone",
    "decimal",
)


def _posted(post: Any) -> dict[str, Any]:
    names = list(_EMPTY)
    columns = [post.getlist(name) for name in names]
    lines = [dict(zip(names, cells, strict=True)) for cells in zip(*columns, strict=False)]
    filled = [line for line in lines if line["stream"].strip() or line["path"].strip()]
    return {
        **{name: post.get(name, "").strip()[:250] for name in _WORDS},
        "sample": post.get("sample", "")[:LONGEST],
        "delimiter": post.get("delimiter", ",")[:1] or ",",
        "header": bool(post.get("header")),
        "channels": [*filled, *(dict(_EMPTY) for _n in range(SPARE))],
    }


def _rules(form: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept; what stands as usual is left out."""
    rules: dict[str, Any] = {"format": form["format"], "channels": []}
    if form["items"]:
        rules["items"] = form["items"]
    if form["time_path"]:
        rules["time"] = {
            "path": form["time_path"],
            "format": form["time_format"],
            "zone": form["time_zone"] or HOUSE_ZONE,
        }
    if form["format"] == "text":
        rules["text"] = {
            "delimiter": form["delimiter"],
            "header": form["header"],
            "decimal": form["decimal"] or ".",
        }
    for line in form["channels"]:
        if not (line["stream"] or line["path"]):
            continue
        channel: dict[str, Any] = {"stream": line["stream"].strip(), "path": line["path"].strip()}
        for name, usual in (("scale", 1.0), ("offset", 0.0)):
            number = _number(line[name], usual)
            if number != usual:
                channel[name] = number
        if line["unit"]:
            channel["unit"] = line["unit"].strip()
        rules["channels"].append(channel)
    return rules


def _number(text: Any, usual: float) -> Any:
    """A number as typed; what is none is left for the rules to refuse."""
    written = str(text).strip().replace(",", ".")
    if not written:
        return usual
    try:
        return float(written)
    except ValueError:
        return written


def _tried(actor: Actor, form: Mapping[str, Any]) -> dict[str, Any]:
    """Paths of the sample and what the rules make of it, or why they do not."""
    if not form["sample"].strip():
        return {"paths": [], "rows": [], "faults": [], "refusal": ""}
    found: dict[str, Any] = {"paths": [], "rows": [], "faults": [], "refusal": ""}
    try:
        payload = sample_bytes(form["sample"], form["coding"])
        found["paths"] = _paths(form, payload)
        rules = parse_rules(_rules(form))
        found |= _read(actor, rules, payload, form["device"])
    except InputError as error:
        found["refusal"] = _(error.template) % error.params
    return found


def _paths(form: Mapping[str, Any], payload: bytes) -> list[dict[str, str]]:
    bare = {**_rules(form), "channels": [{"stream": "x", "path": "@"}]}
    rules = parse_rules(bare)
    try:
        first = next(islice(rows_of(rules, payload), 1), None)
    except MappingError:
        # Where the rows stand is not known yet: paths of the whole are of help.
        first = next(rows_of(parse_rules({**bare, "items": ""}), payload), None)
    return [{"path": path, "value": str(value)[:60]} for path, value in paths_of(first)]


def _read(actor: Actor, rules: Rules, payload: bytes, device: str) -> dict[str, Any]:
    codes = {channel.stream.replace("{device}", device) for channel in rules.channels}
    known = Datastream.objects.visible_to(actor).filter(code__in=codes)
    units = dict(known.values_list("code", "unit"))
    result = read_payload(
        rules, payload, device=device, received_us=time.time_ns() // 1000, units=units
    )
    rows = [
        {
            "stream": item.stream,
            "is_known": item.stream in units,
            "at": datetime.fromtimestamp(item.at_us / 1e6, timezone.get_current_timezone()),
            "text": value_text(item.value) if isinstance(item.value, float) else str(item.value),
            "unit": unit_text(item.unit),
        }
        for item in result.observations[:SHOWN]
    ]
    faults = [
        {"row": fault.row, "stream": fault.stream, "text": _(fault.error.template)
         % fault.error.params}
        for fault in result.faults[:SHOWN]
    ]  # fmt: skip
    return {"rows": rows, "faults": faults, "count": len(result.observations)}
