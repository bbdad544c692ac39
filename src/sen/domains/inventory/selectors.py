"""Questions about campaigns: whose round, how far, what differs, what contradicts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Count, Q, QuerySet

from sen.domains.assets import api as assets
from sen.domains.inventory.choices import (
    PLAIN_FIELDS,
    CampaignStatus,
    RecordState,
    VisitState,
)
from sen.domains.inventory.data import Progress
from sen.domains.inventory.models import Campaign, Record, Team, Visit
from sen.domains.inventory.rules import ATTRIBUTE, FieldConflict, Said, side_by_side
from sen.kernel.access.context import as_system
from sen.kernel.access.scope import Actor

ASSET_URL = "/ql/assets/all/"


def campaigns(actor: Actor) -> QuerySet[Campaign]:
    """The campaigns that the actor may see, the newest first."""
    rows: QuerySet[Campaign] = Campaign.objects.visible_to(actor)
    return rows.order_by("-starts_at", "id")


def teams(actor: Actor, campaign: Campaign) -> QuerySet[Team]:
    """The teams of a campaign that the actor may see."""
    rows: QuerySet[Team] = Team.objects.visible_to(actor).filter(campaign=campaign)
    return rows.order_by("id")


def visits(actor: Actor, team: Team) -> QuerySet[Visit]:
    """What a team visits, as far as the actor may see it."""
    rows: QuerySet[Visit] = Visit.objects.visible_to(actor).filter(team=team)
    return rows.select_related("team").order_by("id")


def teams_of(username: str) -> list[Team]:
    """The teams of running campaigns in which somebody is."""
    if not username:
        return []
    with as_system("who was sent out is told where"):
        rows = Team.objects.filter(
            members__contains=[username], campaign__status=CampaignStatus.RUNNING.value
        )
        return list(rows.select_related("campaign").order_by("campaign__ends_at", "id"))


def values_of(asset: Any, hidden: frozenset[str] | set[str] = frozenset()) -> dict[str, Any]:
    """The flat values of an asset that a record may change."""
    plain = {name: getattr(asset, name) for name in PLAIN_FIELDS if name not in hidden}
    own = {
        f"{ATTRIBUTE}{item.name}": asset.attributes.get(item.name)
        for item in asset.kind.attributes
        if f"{ATTRIBUTE}{item.name}" not in hidden
    }
    return plain | own


def round_of(actor: Actor, team: Team) -> Iterator[tuple[Visit, Any, frozenset[str]]]:
    """The visits of a team, each with its asset as the actor may see it and what is hidden."""
    with as_system("a round is shown to whom it was given"):
        given = list(Visit.objects.filter(team=team).order_by("id"))
    rows = assets.assets(actor).filter(pk__in=[visit.asset_id for visit in given])
    seen = {row.pk: row for row in rows.select_related("road", "area")}
    for visit in given:
        row = seen.get(visit.asset_id)
        if row is not None:
            yield visit, row, frozenset(actor.scope(row.access).masked(row))


def progress(actor: Actor, campaign: Campaign) -> list[Progress]:
    """How far each team is in each commune."""
    rows = (
        Visit.objects.visible_to(actor)
        .filter(campaign=campaign)
        .order_by("team__name", "area__name")
        .values_list("team__name", "area__name")
        .annotate(
            total=Count("id"),
            recorded=Count("id", filter=Q(state=VisitState.RECORDED.value)),
            conflicts=Count("id", filter=Q(state=VisitState.CONFLICT.value)),
            accepted=Count("id", filter=Q(state=VisitState.ACCEPTED.value)),
        )
    )
    return [Progress(team or "", area, *counts) for team, area, *counts in rows]


def records_of(actor: Actor, campaign: Campaign) -> QuerySet[Record]:
    """The records of a campaign, the newest first."""
    rows: QuerySet[Record] = Record.objects.visible_to(actor).filter(campaign=campaign)
    return rows.order_by("-recorded_at", "-id")


def said_by(record: Record) -> Said:
    return Said(str(record.key), record.shown, record.values)


def open_records(actor: Actor, visit: Visit) -> list[Record]:
    """The records of a visit that are not decided."""
    rows = Record.objects.visible_to(actor).filter(
        visit=visit, state__in=(RecordState.PENDING.value, RecordState.CONFLICT.value)
    )
    return list(rows.order_by("recorded_at", "id"))


def conflict_of(actor: Actor, visit: Visit) -> tuple[Any, list[Record], list[FieldConflict]]:
    """The asset as it is, its open records, and the fields side by side."""
    asset = assets.assets(actor).filter(pk=visit.asset_id).select_related("road", "area").first()
    records = open_records(actor, visit)
    now = values_of(asset) if asset is not None else {}
    return asset, records, side_by_side(now, [said_by(record) for record in records])


def differences(actor: Actor, campaign: Campaign) -> Iterator[list[Any]]:
    """Rows of the report: asset, what was found, field, before, after, state."""
    rows = (
        Record.objects.visible_to(actor)
        .filter(campaign=campaign)
        .exclude(state=RecordState.REPLACED.value)
        .select_related("asset", "team", "area")
        .order_by("area__name", "asset__code", "recorded_at", "id")
    )
    for record in rows:
        code = record.asset.code if record.asset else ""
        name = record.asset.name if record.asset else str(record.values.get("name") or "")
        head = [
            record.area.name,
            record.team.name,
            code,
            name,
            record.asset_type,
            str(record.get_outcome_display()),
            str(record.get_state_display()),
        ]
        changes: Mapping[str, Any] = said_by(record).changes()
        for field_name, after in changes.items() or [("", None)]:
            yield [
                *head,
                field_name,
                record.shown.get(field_name),
                after,
                record.recorded_by_name,
                f"{record.recorded_at:%d/%m/%Y %H:%M}",
                record.note,
            ]


def visits_of_asset(actor: Actor, asset_id: int) -> QuerySet[Record]:
    """What campaigns recorded of an asset, the newest first."""
    rows: QuerySet[Record] = Record.objects.visible_to(actor).filter(asset_id=asset_id)
    return rows.select_related("campaign").order_by("-recorded_at", "-id")
