"""The registers of `inventory`."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from sen.domains.assets.api import asset_types
from sen.domains.inventory.models import Campaign, Record, Team, Visit
from sen.domains.inventory.services import (
    create_campaign,
    create_team,
    update_campaign,
    update_team,
)
from sen.kernel.access.scope import Actor
from sen.kernel.web.register.resource import (
    Column,
    Filter,
    FilterKind,
    FormField,
    Kind,
    Resource,
    Section,
    register,
)

CAMPAIGN_TONES = {"DRAFT": "", "RUNNING": "info", "CLOSED": "ok"}
VISIT_TONES = {"TODO": "", "RECORDED": "info", "CONFLICT": "danger", "ACCEPTED": "ok"}
RECORD_TONES = {
    "PENDING": "info",
    "CONFLICT": "danger",
    "ACCEPTED": "ok",
    "REJECTED": "warn",
    "REPLACED": "",
}
OUTCOME_TONES = {"FOUND": "ok", "NOT_FOUND": "danger", "NEW": "pond"}
KEEPING = (
    Column("owner_org", path="owner_org__name", label=_("Đơn vị quản lý"), shown=False),
    Column("data_class", shown=False),
    Column("updated_at", shown=False),
)
_CODES = (
    FormField("area_codes", label=_("Mã địa bàn"), kind="text", help=_("Cách nhau bằng dấu phẩy.")),
    FormField("road_codes", label=_("Mã tuyến đường"), kind="text"),
)


def joined(values: Any) -> str:
    """A list of codes as it is typed."""
    return ", ".join(str(value) for value in values or [])


def _kinds_text(codes: list[str]) -> str:
    """Types of the catalogue in the language of the reader."""
    return ", ".join(
        asset_types[code].plural.said(get_language()) if code in asset_types else code
        for code in codes
    )


@register
class CampaignResource(Resource[Campaign]):
    model = Campaign
    slug = "campaigns"
    title = _("Đợt kiểm kê")
    one = _("đợt kiểm kê")
    icon = "clipboard-list"
    menu_order = 10
    columns = (
        Column("code", link=True, sort=True),
        Column("name", link=True, sort=True),
        Column("status", badge=CAMPAIGN_TONES),
        Column("starts_at", sort=True),
        Column("ends_at"),
        Column("area_codes", shown=False),
        Column("road_codes", shown=False),
        Column("types", shown=False, write=_kinds_text),
        Column("decision", shown=False),
        Column("started_at", shown=False),
        Column("closed_at", shown=False),
        Column("note", shown=False),
        Column("area", path="area__name", label=_("Địa bàn quản lý"), shown=False),
        *KEEPING,
    )
    filters = (Filter("status"), Filter("starts_at"), Filter("owner_org", subtree=True))
    sections = (
        Section(
            _("Đợt kiểm kê"),
            ("code", "name", "status", "starts_at", "ends_at", "decision", "note"),
        ),
        Section(_("Phạm vi"), ("area_codes", "road_codes", "types", "started_at", "closed_at")),
        Section(_("Quản lý"), ("owner_org", "area", "data_class", "updated_at")),
    )
    order = "-starts_at"
    create = staticmethod(create_campaign)
    update = staticmethod(update_campaign)

    def form_fields_for(self, actor: Actor, row: Campaign | None) -> tuple[FormField, ...]:
        """The kinds are those of the catalogue in the language of the reader."""
        kinds = tuple((kind.code, kind.name.said(get_language())) for kind in asset_types)
        return (
            FormField("code"),
            FormField("name"),
            FormField("starts_at"),
            FormField("ends_at"),
            FormField(
                "types",
                label=_("Loại tài sản"),
                kind="multichoice",
                choices=kinds,
                help=_("Không chọn là tất cả."),
            ),
            *_CODES,
            FormField("decision"),
            FormField("note"),
            FormField("owner_org"),
            FormField("area"),
            FormField("data_class"),
        )

    def initial_of(self, row: Campaign) -> dict[str, Any]:
        names = ("code", "name", "starts_at", "ends_at", "decision", "note", "data_class")
        return {name: getattr(row, name) for name in names} | {
            "types": row.types,
            "area_codes": joined(row.area_codes),
            "road_codes": joined(row.road_codes),
            "owner_org": row.owner_org,
            "area": row.area,
        }


@register
class TeamResource(Resource[Team]):
    model = Team
    slug = "teams"
    title = _("Tổ kiểm kê")
    one = _("tổ kiểm kê")
    icon = "users"
    menu_order = 20
    in_palette = False
    columns = (
        Column("name", link=True, sort=True),
        Column("campaign", path="campaign__name", label=_("Đợt kiểm kê")),
        Column("members"),
        Column("area_codes", shown=False),
        Column("road_codes", shown=False),
        *KEEPING,
    )
    filters = (Filter("campaign"),)
    form = (
        "campaign",
        "name",
        FormField(
            "members",
            label=_("Thành viên"),
            kind="text",
            required=True,
            help=_("Tên đăng nhập, cách nhau bằng dấu phẩy."),
        ),
        *_CODES,
    )
    order = "name"
    code_path = "name"
    create = staticmethod(create_team)
    update = staticmethod(update_team)

    def initial_of(self, row: Team) -> dict[str, Any]:
        return {
            "campaign": row.campaign,
            "name": row.name,
            "members": joined(row.members),
            "area_codes": joined(row.area_codes),
            "road_codes": joined(row.road_codes),
        }


@register
class VisitResource(Resource[Visit]):
    model = Visit
    slug = "visits"
    title = _("Danh sách kiểm kê")
    one = _("tài sản phải kiểm kê")
    icon = "list-checks"
    menu_order = 30
    in_palette = False
    search = False
    columns = (
        Column("asset", path="asset__name", label=_("Tài sản"), link=True),
        Column("asset_code", path="asset__code", label=_("Mã tài sản")),
        Column("asset_type", path="asset__type", label=_("Loại tài sản")),
        Column("state", badge=VISIT_TONES),
        Column("team", path="team__name", label=_("Tổ kiểm kê")),
        Column("campaign", path="campaign__name", label=_("Đợt kiểm kê"), shown=False),
        Column("area", path="area__name", label=_("Xã, phường")),
        *KEEPING,
    )
    filters = (
        Filter("state"),
        Filter("campaign"),
        Filter("team"),
        Filter("asset_type", path="asset__type", label=_("Loại tài sản")),
        Filter("area", subtree=True),
    )
    order = "id"
    label_path = "asset__name"
    code_path = "asset__code"


@register
class RecordResource(Resource[Record]):
    model = Record
    slug = "records"
    title = _("Bản ghi kiểm kê")
    one = _("bản ghi kiểm kê")
    icon = "clipboard-check"
    menu_order = 40
    in_palette = False
    columns = (
        Column("recorded_at", link=True, sort=True),
        Column("asset", path="asset__name", label=_("Tài sản")),
        Column("asset_type", shown=False),
        Column("outcome", badge=OUTCOME_TONES),
        Column("state", badge=RECORD_TONES),
        Column("conflict"),
        Column("recorded_by_name"),
        Column("team", path="team__name", label=_("Tổ kiểm kê"), shown=False),
        Column("campaign", path="campaign__name", label=_("Đợt kiểm kê"), shown=False),
        Column("area", path="area__name", label=_("Xã, phường")),
        Column("note", shown=False),
        Column("accuracy_m", unit="m", shown=False),
        Column("decided_by_name", shown=False),
        Column("decided_at", kind=Kind.DATETIME, shown=False),
        Column("decision_note", shown=False),
        *KEEPING,
    )
    filters = (
        Filter("state"),
        Filter("outcome"),
        Filter("campaign"),
        Filter("team"),
        Filter("recorded_at", kind=FilterKind.DATES),
        Filter("area", subtree=True),
    )
    sections = (
        Section(
            _("Ghi tại hiện trường"),
            ("asset", "asset_type", "outcome", "recorded_by_name", "recorded_at", "accuracy_m",
             "note"),
        ),
        Section(
            _("Xử lý"),
            ("state", "conflict", "decided_by_name", "decided_at", "decision_note"),
        ),
        Section(_("Quản lý"), ("campaign", "team", "area", "owner_org", "data_class",
                               "updated_at")),
    )  # fmt: skip
    order = "-recorded_at"
    label_path = code_path = "recorded_by_name"
