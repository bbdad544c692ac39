"""The page on which it is said how a device is asked, and tried."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from sen.domains.telemetry import services
from sen.domains.telemetry.choices import Protocol, Quality
from sen.domains.telemetry.models import Device, PullState
from sen.domains.telemetry.pulls.base import PullError, Reading
from sen.domains.telemetry.pulls.plan import (
    ORDERS,
    PLANS,
    REGISTERS,
    SECURITIES,
    TYPES,
    parse_plan,
)
from sen.domains.telemetry.services.pulling import SERVER, check_streams, said
from sen.domains.telemetry.web.texts import value_text
from sen.kernel.access.context import as_system
from sen.kernel.access.middleware import actor_of
from sen.kernel.access.scope import Actor
from sen.kernel.errors import SenError
from sen.kernel.web.register.links import WORK, detail_url
from sen.kernel.web.register.resource import resources
from sen.kernel.web.register.views import crumbs, needs_sign_in, row_for, to_sign_in
from sen.lib.errors import InputError

#: Empty lines that are offered for further points.
SPARE: Final = 3
_COMMON: Final = {"stream": "", "scale": "1", "offset": "0", "measure": ""}
_LINES: Final = {
    Protocol.MODBUS: {
        **_COMMON, "register": "holding", "address": "", "type": "uint16",
        "byte_order": "big", "word_order": "big", "bit": "",
    },
    Protocol.OPCUA: {**_COMMON, "node": ""},
}  # fmt: skip
_HEADS: Final[dict[Protocol, dict[str, str]]] = {
    Protocol.MODBUS: {"address": "", "tcp_port": "502", "unit": "1"},
    Protocol.OPCUA: {"endpoint": "", "security": "None", "certificate": "", "user": ""},
}
_TIMES: Final = {"interval_s": "60", "timeout_s": "3"}
_WHOLE: Final = ("tcp_port", "unit", "address", "bit")
_NUMBERS: Final = ("interval_s", "timeout_s", "scale", "offset")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def edit(request: HttpRequest, device_id: int) -> HttpResponse:
    """Say how a device is asked; what it answers right now stands below."""
    if needs_sign_in(request):
        return to_sign_in(request)
    actor, register = actor_of(request), resources["telemetry.devices"]
    row = row_for(register, actor, device_id)
    may = isinstance(row, Device) and actor.scope(Device.access, "connect").allows(row)
    if not isinstance(row, Device) or not may or row.protocol not in PLANS:
        raise Http404
    protocol = Protocol(row.protocol)
    is_posted = request.method == "POST"
    form = _posted(protocol, request.POST) if is_posted else _stored(protocol, row.connection)
    found: dict[str, Any] = {}
    if is_posted and request.POST.get("act") == "save":
        try:
            _save(actor, row, protocol, form, request.POST)
        except SenError as error:
            found = _faults(error, form)
        else:
            messages.success(request, _("Đã lưu kết nối; vài giây nữa thiết bị được đọc."))
            return redirect(detail_url(register, row.pk))
    elif is_posted:
        found = _tried(row, protocol, form, request.POST.get("secret", ""))
    context = {
        "page_title": _("Kết nối của %(name)s") % {"name": row.name},
        "crumbs": crumbs(register, WORK, link=True),
        "form": form,
        "row": row,
        "is_modbus": protocol == Protocol.MODBUS,
        "has_secret": _has_secret(row),
        "registers": REGISTERS,
        "types": list(TYPES),
        "orders": ORDERS,
        "securities": SECURITIES,
        "back": detail_url(register, row.pk),
        **found,
    }
    return render(request, "telemetry/pull.html", context)


def _save(
    actor: Actor, row: Device, protocol: Protocol, form: Mapping[str, Any], post: Any
) -> None:
    # An empty field keeps the password: it is never shown, so it cannot be sent back.
    typed = post.get("secret", "")
    secret = "" if post.get("forget") else (typed or None)
    version = post.get("version", "")
    services.connect_device(
        actor=actor,
        row=row,
        plan=plan_of(protocol, form),
        version=int(version) if version.isdigit() else None,
        secret=secret,
    )


def _faults(error: SenError, form: dict[str, Any]) -> dict[str, Any]:
    """What is wrong in words, and its cell marked."""
    for where in error.fields:
        part, _dot, rest = where.partition(".")
        number, _dot, name = rest.partition(".")
        if part == "points" and number.isdigit() and int(number) <= len(form["points"]):
            form["points"][int(number) - 1]["bad"] = name
    texts = [text for found in error.fields.values() for text in found]
    return {"error": " ".join(texts) or str(error)}


def _has_secret(row: Device) -> bool:
    with as_system("whether a password is kept"):
        return PullState.objects.filter(device=row).exclude(secret=None).exists()


def _stored(protocol: Protocol, plan: Mapping[str, Any]) -> dict[str, Any]:
    usual = {**_HEADS[protocol], **_TIMES}
    line = _LINES[protocol]
    points = [
        {**line, **{name: _typed(value) for name, value in point.items()}}
        for point in plan.get("points", [])
    ]
    return {
        **{name: _typed(plan.get(name, value)) for name, value in usual.items()},
        "points": [*points, *(dict(line) for _n in range(SPARE))],
    }


def _typed(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) and value == int(value) else str(value)


def _posted(protocol: Protocol, post: Any) -> dict[str, Any]:
    names = list(_LINES[protocol])
    # The address of the device and those of its points bear one name: fields of points a prefix.
    columns = [post.getlist(f"p-{name}") for name in names]
    lines = [
        {name: cell.strip()[:500] for name, cell in zip(names, cells, strict=True)}
        for cells in zip(*columns, strict=False)
    ]
    key = "node" if protocol == Protocol.OPCUA else "address"
    filled: list[dict[str, str]] = [line for line in lines if line["stream"] or line[key]]
    return {
        **{n: post.get(n, "").strip()[:500] for n in (*_HEADS[protocol], *_TIMES)},
        "points": [*filled, *(dict(_LINES[protocol]) for _n in range(SPARE))],
    }


def plan_of(protocol: Protocol, form: Mapping[str, Any]) -> dict[str, Any]:
    """The plan that a form says; what stands as usual is left out of its points."""
    plan: dict[str, Any] = {}
    for name, usual in {**_HEADS[protocol], **_TIMES}.items():
        is_text = protocol == Protocol.MODBUS and name == "address"
        text = form[name] or usual
        plan[name] = text if is_text else _value(name, text)
    if plan.get("certificate"):
        plan["certificate"] = plan["certificate"].lower().replace(":", "").replace(" ", "")
    usual_line = _LINES[protocol]
    plan["points"] = [
        {
            name: _value(name, text)
            for name, text in line.items()
            if name in usual_line and text and (text != usual_line[name] or name == "stream")
        }
        for line in form["points"]
        if line["stream"] or line.get("node") or line.get("address")
    ]
    for point in plan["points"]:
        # A line without them is refused with its number, not as a document of a wrong form.
        point.setdefault("stream", "")
        if protocol == Protocol.OPCUA:
            point.setdefault("node", "")
        else:
            point.setdefault("address", -1)
    return plan


def _value(name: str, text: str) -> Any:
    """A number as typed; what is none is left for the plan to refuse."""
    if name not in _WHOLE and name not in _NUMBERS:
        return text
    try:
        return int(text) if name in _WHOLE else float(text.replace(",", "."))
    except ValueError:
        return text


def _tried(row: Device, protocol: Protocol, form: dict[str, Any], typed: str) -> dict[str, Any]:
    """What the device answers now, or why it does not."""
    from sen.domains.telemetry.pulls.runner import read_once

    try:
        given = plan_of(protocol, form)
        plan = parse_plan(protocol, given)
        check_streams(row, plan)
        secret = typed or _secret_of(row, given)
        readings = asyncio.run(read_once(plan, protocol, secret))
    except PullError as error:
        return {"refusal": said(error)}
    except SenError as error:
        return _faults(error, form)
    except InputError as error:
        where = getattr(error, "where", "")
        return _faults(SenError(said(error)), form) | _mark(where, form)
    return {"readings": [_shown(reading) for reading in readings], "tried_at": timezone.now()}


def _mark(where: str, form: dict[str, Any]) -> dict[str, Any]:
    parts = where.split(".")
    if len(parts) == 3 and int(parts[1]) <= len(form["points"]):
        form["points"][int(parts[1]) - 1]["bad"] = parts[2]
    return {}


def _secret_of(row: Device, plan: Mapping[str, Any]) -> str:
    """The kept password, for the server alone to which it was given."""
    kept = row.connection
    if any(kept.get(name) != plan.get(name) for name in SERVER):
        return ""
    with as_system("a device is asked with its own password"):
        state = PullState.objects.filter(device=row).first()
    return (state.secret if state else None) or ""


def _shown(reading: Reading) -> dict[str, Any]:
    at = reading.at_us
    return {
        "stream": reading.stream,
        "raw": reading.raw,
        "text": value_text(reading.value)
        if isinstance(reading.value, int | float) and not isinstance(reading.value, bool)
        else reading.value,
        "unit": reading.measure,
        "at": at and datetime.fromtimestamp(at / 1e6, timezone.get_current_timezone()),
        "quality": _QUALITIES.get(reading.quality),
        "error": said(reading.error) if reading.error else "",
    }


_QUALITIES: Final = {Quality.SUSPECT: "warn", Quality.BAD: "danger"}


def state_of(row: Device) -> dict[str, Any]:
    """How asking went, for the page of the device."""
    with as_system("who sees the device sees how asking it goes"):
        state = PullState.objects.filter(device=row).defer("secret").first()
    points = {} if state is None else state.points
    return {
        "state": state,
        "error": said(_Kept(state.error)) if state is not None and state.error else "",
        "address": row.connection.get("endpoint")
        or ":".join(str(row.connection[n]) for n in ("address", "tcp_port") if n in row.connection),
        "interval_s": row.connection.get("interval_s"),
        "points": [
            {
                "stream": point.get("stream"),
                "place": point.get("node")
                or f"{point.get('register', 'holding')} {point.get('address', '')}",
                **_kept_point(points.get(point.get("stream"))),
            }
            for point in row.connection.get("points", [])
        ],
    }


class _Kept:
    """An error as it was kept."""

    def __init__(self, kept: Mapping[str, Any]) -> None:
        self.template, self.params = str(kept["template"]), dict(kept["params"])


def _kept_point(kept: Mapping[str, Any] | None) -> dict[str, Any]:
    if not kept:
        return {}
    value = kept.get("value")
    return {
        "at": datetime.fromtimestamp(kept["at"] / 1e6, timezone.get_current_timezone()),
        "text": value_text(value) if isinstance(value, int | float) else value,
        "quality": _QUALITIES.get(Quality(kept.get("quality", 0))),
        "error": said(_Kept(kept["error"])) if kept.get("error") else "",
    }
