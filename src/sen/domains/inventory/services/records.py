"""Taking records in: each once, and never over what somebody else wrote."""

from __future__ import annotations

from typing import Any, Final

from django.contrib.gis.geos import Point
from django.utils import timezone
from django.utils.translation import gettext as _

from sen.domains.assets import api as assets
from sen.domains.inventory.choices import (
    ALIVE,
    PLAIN_FIELDS,
    CampaignStatus,
    ConflictReason,
    Outcome,
    RecordState,
    VisitState,
)
from sen.domains.inventory.data import RecordInput
from sen.domains.inventory.events import RecordReceived
from sen.domains.inventory.models import Campaign, Record, Team, Visit
from sen.domains.inventory.rules import ATTRIBUTE
from sen.kernel.access.context import as_system
from sen.kernel.access.scope import Actor, DataClass
from sen.kernel.errors import InputCheck, InvalidInputError, PermissionDeniedError
from sen.kernel.events import publish
from sen.kernel.files.services import attach
from sen.kernel.usecase import use_case
from sen.lib.text import nfc

REGISTER: Final = "inventory.records"
MOST_NOTE: Final = 2000
#: So far ahead of ours may the clock of a phone be, in seconds.
CLOCK_S: Final = 3600


@use_case("inventory.record.add", act="inventory.receive_record", check_result=False)
def receive_record(*, actor: Actor, given: RecordInput) -> Record:
    """Keep what somebody recorded of an asset of their round, or found beside it.

    A second record of the same person for the same asset replaces the first while that waits; a
    record of somebody else, or of an asset that changed since it was downloaded, is a conflict
    that a person decides. Nothing is written into the asset here.

    Raises:
        InvalidInputError: by field.
        PermissionDeniedError: the asset is not of the actor's round.
    """
    campaign, team = _sent(actor, given)
    with as_system("a record is written where its asset lies"):
        visit = _visit(given, campaign, team)
        asset = _asset(visit)
        _check(given, campaign, asset)
        row = _row(actor, given, campaign, team, visit, asset)
        others = _others(visit, row)
        mine = [item for item in others if item.recorded_by_id == actor.id]
        for item in mine:
            if item.state in (RecordState.PENDING, RecordState.CONFLICT):
                item.state = RecordState.REPLACED.value
                item.save()
        rival = [item for item in others if item not in mine]
        changed = asset is not None and given.base_version not in (None, asset.version)
        if rival or changed:
            reason = ConflictReason.TWO_RECORDS if rival else ConflictReason.ASSET_CHANGED
            row.state, row.conflict = RecordState.CONFLICT.value, reason.value
        row.save()
        for item in rival:
            if item.state == RecordState.PENDING:
                item.state = RecordState.CONFLICT.value
                item.conflict = ConflictReason.TWO_RECORDS.value
                item.save()
        if visit is not None:
            conflict = row.state == RecordState.CONFLICT
            visit.state = (VisitState.CONFLICT if conflict else VisitState.RECORDED).value
            visit.save()
    with as_system("photos belong to the record that was just written") as house:
        for number, photo in enumerate(given.photos, 1):
            attach(
                actor=house,
                row=row,
                register=REGISTER,
                name=photo.name or f"anh-{number}.jpg",
                chunks=photo.chunks(),
                title=_("Ảnh hiện trường, %(who)s") % {"who": row.recorded_by_name},
                data_class=DataClass.INTERNAL.value,
                is_demo=row.is_demo,
            )
    publish(
        RecordReceived(
            campaign_id=campaign.pk,
            record_id=row.pk,
            asset_id=row.asset_id,
            outcome=row.outcome,
            conflict=row.state == RecordState.CONFLICT,
        ),
        key=row.pk,
        on=row,
    )
    return row


def _sent(actor: Actor, given: RecordInput) -> tuple[Campaign, Team]:
    """The campaign and the team with which the actor was sent out."""
    with as_system("who was sent out is told where"):
        campaign = Campaign.objects.filter(pk=given.campaign_id).first()
        teams = Team.objects.filter(campaign=campaign, members__contains=[actor.username])
        own = list(teams.order_by("id"))
        visit = Visit.objects.filter(pk=given.visit_id).first() if given.visit_id else None
    if campaign is None or not own:
        raise PermissionDeniedError(
            "inventory.record.add", _("Bạn không thuộc tổ nào của đợt kiểm kê này.")
        )
    if campaign.status != CampaignStatus.RUNNING:
        raise InvalidInputError({"campaign": _("Đợt kiểm kê này không còn nhận bản ghi.")})
    team = next((item for item in own if visit and visit.team_id == item.pk), None)
    if visit is not None and (team is None or visit.campaign_id != campaign.pk):
        raise PermissionDeniedError(
            "inventory.record.add", _("Tài sản này không thuộc vòng kiểm kê của bạn.")
        )
    return campaign, team or own[0]


def _visit(given: RecordInput, campaign: Campaign, team: Team) -> Visit | None:
    if given.visit_id is None:
        return None
    rows = Visit.objects.filter(pk=given.visit_id, campaign=campaign, team=team)
    # Two records of one asset at once must see each other.
    return rows.select_for_update(of=("self",)).first()


def _asset(visit: Visit | None) -> Any:
    if visit is None:
        return None
    with as_system("the present version of an asset") as house:
        return assets.assets(house).get(pk=visit.asset_id)


def _check(given: RecordInput, campaign: Campaign, asset: Any) -> None:
    check = InputCheck()
    check.need(given.outcome in Record.Outcome.values, "outcome", _("Hãy chọn kết quả."))
    is_new = given.outcome == Outcome.NEW
    if is_new:
        check.need(given.asset_type in assets.asset_types, "type", _("Hãy chọn loại tài sản."))
        check.need(
            given.lon is not None and given.lat is not None,
            "position",
            _("Tài sản mới cần vị trí; hãy bật định vị rồi ghi lại."),
        )
        check.need(
            str(given.values.get("name") or "").strip(), "name", _("Hãy ghi tên tài sản mới.")
        )
    else:
        check.need(asset, "visit", _("Thiếu tài sản được kiểm kê."))
    if given.lon is not None and given.lat is not None:
        check.need(
            -180 <= given.lon <= 180 and -90 <= given.lat <= 90,
            "position",
            _("Tọa độ không hợp lệ."),
        )
    ahead = (given.recorded_at - timezone.now()).total_seconds()
    check.need(ahead < CLOCK_S, "recorded_at", _("Đồng hồ của máy chạy trước; hãy chỉnh lại."))
    kind = asset.kind if asset is not None else assets.asset_types.get(given.asset_type)
    known = {
        *PLAIN_FIELDS,
        *(f"{ATTRIBUTE}{item.name}" for item in getattr(kind, "attributes", ())),
    }
    for name in (given.values.keys() | given.base.keys()) - known:
        check.add(name[:60], _("Loại tài sản này không có trường đó."))
    check.done()


def _row(
    actor: Actor,
    given: RecordInput,
    campaign: Campaign,
    team: Team,
    visit: Visit | None,
    asset: Any,
) -> Record:
    point = None
    if given.lon is not None and given.lat is not None:
        point = Point(given.lon, given.lat, srid=4326)
    area_id = campaign.area_id
    if asset is not None:
        area_id = asset.area_id
    elif point is not None:
        area_id = assets.propose_place(actor, (point.x, point.y)).area_id or area_id
    values = {k: nfc(v).strip() if isinstance(v, str) else v for k, v in given.values.items()}
    return Record(
        key=given.key,
        campaign=campaign,
        visit=visit,
        team=team,
        asset=asset,
        outcome=given.outcome,
        asset_type=asset.type if asset is not None else given.asset_type,
        base_version=given.base_version,
        shown=dict(given.base),
        values=values if given.outcome != Outcome.NOT_FOUND else {},
        note=nfc(given.note).strip()[:MOST_NOTE],
        position=point,
        accuracy_m=given.accuracy_m,
        recorded_at=given.recorded_at,
        recorded_by_id=actor.id,
        recorded_by_name=(actor.name or actor.username)[:120],
        owner_org_id=campaign.owner_org_id,
        area_id=area_id,
        data_class=campaign.data_class,
        is_demo=campaign.is_demo,
    )


def _others(visit: Visit | None, row: Record) -> list[Record]:
    if visit is None:
        return []
    rows = Record.objects.filter(visit=visit, state__in=[state.value for state in ALIVE])
    return list(rows.exclude(key=row.key).order_by("id"))
