"""Use cases on rules: drafted, tried on the past, put in force, retired."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from sen.domains.alarms.choices import ACTIVE, Act, RuleKind, RuleStatus, State
from sen.domains.alarms.engine.spec import MICRO, SpecError, parse
from sen.domains.alarms.events import RuleChanged
from sen.domains.alarms.history import load
from sen.domains.alarms.models import Alarm, AlarmEntry, Rule
from sen.domains.alarms.rules import next_state
from sen.domains.alarms.services.defining import from_form, is_form
from sen.kernel.access.context import as_system
from sen.kernel.access.scope import Actor
from sen.kernel.errors import ConflictError, InputCheck, InvalidInputError
from sen.kernel.events import publish
from sen.kernel.usecase import check_version, use_case
from sen.lib.errors import InputError
from sen.lib.text import nfc

_COPIED: Final = (
    "code",
    "name",
    "concern",
    "kind",
    "asset_type",
    "observed_property",
    "datastream",
    "replaces",
    "cause",
    "advice",
    "playbook_code",
    "basis",
    "is_verified",
    "owner_org",
    "area",
    "data_class",
    "is_demo",
)
#: Where a form shows what is wrong with a part that is no field of its own.
_PLACES: Final = {"kind": "kind", "levels": "definition__raise_1", "model": "kind"}


@use_case("alarms.rule.add")
def create_rule(*, actor: Actor, is_demo: bool = False, **values: Any) -> Rule:
    """Draft a rule.

    Raises:
        InvalidInputError: its definition cannot be a rule, or its code is taken.
    """
    row = Rule(is_demo=is_demo)
    _fill(row, values)
    with as_system("whether a code is taken"):
        taken = Rule.objects.filter(code=row.code).exists()
    check = InputCheck()
    check.need(not taken, "code", _("Mã này đã có; hãy lập lần ban hành mới của quy tắc đó."))
    check.done()
    row.save()
    return row


@use_case("alarms.rule.change")
def update_rule(
    *, actor: Actor, row: Rule, version: int | None, reason: str = "", **values: Any
) -> Rule:
    """Change a draft.

    Raises:
        ConflictError: it is no draft, or somebody changed it meanwhile.
        InvalidInputError: its definition cannot be a rule.
    """
    check_version(row, version)
    _need(row, RuleStatus.DRAFT)
    values.pop("code", None)
    _fill(row, values)
    row.save()
    return row


@use_case("alarms.rule.delete")
def delete_rule(*, actor: Actor, row: Rule, version: int | None, reason: str = "") -> None:
    """Throw a draft away.

    Raises:
        ConflictError: it is no draft, or somebody changed it meanwhile.
    """
    check_version(row, version)
    _need(row, RuleStatus.DRAFT)
    row.delete()


@use_case("alarms.rule.change", act="alarms.revise_rule")
def revise_rule(*, actor: Actor, row: Rule) -> Rule:
    """A draft of the next revision; the one in force stays until the draft takes its place.

    Raises:
        ConflictError: there is a draft already.
    """
    with as_system("revisions of a rule"):
        rows = list(Rule.objects.filter(code=row.code).order_by("-revision"))
    if any(other.status == RuleStatus.DRAFT for other in rows):
        raise ConflictError(_("Quy tắc này đang có một dự thảo; hãy sửa dự thảo đó."))
    draft = Rule(revision=rows[0].revision + 1, definition=deepcopy(row.definition))
    for name in _COPIED:
        setattr(draft, name, getattr(row, name))
    draft.save()
    return draft


@use_case("alarms.rule.approve", act="alarms.enforce_rule")
def enforce_rule(*, actor: Actor, row: Rule, version: int | None = None) -> Rule:
    """Put a draft in force, in place of the revision before it.

    Raises:
        ConflictError: it is no draft, has not learned what it compares with, or somebody changed
            it meanwhile.
    """
    check_version(row, version)
    _need(row, RuleStatus.DRAFT)
    spec = parse(row.kind, row.definition)
    is_pattern = spec.kind in (RuleKind.PATTERN, RuleKind.RELATION)
    if is_pattern and not row.definition.get("model"):
        raise ConflictError(_("Quy tắc này phải học từ số liệu trước khi áp dụng."))
    now = timezone.now()
    with as_system("one revision of a rule is in force"):
        for before in Rule.objects.filter(code=row.code, status=RuleStatus.IN_FORCE.value):
            before.status, before.retired_at = RuleStatus.RETIRED.value, now
            before.save()
    row.status, row.in_force_at = RuleStatus.IN_FORCE.value, now
    row.save()
    return _told(row)


@use_case("alarms.rule.approve", act="alarms.retire_rule")
def retire_rule(*, actor: Actor, row: Rule, version: int | None = None) -> Rule:
    """Apply a rule no longer; its open alarms have no condition any more.

    Raises:
        ConflictError: it is not in force, or somebody changed it meanwhile.
    """
    check_version(row, version)
    _need(row, RuleStatus.IN_FORCE)
    row.status, row.retired_at = RuleStatus.RETIRED.value, timezone.now()
    row.save()
    with as_system("alarms of a rule that is applied no longer"):
        for alarm in Alarm.objects.filter(rule__code=row.code, state__in=ACTIVE):
            state = next_state(State(alarm.state), Act.CLEAR)
            alarm.state = (state or State.CLEARED).value
            alarm.cleared_at, alarm.escalate_at = timezone.now(), None
            alarm.save()
            AlarmEntry.objects.create(
                alarm=alarm,
                act=Act.CLEAR.value,
                state=alarm.state,
                severity=alarm.severity,
                text=_("Quy tắc thôi áp dụng."),
            )
    return _told(row)


@use_case("alarms.rule.change", act="alarms.learn_rule")
def learn_rule(
    *, actor: Actor, row: Rule, datastream_id: int, days: int = 30, version: int | None = None
) -> Rule:
    """Learn from the past of a stream what is usual; the draft keeps it.

    Raises:
        ConflictError: it is no draft, or somebody changed it meanwhile.
        InvalidInputError: there are too few observations, or the rule learns nothing.
    """
    check_version(row, version)
    _need(row, RuleStatus.DRAFT)
    spec = parse(row.kind, row.definition)
    check = InputCheck()
    check.need(
        spec.kind in (RuleKind.PATTERN, RuleKind.RELATION),
        "kind",
        _("Chỉ quy tắc theo nếp ngày hoặc theo quan hệ mới học từ số liệu."),
    )
    check.done()
    model = learn_model(
        actor=actor,
        datastream_id=datastream_id,
        definition=row.definition,
        days=days,
        by_hour=spec.kind is RuleKind.PATTERN,
    )
    row.definition = {**row.definition, "model": model, "learned_us": model["end_us"] // MICRO}
    row.save()
    return row


def learn_model(
    *,
    actor: Actor,
    datastream_id: int,
    definition: dict[str, Any],
    days: int,
    by_hour: bool = True,
) -> dict[str, Any]:
    """What is usual on a stream in its last days, explained by what a definition names.

    Raises:
        InvalidInputError: there are too few observations.
    """
    from sen.domains.alarms.engine.learning import learn

    wanted = [str(by) for by in definition.get("explained_by", ())]
    past = load(actor, datastream_id, days=days, references=wanted)
    try:
        return learn(
            past.at,
            past.values,
            [(by, past.tails[by]) for by in wanted if by in past.tails],
            by_hour=by_hour,
            max_age_us=int(definition.get("max_age_s", 7_200)) * MICRO,
        )
    except InputError as error:
        raise InvalidInputError({"datastream": [_(error.template) % error.params]}) from error


def _fill(row: Rule, values: dict[str, Any]) -> None:
    given = values.get("definition")
    if isinstance(given, dict) and is_form(given):
        values = {**values, "definition": from_form(given, row.definition)}
    for name, value in values.items():
        setattr(row, name, nfc(value).strip() if isinstance(value, str) else value)
    check = InputCheck()
    check.need(row.code, "code", _("Hãy ghi mã quy tắc."))
    check.need(row.name, "name", _("Hãy ghi tên quy tắc."))
    is_compound = row.kind == RuleKind.COMPOUND
    has_target = row.observed_property_id or row.datastream_id or is_compound
    check.need(has_target, "observed_property", _("Hãy chọn đại lượng hoặc kênh đo."))
    check.done()
    try:
        parse(row.kind, row.definition)
    except SpecError as error:
        place = _PLACES.get(error.field, f"definition__{error.field}")
        raise InvalidInputError({place: [_(error.template) % error.params]}) from error


def _need(row: Rule, status: RuleStatus) -> None:
    if row.status != status:
        raise ConflictError(
            _("Quy tắc đang ở trạng thái “%(status)s”; việc này cần “%(needed)s”.")
            % {"status": row.get_status_display(), "needed": Rule.Status(status.value).label}
        )


def _told(row: Rule) -> Rule:
    publish(
        RuleChanged(rule_id=row.pk, code=row.code, revision=row.revision, status=row.status),
        key=row.pk,
        on=row,
    )
    return row
