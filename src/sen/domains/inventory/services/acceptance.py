"""Taking over what was recorded, through the services of the assets, and deciding conflicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sen.domains.assets import api as assets
from sen.domains.inventory.choices import (
    ConflictReason,
    Outcome,
    RecordState,
    VisitState,
)
from sen.domains.inventory.data import Acceptance
from sen.domains.inventory.events import RecordAccepted
from sen.domains.inventory.models import Campaign, Record, Visit
from sen.domains.inventory.rules import split
from sen.domains.inventory.selectors import conflict_of, said_by
from sen.domains.inventory.services.records import REGISTER
from sen.kernel.access.context import as_system
from sen.kernel.access.scope import Actor
from sen.kernel.errors import ConflictError, InputCheck, InvalidInputError, SenError
from sen.kernel.events import publish
from sen.kernel.files.services import carry_attachments
from sen.kernel.usecase import check_version, use_case

#: The choice of a field that keeps what the register says.
KEEP: Final = "now"


@use_case("inventory.record.change", act="inventory.accept_records", check_result=False)
def accept_records(
    *, actor: Actor, campaign: Campaign, records: Sequence[Record], reason: str = ""
) -> Acceptance:
    """Write waiting records into the register of assets, each for itself.

    What cannot be written stays and is told; a record whose asset changed since becomes a
    conflict.
    """
    found = Acceptance()
    for record in records:
        if record.campaign_id != campaign.pk or record.state != RecordState.PENDING:
            continue
        asset = _asset(actor, record)
        if asset is not None and record.base_version not in (None, asset.version):
            _mark_conflict(record)
            found.conflicts += 1
            continue
        try:
            with transaction.atomic():
                changes = said_by(record).changes()
                _apply(actor, record, asset, record.outcome, changes, reason)
                _decide(actor, record, RecordState.ACCEPTED, reason)
                _settle(record)
        except SenError as error:
            found.refused.append((str(record), str(error)))
        else:
            found.accepted += 1
    return found


@use_case("inventory.record.change", act="inventory.reject_record", check_result=False)
def reject_record(*, actor: Actor, row: Record, version: int | None, reason: str) -> Record:
    """Do not take a record over; it stays with the reason, and its asset is to be visited again.

    Raises:
        ConflictError: it is decided, or somebody changed it.
        InvalidInputError: no reason.
    """
    check_version(row, version)
    check = InputCheck()
    check.need(reason.strip(), "reason", _("Hãy ghi lý do không nhận."))
    check.done()
    if row.state not in (RecordState.PENDING, RecordState.CONFLICT):
        raise ConflictError(_("Bản ghi này đã được xử lý."))
    _decide(actor, row, RecordState.REJECTED, reason)
    _settle(row)
    return row


@use_case("inventory.record.change", act="inventory.resolve_visit", check_result=False)
def resolve_visit(
    *,
    actor: Actor,
    visit: Visit,
    asset_version: int,
    outcome: str,
    picks: Mapping[str, str],
    reason: str,
) -> Visit:
    """Decide a conflict field by field. ``picks``: field → ``now`` or the key of a record.

    Raises:
        ConflictError: the asset changed since the page was opened, or nothing is open.
        InvalidInputError: no reason, a field without a choice, or a value that is refused.
    """
    asset, records, rows = conflict_of(actor, visit)
    if asset is None or not records:
        raise ConflictError(_("Không còn bản ghi nào chờ quyết định."))
    check_version(asset, asset_version)
    check = InputCheck()
    check.need(reason.strip(), "reason", _("Hãy ghi căn cứ quyết định."))
    sides = {KEEP, *(str(record.key) for record in records)}
    check.need(
        outcome in (Outcome.FOUND, Outcome.NOT_FOUND),
        "outcome",
        _("Hãy chọn tài sản còn hay không còn."),
    )
    changes: dict[str, Any] = {}
    for row in rows:
        pick = picks.get(row.name, "" if row.differs else KEEP)
        if pick not in sides:
            check.add(row.name, _("Hãy chọn giá trị cho trường này."))
        elif pick != KEEP:
            changes[row.name] = row.said[pick]
    check.done()
    winner = next((r for r in records if str(r.key) in picks.values()), records[-1])
    _apply(actor, winner, asset, outcome, changes, reason)
    for record in records:
        taken = str(record.key) in picks.values() or record.outcome == outcome
        _decide(actor, record, RecordState.ACCEPTED if taken else RecordState.REJECTED, reason)
    with as_system("a visit follows its records"):
        visit.state = VisitState.ACCEPTED.value
        visit.save()
    return visit


def _asset(actor: Actor, record: Record) -> Any:
    if record.asset_id is None:
        return None
    return assets.assets(actor).get(pk=record.asset_id or 0)


def _apply(
    actor: Actor,
    record: Record,
    asset: Any,
    outcome: str,
    changes: Mapping[str, Any],
    reason: str,
) -> None:
    """Write into the register of assets; its history names the campaign."""
    told = _("Đợt kiểm kê %(code)s: %(who)s, %(at)s.") % {
        "code": record.campaign.code,
        "who": record.recorded_by_name,
        "at": f"{timezone.localtime(record.recorded_at):%d/%m/%Y %H:%M}",
    }
    told = f"{told} {reason}".strip()
    plain, attributes = split(changes)
    if "condition" in plain:
        plain["condition_at"] = timezone.localtime(record.recorded_at).date()
    if record.note and outcome != Outcome.NOT_FOUND:
        before = asset.note if asset is not None else ""
        plain["note"] = "\n".join(filter(None, [before, f"{told} {record.note}"]))
    if outcome == Outcome.NEW:
        asset = assets.create_asset(
            actor=actor,
            type=record.asset_type,
            code=f"{record.campaign.code}-{str(record.key)[:8]}".upper(),
            owner_org=record.campaign.owner_org,
            data_class=0,
            geom=record.position,
            attributes=attributes,
            **({"name": "", "note": told} | plain),
        )
        record.asset = asset
    elif outcome == Outcome.NOT_FOUND:
        assets.update_asset(
            actor=actor, row=asset, version=asset.version, reason=told, status="REMOVED"
        )
    elif plain or attributes:
        assets.update_asset(
            actor=actor,
            row=asset,
            version=asset.version,
            reason=told,
            attributes=attributes,
            **plain,
        )
    if asset is None:
        raise InvalidInputError({"visit": _("Không còn thấy tài sản của bản ghi này.")})
    register = f"assets.{asset.kind.slug}"
    carry_attachments(
        actor=actor, row=record, register=REGISTER, onto=asset, onto_register=register
    )
    publish(
        RecordAccepted(
            campaign_id=record.campaign_id,
            record_id=record.pk,
            asset_id=asset.pk,
            outcome=outcome,
        ),
        key=record.pk,
        on=record,
    )


def _decide(actor: Actor, record: Record, state: RecordState, reason: str) -> None:
    record.state, record.decided_at = state.value, timezone.now()
    record.decided_by_name = (actor.name or actor.username)[:120]
    record.decision_note = reason.strip()[:500]
    record.save()


def _mark_conflict(record: Record) -> None:
    record.state = RecordState.CONFLICT.value
    record.conflict = ConflictReason.ASSET_CHANGED.value
    record.save()
    with as_system("a visit follows its records"):
        Visit.objects.filter(pk=record.visit_id or 0).update(state=VisitState.CONFLICT.value)


def _settle(record: Record) -> None:
    """The state of a visit after one of its records was decided."""
    if record.visit_id is None:
        return
    with as_system("a visit follows its records"):
        states = set(
            Record.objects.filter(visit_id=record.visit_id).values_list("state", flat=True)
        )
        state = VisitState.TODO
        if RecordState.CONFLICT in states:
            state = VisitState.CONFLICT
        elif RecordState.PENDING in states:
            state = VisitState.RECORDED
        elif RecordState.ACCEPTED in states:
            state = VisitState.ACCEPTED
        Visit.objects.filter(pk=record.visit_id or 0).update(state=state.value)
