"""Preparing, starting and closing campaigns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from sen.domains.assets import api as assets
from sen.domains.inventory.choices import CampaignStatus, RecordState
from sen.domains.inventory.events import CampaignClosed, CampaignStarted
from sen.domains.inventory.models import Campaign, Record, Team, Visit
from sen.domains.inventory.selectors import values_of
from sen.domains.network import api as network
from sen.kernel.access.context import as_system
from sen.kernel.access.models import Area, User
from sen.kernel.access.scope import Actor
from sen.kernel.errors import ConflictError, InputCheck, InvalidInputError
from sen.kernel.events import publish
from sen.kernel.usecase import check_version, use_case
from sen.lib.text import nfc

MOST_VISITS: Final = 50_000
_BATCH: Final = 2000
_CAMPAIGN: Final = (
    "code",
    "name",
    "starts_at",
    "ends_at",
    "types",
    "decision",
    "note",
    "owner_org",
    "area",
    "data_class",
    "is_demo",
)


@use_case("inventory.campaign.add", act="inventory.create_campaign")
def create_campaign(*, actor: Actor, **values: Any) -> Campaign:
    """Prepare a campaign: when, where, which kinds of assets.

    Raises:
        InvalidInputError: by field.
    """
    row = Campaign()
    _put(row, actor, values)
    return row


@use_case("inventory.campaign.change", act="inventory.update_campaign")
def update_campaign(
    *, actor: Actor, row: Campaign, version: int | None, reason: str = "", **values: Any
) -> Campaign:
    """Change a campaign; what it covers only before its list is frozen.

    Raises:
        ConflictError: somebody changed it after the form was opened.
        InvalidInputError: by field.
    """
    check_version(row, version)
    before = (row.area_codes, row.road_codes, row.types)
    _put(row, actor, values, save=False)
    if row.status != CampaignStatus.DRAFT and before != (
        row.area_codes,
        row.road_codes,
        row.types,
    ):
        raise InvalidInputError({"types": _("Danh sách đã chốt; không đổi phạm vi được nữa.")})
    row.save()
    return row


def _put(row: Campaign, actor: Actor, values: Mapping[str, Any], *, save: bool = True) -> None:
    check = InputCheck()
    for name in _CAMPAIGN:
        if name in values:
            value = values[name]
            setattr(row, name, nfc(value).strip() if isinstance(value, str) else value)
    for name in ("area_codes", "road_codes"):
        if name in values:
            setattr(row, name, _codes(actor, name, values[name], check))
    row.types = list(row.types or [])
    unknown = [kind for kind in row.types if kind not in assets.asset_types]
    check.need(not unknown, "types", _("Không có loại tài sản: %(t)s.") % {"t": ", ".join(unknown)})
    check.need(row.code, "code", _("Hãy ghi mã đợt."))
    check.need(row.name, "name", _("Hãy ghi tên đợt kiểm kê."))
    with as_system("a code is taken whoever may see its row"):
        taken = Campaign.objects.filter(code=row.code).exclude(pk=row.pk).exists()
    check.need(not taken, "code", _("Mã này đã có đợt khác dùng."))
    check.need(row.starts_at, "starts_at", _("Hãy ghi ngày bắt đầu."))
    check.need(row.ends_at, "ends_at", _("Hãy ghi ngày kết thúc."))
    if row.starts_at and row.ends_at:
        check.need(
            row.ends_at >= row.starts_at,
            "ends_at",
            _("Ngày kết thúc phải từ ngày bắt đầu trở đi."),
        )
    check.done()
    if save:
        row.save()


def _codes(actor: Actor, name: str, given: Any, check: InputCheck) -> list[str]:
    """Codes of places or roads as typed or listed; unknown ones are refused."""
    texts = given.replace(";", ",").split(",") if isinstance(given, str) else list(given or [])
    codes = list(dict.fromkeys(nfc(str(text)).strip() for text in texts if str(text).strip()))
    if name == "area_codes":
        known = set(Area.objects.filter(code__in=codes).values_list("code", flat=True))
    else:
        known = set(network.road_ids_by_code(actor, codes))
    if unknown := [code for code in codes if code not in known]:
        check.add(name, _("Không có mã: %(codes)s.") % {"codes": ", ".join(unknown)})
    return codes


@use_case("inventory.team.add", act="inventory.create_team")
def create_team(*, actor: Actor, campaign: Campaign, **values: Any) -> Team:
    """Add a team to a campaign whose list is not frozen yet.

    Raises:
        InvalidInputError: by field.
    """
    row = Team(campaign=campaign)
    _put_team(row, actor, values)
    return row


@use_case("inventory.team.change", act="inventory.update_team")
def update_team(
    *, actor: Actor, row: Team, version: int | None, reason: str = "", **values: Any
) -> Team:
    """Change a team; its members at any time, what it visits only before the start.

    Raises:
        ConflictError: somebody changed it after the form was opened.
        InvalidInputError: by field.
    """
    check_version(row, version)
    values.pop("campaign", None)
    _put_team(row, actor, values)
    return row


def _put_team(row: Team, actor: Actor, values: Mapping[str, Any]) -> None:
    campaign, check = row.campaign, InputCheck()
    row.owner_org_id, row.area_id = campaign.owner_org_id, campaign.area_id
    row.data_class, row.is_demo = campaign.data_class, campaign.is_demo
    before = (row.area_codes, row.road_codes)
    if "name" in values:
        row.name = nfc(str(values["name"] or "")).strip()
    if "members" in values:
        row.members = _members(values["members"], check)
    for name in ("area_codes", "road_codes"):
        if name in values:
            setattr(row, name, _codes(actor, name, values[name], check))
    check.need(row.name, "name", _("Hãy ghi tên tổ."))
    check.need(campaign.status != CampaignStatus.CLOSED, "campaign", _("Đợt kiểm kê đã kết thúc."))
    changed = before != (row.area_codes, row.road_codes)
    check.need(
        campaign.status == CampaignStatus.DRAFT or (row.pk and not changed),
        "area_codes",
        _("Danh sách đã chốt; không đổi việc chia tổ được nữa."),
    )
    with as_system("names of teams are unique in a campaign"):
        same = Team.objects.filter(campaign=campaign, name=row.name).exclude(pk=row.pk)
        check.need(not same.exists(), "name", _("Đợt này đã có tổ cùng tên."))
    check.done()
    row.save()


def _members(given: Any, check: InputCheck) -> list[str]:
    texts = given.replace(";", ",").split(",") if isinstance(given, str) else list(given or [])
    names = list(dict.fromkeys(str(text).strip() for text in texts if str(text).strip()))
    known = set(User.objects.filter(username__in=names).values_list("username", flat=True))
    if unknown := [name for name in names if name not in known]:
        check.add("members", _("Không có tài khoản: %(names)s.") % {"names": ", ".join(unknown)})
    check.need(names, "members", _("Hãy ghi tên đăng nhập của ít nhất một người."))
    return names


@use_case("inventory.campaign.change", act="inventory.start_campaign")
def start_campaign(
    *, actor: Actor, row: Campaign, version: int | None, reason: str = ""
) -> Campaign:
    """Freeze the list of assets and give each to its team.

    Raises:
        ConflictError: it was started before, or has no team.
        InvalidInputError: it covers no asset, or too many.
    """
    check_version(row, version)
    if row.status != CampaignStatus.DRAFT:
        raise ConflictError(_("Đợt kiểm kê đã chốt danh sách."))
    teams = list(Team.objects.visible_to(actor).filter(campaign=row).order_by("id"))
    if not teams:
        raise ConflictError(_("Đợt chưa có tổ nào."), hint=_("Hãy lập ít nhất một tổ trước."))
    found = list(_chosen(actor, row)[: MOST_VISITS + 1])
    if not found:
        raise InvalidInputError({"types": _("Phạm vi này không có tài sản nào.")})
    if len(found) > MOST_VISITS:
        raise InvalidInputError(
            {"types": _("Hơn %(most)s tài sản; hãy chia thành nhiều đợt.") % {"most": MOST_VISITS}}
        )
    divide = _Divider(actor, teams)
    with as_system("the visits of a campaign lie wherever its assets lie"):
        Visit.objects.bulk_create(
            [
                Visit(
                    campaign=row,
                    team=divide.team_of(asset),
                    asset=asset,
                    frozen=values_of(asset),
                    owner_org_id=row.owner_org_id,
                    area_id=asset.area_id,
                    data_class=row.data_class,
                    is_demo=row.is_demo,
                )
                for asset in found
            ],
            batch_size=_BATCH,
        )
    row.status, row.started_at = CampaignStatus.RUNNING.value, timezone.now()
    row.save()
    publish(
        CampaignStarted(campaign_id=row.pk, code=row.code, visits=len(found)),
        key=row.pk,
        on=row,
    )
    return row


def _chosen(actor: Actor, row: Campaign) -> Any:
    rows = assets.assets(actor).exclude(status="REMOVED")
    if row.types:
        rows = rows.filter(type__in=row.types)
    if row.road_codes:
        roads = network.road_ids_by_code(actor, row.road_codes)
        rows = rows.filter(road_id__in=list(roads.values()))
    if row.area_codes:
        rows = rows.filter(area_id__in=_below(row.area_codes))
    return rows.select_related("area", "road").defer("geom")


def _below(codes: Iterable[str]) -> list[int]:
    """The places with these codes and everything below them."""
    paths = Area.objects.filter(code__in=list(codes)).values_list("path", flat=True)
    condition = Q(pk__in=[])
    for path in paths:
        condition |= Q(path__startswith=path)
    return list(Area.objects.filter(condition).values_list("pk", flat=True))


class _Divider:
    """Which team visits an asset: by its road, else by its place, else the one that takes all."""

    def __init__(self, actor: Actor, teams: Iterable[Team]) -> None:
        self.by_road: dict[int, Team] = {}
        self.by_area: dict[int, Team] = {}
        self.rest: Team | None = None
        for team in teams:
            roads = network.road_ids_by_code(actor, team.road_codes) if team.road_codes else {}
            self.by_road |= dict.fromkeys(roads.values(), team)
            if team.area_codes:
                self.by_area |= dict.fromkeys(_below(team.area_codes), team)
            if not team.road_codes and not team.area_codes:
                self.rest = self.rest or team

    def team_of(self, asset: Any) -> Team | None:
        found = self.by_road.get(asset.road_id) if asset.road_id else None
        return found or self.by_area.get(asset.area_id) or self.rest


@use_case("inventory.campaign.change", act="inventory.close_campaign")
def close_campaign(
    *, actor: Actor, row: Campaign, version: int | None, reason: str = ""
) -> Campaign:
    """End a campaign in which everything that was recorded is decided.

    Raises:
        ConflictError: records wait, or it does not run.
    """
    check_version(row, version)
    if row.status != CampaignStatus.RUNNING:
        raise ConflictError(_("Chỉ kết thúc được đợt đang kiểm kê."))
    waiting = (
        Record.objects.visible_to(actor)
        .filter(campaign=row)
        .filter(state__in=(RecordState.PENDING.value, RecordState.CONFLICT.value))
        .order_by()
        .count()
    )
    if waiting:
        raise ConflictError(
            _("Còn %(n)s bản ghi chưa nghiệm thu.") % {"n": waiting},
            hint=_("Hãy nghiệm thu hoặc từ chối các bản ghi này trước."),
        )
    row.status, row.closed_at = CampaignStatus.CLOSED.value, timezone.now()
    row.save()
    publish(CampaignClosed(campaign_id=row.pk, code=row.code), key=row.pk, on=row)
    return row
