"""Templates put on a work: what they would make, and the rules made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from sen.domains.alarms.choices import RuleStatus
from sen.domains.alarms.engine.templates import (
    NAMES,
    SENSOR_ADVICE,
    SENSOR_CAUSE,
    SENSOR_PLAYBOOK,
    Cited,
    Planned,
    Watched,
    of_mean,
    plan,
    span_at,
    templates_of,
)
from sen.domains.alarms.models import Rule
from sen.domains.alarms.services.ruling import (
    create_rule,
    enforce_rule,
    learn_model,
    revise_rule,
    update_rule,
)
from sen.domains.assets import api as assets
from sen.domains.norms import api as norms
from sen.domains.telemetry import api as telemetry
from sen.kernel.access.scope import Actor
from sen.kernel.attributes.labels import said
from sen.kernel.errors import InvalidInputError, NotFoundError, RuleNotInForceError
from sen.kernel.usecase import use_case

#: What is usual is learned of so many days, and anew when it is older.
LEARN_DAYS: Final = 30


class Step(StrEnum):
    """What applying the templates does with one rule."""

    CREATE = "CREATE"
    UPDATE = "UPDATE"
    KEEP = "KEEP"
    CANNOT = "CANNOT"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A planned rule beside the one that is there; ``why`` says what lacks."""

    planned: Planned
    name: str
    stream: telemetry.Datastream
    step: Step
    definition: dict[str, Any]
    basis: str
    why: str = ""
    row: Rule | None = None


def has_templates(*, asset_type: str) -> bool:
    return bool(templates_of(asset_type))


def prepare(*, actor: Actor, asset: Any, on: date | None = None) -> list[Prepared]:
    """What the templates of a work's type would do now; nothing is written."""
    today = on or timezone.localdate()
    streams = _streams(actor, asset)
    watched = [_watched(stream, asset) for stream in streams.values()]

    def ask(code: str, case: Mapping[str, Any]) -> Cited | None:
        return _cited(code, today, case)

    planned = plan(asset.type, asset.attributes, watched, ask)
    rows = Rule.objects.visible_to(actor).filter(
        code__in=[item.code for item in planned],
        status__in=(RuleStatus.IN_FORCE.value, RuleStatus.DRAFT.value),
    )
    known: dict[str, Rule] = {}
    for row in rows.order_by("revision"):
        known[row.code] = row
    return [
        _prepared(actor, item, streams[item.stream_id], asset.type, known.get(item.code))
        for item in planned
    ]


@use_case("alarms.rule.add", act="alarms.apply_templates")
def apply_templates(*, actor: Actor, asset: Any) -> dict[str, int]:
    """Make the rules of the templates for a work; those that differ get a new revision.

    Who may approve rules puts them in force, else they wait as drafts.

    Returns:
        How many were made, revised, left as they were, and could not be made.
    """
    done = {step.value: 0 for step in Step}
    may_enforce = actor.may("alarms.rule.approve")
    general = _general(actor, asset.type)
    for item in prepare(actor=actor, asset=asset):
        done[item.step.value] += 1
        if item.step in (Step.KEEP, Step.CANNOT):
            continue
        values = _values(item, general)
        if item.row is None:
            row = create_rule(
                actor=actor, is_demo=item.stream.is_demo, code=item.planned.code, **values
            )
        else:
            is_held = item.row.status == RuleStatus.IN_FORCE
            row = revise_rule(actor=actor, row=item.row) if is_held else item.row
            row = update_rule(actor=actor, row=row, version=None, **values)
        if may_enforce:
            enforce_rule(actor=actor, row=row)
    return done


def _streams(actor: Actor, asset: Any) -> dict[int, telemetry.Datastream]:
    rows = telemetry.Datastream.objects.visible_to(actor).filter(
        thing__asset_id=asset.pk, is_active=True, observed_property__isnull=False
    )
    rows = rows.select_related("thing", "observed_property", "owner_org", "area")
    return {row.pk: row for row in rows.order_by("code", "id")}


def _watched(stream: telemetry.Datastream, asset: Any) -> Watched:
    quantity = stream.observed_property
    return Watched(
        id=stream.pk,
        quantity="" if quantity is None else quantity.code,
        unit=stream.unit,
        interval_s=stream.interval_s,
        valid_min=stream.valid_min,
        valid_max=stream.valid_max,
        span_m=span_at(asset.attributes, stream.thing.position),
    )


def _cited(code: str, on: date, case: Mapping[str, Any]) -> Cited | None:
    try:
        found = norms.ruling(code, on=on, **case)
    except (RuleNotInForceError, NotFoundError):
        return None
    return float(found.value), found.legal_ref, not found.needs_verification


def _prepared(
    actor: Actor,
    item: Planned,
    stream: telemetry.Datastream,
    asset_type: str,
    row: Rule | None,
) -> Prepared:
    template = next(t for t in templates_of(asset_type) if t["code"] == item.template)
    name = _(NAMES[item.key]) % {"name": template["name"]}
    basis = _basis(item, asset_type)
    if item.lacks:
        return Prepared(item, name, stream, Step.CANNOT, {}, basis, _(item.lacks), row)
    definition = dict(item.definition)
    if _needs_past(item):
        kept = None if row is None else row.definition.get("model")
        if kept and not _is_old(row):
            model = kept
        else:
            try:
                model = learn_model(
                    actor=actor,
                    datastream_id=stream.pk,
                    definition=definition,
                    days=LEARN_DAYS,
                )
            except InvalidInputError as error:
                why = "; ".join(text for texts in error.fields.values() for text in texts)
                return Prepared(item, name, stream, Step.CANNOT, {}, basis, why, row)
        definition = of_mean(item, model["mean"])
        definition = {**definition, "model": model}
    definition["template"] = item.template
    if item.reference is not None:
        definition["reference"] = item.reference
    step = Step.CREATE
    if row is not None:
        is_same = _comparable(row.definition) == _comparable(definition) and row.basis == basis
        step = Step.KEEP if is_same else Step.UPDATE
    return Prepared(item, name, stream, step, definition, basis, "", row)


def _needs_past(item: Planned) -> bool:
    return item.learns or "of_mean" in item.definition


def _is_old(row: Rule | None) -> bool:
    learned = None if row is None else row.in_force_at
    return learned is not None and (timezone.now() - learned).days >= LEARN_DAYS


def _comparable(definition: Mapping[str, Any]) -> dict[str, Any]:
    """A definition as two of them are compared: numbers as numbers, a model by when it ended."""
    found = {name: value for name, value in definition.items() if name != "learned_us"}
    if "model" in found:
        found["model"] = found["model"].get("end_us")
    return found


def _basis(item: Planned, asset_type: str) -> str:
    if not item.basis:
        return _("Mẫu giám sát của hệ thống; cần xác minh")
    known = assets.type_of(asset_type).by_name.get(item.basis)
    if known is not None:
        return _("%(label)s trong hồ sơ công trình; tỉ lệ từng mức cần xác minh") % {
            "label": said(known.label)
        }
    return _("%(basis)s; cần xác minh") % {"basis": item.basis}


def _general(actor: Actor, asset_type: str) -> dict[tuple[int | None, str, str], str]:
    """Rules for a quantity as a whole, whose place on a stream its own rule takes."""
    rows = Rule.objects.visible_to(actor).filter(
        Q(asset_type="") | Q(asset_type=asset_type),
        status=RuleStatus.IN_FORCE.value,
        datastream=None,
        observed_property__isnull=False,
    )
    found = rows.values_list("observed_property_id", "kind", "concern", "code")
    return {(quantity, kind, concern): code for quantity, kind, concern, code in found}


def _values(item: Prepared, general: Mapping[Any, str]) -> dict[str, Any]:
    planned, stream = item.planned, item.stream
    asset_type = stream.thing.asset.type if stream.thing.asset is not None else ""
    template = next(t for t in templates_of(asset_type) if t["code"] == planned.template)
    is_sensor = planned.concern == "SENSOR"
    return {
        "name": item.name,
        "kind": planned.kind,
        "concern": planned.concern,
        "observed_property": stream.observed_property,
        "datastream": stream,
        "replaces": general.get((stream.observed_property_id, planned.kind, planned.concern), ""),
        "definition": item.definition,
        "cause": _(SENSOR_CAUSE) if is_sensor else template["cause"],
        "advice": _(SENSOR_ADVICE) if is_sensor else template["advice"],
        "playbook_code": SENSOR_PLAYBOOK if is_sensor else template["playbook"],
        "basis": item.basis,
        "is_verified": False,
        "owner_org": stream.owner_org,
        "area": stream.area,
    }
