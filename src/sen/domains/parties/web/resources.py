"""The register of organisations and people."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from sen.domains.parties.models import Party
from sen.domains.parties.services import create_party, update_party
from sen.kernel.web.register.resource import (
    Column,
    Filter,
    FormField,
    Resource,
    Section,
    register,
)


@register
class PartyResource(Resource[Party]):
    model = Party
    slug = "parties"
    title = _("Tổ chức, cá nhân")
    one = _("tổ chức, cá nhân")
    icon = "building-2"
    columns = (
        Column("code", shown=False),
        Column("name", link=True, sort=True),
        Column("kind", sort=True),
        Column("representative"),
        Column("unit", "unit__name", label=_("Xã, phường")),
        Column("phone", shown=False),
        Column("email", shown=False),
        Column("address", shown=False),
        Column("website", shown=False),
        Column("is_active", shown=False),
        Column("owner_org", "owner_org__name", label=_("Đơn vị quản lý"), shown=False),
    )
    filters = (Filter("kind"), Filter("is_active"), Filter("unit"))
    sections = (
        Section(_("Thông tin chung"), ("code", "name", "kind", "representative", "is_active")),
        Section(_("Liên hệ"), ("address", "unit", "phone", "email", "website")),
        Section(_("Quản lý"), ("owner_org",)),
    )
    form = (
        "code",
        "name",
        "short_name",
        "kind",
        "representative",
        "address",
        "unit",
        "phone",
        "email",
        "website",
        FormField("owner_org"),
        FormField("area"),
        "is_active",
    )
    order = "name"
    create = staticmethod(create_party)
    update = staticmethod(update_party)
