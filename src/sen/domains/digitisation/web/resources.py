"""The register of scan batches."""

from __future__ import annotations

from types import MappingProxyType

from django.utils.translation import gettext_lazy as _

from sen.domains.digitisation.models import Batch
from sen.domains.digitisation.services import create_batch, delete_batch, update_batch
from sen.kernel.access.scope import DataClass
from sen.kernel.web.register.resource import (
    Column,
    Filter,
    FormField,
    Resource,
    Section,
    register,
)

STATE_TONES = {"SPLITTING": "info", "OPEN": "warn", "DONE": "ok"}


@register
class BatchResource(Resource[Batch]):
    model = Batch
    slug = "batches"
    title = _("Lô quét")
    one = _("lô quét")
    icon = "scan-text"
    columns = (
        Column("code", sort=True),
        Column("name", link=True, sort=True),
        Column("state", badge=STATE_TONES),
        Column("dossier", "dossier__name", label=_("Hồ sơ công trình")),
        Column("sheets_count"),
        Column("parts_count"),
        Column("accepted_count"),
        Column("owner_org", "owner_org__name", label=_("Đơn vị quản lý"), shown=False),
        Column("area", "area__name", label=_("Địa bàn"), shown=False),
        Column("data_class", shown=False),
        Column("shelf", shown=False),
        Column("note", shown=False),
        Column("updated_at", sort=True),
    )
    filters = (Filter("state"), Filter("owner_org", subtree=True))
    sections = (
        Section(_("Lô quét"), ("code", "state", "sheets_count", "parts_count", "accepted_count")),
        Section(_("Nơi đến"), ("dossier", "shelf", "note")),
        Section(_("Quản lý"), ("owner_org", "area", "data_class")),
    )
    form = (
        "name",
        "dossier",
        "shelf",
        "note",
        FormField("owner_org"),
        FormField("area"),
        "data_class",
    )
    # Documents take the class of their batch.
    first_values = MappingProxyType({"data_class": DataClass.INTERNAL.value})
    order = "-updated_at"
    create = staticmethod(create_batch)
    update = staticmethod(update_batch)
    delete = staticmethod(delete_batch)
