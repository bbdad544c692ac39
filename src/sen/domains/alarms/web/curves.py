"""Levels of rules and alarms, drawn into the curves of streams."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from django.db.models import Q

from sen.domains.alarms.choices import ACTIVE, Direction, RuleKind, RuleStatus, Severity
from sen.domains.alarms.models import Alarm, Rule, SeverityChoices
from sen.domains.alarms.web.texts import spec_of
from sen.domains.telemetry import api as telemetry
from sen.kernel.access.scope import Actor
from sen.kernel.web.charts import Band, Mark, Tone, Window

#: More alarms than these are no marks any more.
MARKS: Final = 40
_TONES: Final = {
    Severity.ADVISORY: Tone.INFO,
    Severity.WARNING: Tone.WARN,
    Severity.DANGER: Tone.DANGER,
    Severity.EMERGENCY: Tone.DANGER,
}


def levels_and_alarms(
    actor: Actor, row: telemetry.Datastream, window: Window
) -> tuple[Sequence[Band], Sequence[Mark]]:
    """From where on the thresholds of a stream alarm, and when they did."""
    bands = list(_bands(_rule_of(actor, row)))
    alarms = Alarm.objects.visible_to(actor).filter(
        Q(last_at__gte=window.begin) | Q(state__in=ACTIVE),
        datastream_id=row.pk,
        first_at__lte=window.end,
    )
    marks = [
        Mark(
            at=alarm.first_at,
            until=None if alarm.state in ACTIVE else alarm.last_at,
            text=f"{alarm.get_severity_display()}: {alarm.title}",
            tone=_TONES[Severity(alarm.severity)],
            url=f"/ql/alarms/alarms/{alarm.pk}/",
        )
        for alarm in alarms.defer("geom", "search").order_by("-first_at")[:MARKS]
    ]
    return bands, marks


def _rule_of(actor: Actor, row: telemetry.Datastream) -> Rule | None:
    """The threshold that holds for a stream: its own before that of its quantity."""
    kind = "" if row.thing.asset is None else row.thing.asset.type
    general = Q(datastream=None, observed_property_id=row.observed_property_id) & Q(
        asset_type__in=("", kind)
    )
    rows = Rule.objects.visible_to(actor).filter(
        general | Q(datastream_id=row.pk),
        kind=RuleKind.THRESHOLD.value,
        status=RuleStatus.IN_FORCE.value,
    )
    found = sorted(rows, key=lambda rule: (rule.datastream_id is None, rule.pk))
    return found[0] if found else None


def _bands(rule: Rule | None) -> Iterator[Band]:
    spec = None if rule is None else spec_of(rule)
    if spec is None:
        return
    for level, above in pairwise([*spec.levels, None]):
        if level is None:
            continue
        limit = None if above is None else above.raise_at
        label, tone = SeverityChoices(level.severity).label, _TONES[Severity(level.severity)]
        if spec.direction is not Direction.BELOW:
            yield Band(label, level.raise_at, limit, tone)
        else:
            yield Band(label, limit, level.raise_at, tone)
        if spec.direction is Direction.BOTH:
            yield Band(label, None if limit is None else -limit, -level.raise_at, tone)
