"""What people do with alarms and rules from their pages, and rules tried on the past."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from sen.domains.alarms import services
from sen.domains.alarms.choices import Act, RuleStatus, State
from sen.domains.alarms.engine.spec import MICRO, parse
from sen.domains.alarms.history import load
from sen.domains.alarms.models import Alarm, Rule, SeverityChoices
from sen.domains.alarms.rules import next_state
from sen.domains.alarms.web.resources import SEVERITY_TONES
from sen.domains.alarms.web.texts import number
from sen.domains.telemetry import api as telemetry
from sen.kernel.access.middleware import actor_of
from sen.kernel.access.models import ScopedModel
from sen.kernel.errors import SenError
from sen.kernel.web.register.links import detail_url
from sen.kernel.web.register.resource import resources
from sen.kernel.web.register.views import needs_sign_in, row_for, to_sign_in

Step = Callable[[HttpRequest, Any, int | None], ScopedModel]
LONGEST_DAYS: Final = 366
SHOWN: Final = 200


@require_POST
def alarm_act(request: HttpRequest, alarm_id: int, what: str) -> HttpResponse:
    """One act on an alarm; what is wrong is told on its page."""
    return _act(request, "alarms.alarms", alarm_id, _ALARM_ACTS.get(what))


@require_POST
def rule_act(request: HttpRequest, rule_id: int, what: str) -> HttpResponse:
    """One act on a rule; a new revision opens its own page."""
    return _act(request, "alarms.rules", rule_id, _RULE_ACTS.get(what))


def _act(request: HttpRequest, register: str, row_id: int, step: Step | None) -> HttpResponse:
    if needs_sign_in(request):
        return to_sign_in(request)
    row = row_for(resources[register], actor_of(request), row_id)
    if step is None:
        raise Http404
    version = request.POST.get("version", "")
    shown = row
    try:
        shown = step(request, row, int(version) if version.isdecimal() else None)
    except SenError as error:
        for text in [t for found in error.fields.values() for t in found] or [str(error)]:
            messages.error(request, text)
    else:
        messages.success(request, _("Đã ghi."))
    return redirect(detail_url(resources[register], shown.pk))


def _acknowledge(request: HttpRequest, row: Alarm, version: int | None) -> Alarm:
    note = request.POST.get("note", "")
    return services.acknowledge_alarm(actor=actor_of(request), row=row, version=version, note=note)


def _shelve(request: HttpRequest, row: Alarm, version: int | None) -> Alarm:
    until = parse_datetime(request.POST.get("until", "")) or timezone.now()
    if timezone.is_naive(until):
        until = timezone.make_aware(until)
    reason = request.POST.get("reason", "")
    return services.shelve_alarm(
        actor=actor_of(request), row=row, version=version, until=until, reason=reason
    )


def _unshelve(request: HttpRequest, row: Alarm, version: int | None) -> Alarm:
    return services.unshelve_alarm(actor=actor_of(request), row=row, version=version)


def _escalate(request: HttpRequest, row: Alarm, version: int | None) -> Alarm:
    return services.escalate_alarm(actor=actor_of(request), row=row, version=version)


def _close(request: HttpRequest, row: Alarm, version: int | None) -> Alarm:
    note = request.POST.get("note", "")
    return services.close_alarm(actor=actor_of(request), row=row, version=version, note=note)


def _note(request: HttpRequest, row: Alarm, version: int | None) -> Alarm:
    return services.note_alarm(actor=actor_of(request), row=row, note=request.POST.get("note", ""))


_ALARM_ACTS: Final[dict[str, Step]] = {
    "tiep-nhan": _acknowledge,
    "tam-gac": _shelve,
    "thoi-gac": _unshelve,
    "bao-cap-tren": _escalate,
    "dong": _close,
    "ghi-chu": _note,
}


def _enforce(request: HttpRequest, row: Rule, version: int | None) -> Rule:
    return services.enforce_rule(actor=actor_of(request), row=row, version=version)


def _retire(request: HttpRequest, row: Rule, version: int | None) -> Rule:
    return services.retire_rule(actor=actor_of(request), row=row, version=version)


def _revise(request: HttpRequest, row: Rule, version: int | None) -> Rule:
    return services.revise_rule(actor=actor_of(request), row=row)


def _learn(request: HttpRequest, row: Rule, version: int | None) -> Rule:
    stream = request.POST.get("kenh", "")
    return services.learn_rule(
        actor=actor_of(request),
        row=row,
        version=version,
        datastream_id=int(stream) if stream.isdecimal() else 0,
        days=_days(request.POST.get("ngay", "")),
    )


_RULE_ACTS: Final[dict[str, Step]] = {
    "ap-dung": _enforce,
    "thoi-ap-dung": _retire,
    "lan-moi": _revise,
    "hoc": _learn,
}


@require_POST
def take_group(request: HttpRequest, group_id: int) -> HttpResponse:
    """Take every alarm of a group that nobody has taken."""
    if needs_sign_in(request):
        return to_sign_in(request)
    actor = actor_of(request)
    row = row_for(resources["alarms.groups"], actor, group_id)
    rows = Alarm.objects.visible_to(actor, "acknowledge").filter(
        group_id=row.pk, acknowledged_at=None
    )
    count = 0
    for alarm in rows:
        if next_state(State(alarm.state), Act.ACKNOWLEDGE) is not None:
            services.acknowledge_alarm(actor=actor, row=alarm)
            count += 1
    messages.success(
        request,
        ngettext("Đã tiếp nhận %(n)s cảnh báo.", "Đã tiếp nhận %(n)s cảnh báo.", count)
        % {"n": count},
    )
    return redirect(detail_url(resources["alarms.groups"], row.pk))


@require_safe
def tried(request: HttpRequest, rule_id: int) -> HttpResponse:
    """When a rule would have fired on the past of a stream."""
    if needs_sign_in(request):
        return to_sign_in(request)
    actor = actor_of(request)
    rule = row_for(resources["alarms.rules"], actor, rule_id)
    if not isinstance(rule, Rule):
        raise Http404
    streams = telemetry.Datastream.objects.visible_to(actor).filter(is_active=True)
    if rule.datastream_id:
        streams = streams.filter(pk=rule.datastream_id)
    elif rule.observed_property_id:
        streams = streams.filter(observed_property_id=rule.observed_property_id)
        if rule.asset_type:
            streams = streams.filter(thing__asset__type=rule.asset_type)
    listed = list(streams.select_related("thing", "thing__asset").order_by("code")[:SHOWN])
    wanted = request.GET.get("kenh", "")
    stream = next((s for s in listed if str(s.pk) == wanted), listed[0] if listed else None)
    days = _days(request.GET.get("ngay", ""))
    context: dict[str, Any] = {
        "page_title": _("Thử quy tắc trên số liệu đã có"),
        "rule": rule,
        "streams": listed,
        "stream": stream,
        "days": days,
        "spans": (7, 30, 90, 365),
        "back": detail_url(resources["alarms.rules"], rule.pk),
        "learn_url": f"/ql/alarms/quy-tac/{rule.pk}/hoc/",
        "may_learn": rule.kind in (Rule.Kind.PATTERN, Rule.Kind.RELATION)
        and rule.status == RuleStatus.DRAFT
        and actor.scope(Rule.access, "change").allows(rule),
    }
    if stream is not None:
        context |= _back_test(request, rule, stream.pk, days)
    return render(request, "alarms/tried.html", context)


def _back_test(request: HttpRequest, rule: Rule, stream_id: int, days: int) -> dict[str, Any]:
    from sen.domains.alarms.engine.backtest import episodes

    began = time.perf_counter()
    spec = parse(rule.kind, rule.definition)
    wanted = [reference.by for reference in spec.model.references]
    past = load(actor_of(request), stream_id, days=days, references=wanted)
    found = episodes(spec, past.at, past.values, past.quality, past.tails)
    return {
        "count": len(found),
        "minutes": len(past.at),
        "took_s": number(time.perf_counter() - began),
        "episodes": [
            {
                "begin": _moment(item.begin),
                "end": None if item.end is None else _moment(item.end),
                "severity": SeverityChoices(item.severity).label,
                "tone": SEVERITY_TONES[item.severity],
                "value": number(item.value),
                "peak": number(item.peak),
            }
            for item in reversed(found[-SHOWN:])
        ],
    }


def _moment(at_us: int) -> datetime:
    return datetime.fromtimestamp(at_us / MICRO, UTC)


def _days(text: str) -> int:
    return min(max(int(text), 1), LONGEST_DAYS) if text.isdecimal() and len(text) < 5 else 30
