"""Registers of publications and of what they say."""

from __future__ import annotations

from typing import Final

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sen.domains.loadnotices.choices import Status
from sen.domains.loadnotices.models import LimitItem, LoadNotice
from sen.domains.loadnotices.services import delete_notice, generate_notice, refresh_notice
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

STATUS_TONES: Final = {"DRAFT": "", "CHECKED": "info", "APPROVED": "pond", "PUBLISHED": "ok"}
CHANGE_TONES: Final = {"SAME": "", "NEW": "info", "CHANGED": "warn", "GONE": "danger"}


@register
class NoticeResource(Resource[LoadNotice]):
    model = LoadNotice
    slug = "notices"
    title = _("Công bố tải trọng, khổ giới hạn")
    one = _("công bố")
    icon = "megaphone"
    menu_order = 10
    columns = (
        Column("code", sort=True, shown=False),
        Column("name", link=True),
        Column("number"),
        Column("kind"),
        Column("status", badge=STATUS_TONES),
        Column("as_on", sort=True),
        Column("due_on"),
        Column("published_at", sort=True),
        Column("items"),
        Column("limited"),
        Column("differing"),
        Column("year", shown=False, kind=Kind.TEXT),
        Column("maker", shown=False),
        Column("checker", shown=False),
        Column("approver", shown=False),
        Column("digest", shown=False),
        Column("note", shown=False),
        Column("owner_org", path="owner_org__name", label=_("Cơ quan công bố"), shown=False),
        Column("area", path="area__name", label=_("Địa bàn"), shown=False),
        Column("updated_at", shown=False),
    )
    filters = (
        Filter("kind"),
        Filter("status"),
        Filter("as_on"),
        Filter("due_on"),
        Filter("owner_org", subtree=True),
    )
    sections = (
        Section(_("Công bố"), ("name", "code", "kind", "number", "year", "owner_org", "area")),
        Section(_("Thời gian"), ("as_on", "due_on", "published_at")),
        Section(_("Nội dung"), ("items", "limited", "differing", "digest", "note")),
        Section(_("Người thực hiện"), ("maker", "checker", "approver", "updated_at")),
    )
    form = (
        FormField("year", required=True),
        FormField("as_on", help=_("Lấy số liệu có hiệu lực đến hết ngày này.")),
        FormField("owner_org", label=_("Cơ quan công bố")),
        "area",
        "note",
    )
    order = "-as_on"
    create = staticmethod(generate_notice)
    update = staticmethod(refresh_notice)
    delete = staticmethod(delete_notice)

    def takes(self, row: LoadNotice, act: str) -> bool:
        return act not in ("change", "delete") or row.status == Status.DRAFT

    def form_fields_for(self, actor: Actor, row: LoadNotice | None) -> tuple[FormField, ...]:
        """A draft is made anew as on another day; whose it is stays."""
        found = super().form_fields_for(actor, row)
        return found if row is None else tuple(f for f in found if f.name in ("as_on", "note"))


_LIMIT_COLUMNS: Final = (
    Column("code", sort=True, shown=False),
    Column("name", link=True, sort=True),
    Column("subject"),
    Column("road", sort=True),
    Column("from_m", kind=Kind.KM),
    Column("to_m", kind=Kind.KM),
    Column("load_limit_t", sort=True),
    Column("axle_limit_t"),
    Column("clearance_m", sort=True),
    Column("width_m"),
    Column("load_limit_rigid_t", shown=False),
    Column("load_limit_semi_t", shown=False),
    Column("load_limit_trailer_t", shown=False),
    Column("design_load", shown=False),
    Column("is_limited", shown=False),
    Column("manager", shown=False),
    Column("notice", path="notice__number", label=_("Theo văn bản"), shown=False),
    Column("published_at", path="notice__published_at", label=_("Ngày công bố"), shown=False),
)
_LIMIT_FILTERS: Final = (
    Filter("subject"),
    Filter("is_limited"),
    Filter("road", kind=FilterKind.TEXT),
    Filter("load_limit_t"),
    Filter("axle_limit_t"),
    Filter("clearance_m"),
)


@register
class LimitResource(Resource[LimitItem]):
    """What holds now: the yearly publication with all changes after it."""

    model = LimitItem
    slug = "limits"
    title = _("Tải trọng, khổ giới hạn đang áp dụng")
    one = _("đoạn, công trình")
    icon = "weight"
    palette_derived = True
    menu_order = 20
    where = Q(is_current=True)
    columns = _LIMIT_COLUMNS
    filters = _LIMIT_FILTERS
    sections = (
        Section(_("Đối tượng"), ("name", "code", "subject", "road", "from_m", "to_m", "manager")),
        Section(
            _("Tải trọng"),
            (
                "load_limit_t",
                "load_limit_rigid_t",
                "load_limit_semi_t",
                "load_limit_trailer_t",
                "axle_limit_t",
                "design_load",
            ),
        ),
        Section(_("Khổ giới hạn"), ("clearance_m", "width_m")),
        Section(_("Căn cứ"), ("notice", "published_at")),
    )
    order = "road"
    layer = "load-limits"


@register
class NoticeItemResource(Resource[LimitItem]):
    """Everything that any publication says, drafts and former ones among them."""

    model = LimitItem
    slug = "items"
    title = _("Nội dung các lần công bố")
    one = _("nội dung công bố")
    icon = "list"
    menu_order = 30
    in_palette = False
    columns = (
        Column("notice_name", path="notice__name", label=_("Công bố")),
        *_LIMIT_COLUMNS,
        Column("change", badge=CHANGE_TONES),
        Column("is_current", shown=False),
    )
    filters = (
        Filter("notice", path="notice__code", label=_("Mã công bố"), kind=FilterKind.TEXT),
        Filter("change"),
        *_LIMIT_FILTERS,
    )
    order = "road"
