"""Templates on a work, what was learned of its streams, and how much of the design is used."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from sen.domains.alarms import services
from sen.domains.alarms.choices import RuleKind
from sen.domains.alarms.engine.spec import MICRO, parse
from sen.domains.alarms.models import Rule
from sen.domains.alarms.services.templating import Prepared, Step
from sen.domains.alarms.web.texts import levels_of, number, seconds
from sen.domains.assets import api as assets
from sen.domains.telemetry import api as telemetry
from sen.kernel.access.middleware import actor_of
from sen.kernel.access.scope import Actor
from sen.kernel.errors import SenError
from sen.kernel.web.register.links import detail_url
from sen.kernel.web.register.resource import resources
from sen.kernel.web.register.views import needs_sign_in, to_sign_in

#: The greatest value of so many days is held against the design.
DAYS: Final = 30
_TONES: Final = {
    Step.CREATE: "ok",
    Step.UPDATE: "info",
    Step.KEEP: "neutral",
    Step.CANNOT: "warn",
}
_WORDS: Final = {
    Step.CREATE: gettext_lazy("Lập mới"),
    Step.UPDATE: gettext_lazy("Ban hành lại"),
    Step.KEEP: gettext_lazy("Giữ nguyên"),
    Step.CANNOT: gettext_lazy("Chưa lập được"),
}
#: Of these the measured value is the share of the design that is used.
_CAPACITY: Final = ("load", "deflection", "settlement", "tilt", "crack", "scour")


@require_http_methods(["GET", "HEAD", "POST"])
def templates(request: HttpRequest, asset_id: int) -> HttpResponse:
    """What the templates make of a work's streams; posted, they are made."""
    if needs_sign_in(request):
        return to_sign_in(request)
    actor = actor_of(request)
    asset = assets.assets(actor).filter(pk=asset_id).first()
    if asset is None or not services.has_templates(asset_type=asset.type):
        raise Http404
    if not actor.may("alarms.rule.view"):
        raise Http404
    if request.method == "POST":
        _apply(request, actor, asset)
        return redirect(request.path)
    items = services.prepare(actor=actor, asset=asset)
    context = {
        "page_title": _("Mẫu giám sát: %(name)s") % {"name": asset.name},
        "asset": asset,
        "back": detail_url(resources[f"assets.{assets.type_of(asset.type).slug}"], asset.pk),
        "groups": _grouped(items),
        "counts": [
            (_WORDS[step], _TONES[step], n)
            for step in Step
            if (n := sum(item.step is step for item in items))
        ],
        "may_apply": actor.may("alarms.rule.add")
        and any(item.step in (Step.CREATE, Step.UPDATE) for item in items),
        "may_enforce": actor.may("alarms.rule.approve"),
    }
    return render(request, "alarms/templates.html", context)


def _apply(request: HttpRequest, actor: Actor, asset: Any) -> None:
    try:
        done = services.apply_templates(actor=actor, asset=asset)
    except SenError as error:
        for text in [t for found in error.fields.values() for t in found] or [str(error)]:
            messages.error(request, text)
        return
    messages.success(
        request,
        _("Đã lập %(made)s quy tắc, ban hành lại %(again)s, giữ nguyên %(kept)s.")
        % {"made": done["CREATE"], "again": done["UPDATE"], "kept": done["KEEP"]},
    )


def _grouped(items: Iterable[Prepared]) -> list[dict[str, Any]]:
    """The rules by stream, as the page shows them."""
    found: dict[int, dict[str, Any]] = {}
    for item in items:
        stream = item.stream
        group = found.setdefault(
            stream.pk, {"stream": stream, "unit": telemetry.unit_text(stream.unit), "rows": []}
        )
        group["rows"].append(
            {
                "name": item.name,
                "kind": Rule.Kind(item.planned.kind).label,
                "concern": item.planned.concern,
                "levels": _levels(item),
                "basis": item.basis,
                "why": item.why,
                "step": _WORDS[item.step],
                "tone": _TONES[item.step],
                "model": learned(item.definition),
                "row": item.row,
            }
        )
    return list(found.values())


def _levels(item: Prepared) -> list[dict[str, Any]]:
    if not item.definition:
        return []
    rule = Rule(kind=item.planned.kind, definition=item.definition)
    spec = parse(rule.kind, rule.definition)
    shown = levels_of(rule)
    return [
        {**told, "text": _level_text(item, level.raise_at)}
        for told, level in zip(shown, spec.levels, strict=True)
    ]


def _level_text(item: Prepared, value: float) -> str:
    """From where on a level holds, in the unit that its kind compares."""
    kind = item.planned.kind
    if kind in (RuleKind.FLAT, RuleKind.MISSING):
        return seconds(int(value))
    if kind == RuleKind.RANGE:
        ends = [item.definition.get(name) for name in ("low", "high")]
        unit = telemetry.unit_text(item.planned.unit)
        return "–".join("" if end is None else number(end) for end in ends) + f" {unit}"
    if kind == RuleKind.NEIGHBOUR:
        return number(value)
    if item.definition.get("in_sigma"):
        return f"{number(value)} \N{GREEK SMALL LETTER SIGMA}"
    return f"{number(value)} {telemetry.unit_text(item.planned.unit)}"


def learned(definition: dict[str, Any]) -> dict[str, Any] | None:
    """What a rule learned, as people read it; None where it learned nothing."""
    model = definition.get("model")
    if not model or "r2" not in model:
        return None
    return {
        "r2": number(model["r2"]),
        "sigma": number(model["sigma"]),
        "begin": datetime.fromtimestamp(model["begin_us"] / MICRO, UTC),
        "end": datetime.fromtimestamp(model["end_us"] / MICRO, UTC),
        "n": model["n"],
        "by": [(ref["by"], number(ref["weight"])) for ref in model["references"]],
    }


def capacities(actor: Actor, rows: Iterable[Rule]) -> list[dict[str, Any]]:
    """How much of the design each limit leaves, by the worst value of the last days."""
    limits = [
        row
        for row in rows
        if row.definition.get("template") in _CAPACITY and row.definition.get("reference")
    ]
    end = timezone.now()
    ids = [row.datastream_id for row in limits if row.datastream_id is not None]
    known = telemetry.extremes(actor, ids, end - timedelta(days=DAYS), end) if ids else {}
    found: list[dict[str, Any]] = []
    for row in limits:
        if row.datastream is None or row.datastream_id not in known:
            continue
        worst = max(known[row.datastream_id], key=abs)
        reference = float(row.definition["reference"])
        left = 1.0 - abs(worst) / reference
        found.append(
            {
                "row": row,
                "stream": row.datastream,
                "unit": telemetry.unit_text(row.datastream.unit),
                "worst": number(worst),
                "reference": number(reference),
                "left": max(round(left * 100), 0),
                "tone": "ok" if left >= 0.3 else "warn" if left > 0 else "danger",
                "basis": row.basis,
            }
        )
    return found
