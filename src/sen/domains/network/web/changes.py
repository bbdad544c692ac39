"""Registers of shared stretches, of operations, and of what of them needs a decision."""

from __future__ import annotations

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from sen.domains.network.models import Concurrency, Decision, RoadOperation
from sen.domains.network.services import (
    decide,
    declare_concurrency,
    delete_concurrency,
    update_concurrency,
)
from sen.kernel.access.scope import Actor
from sen.kernel.web.register.resource import (
    Column,
    Filter,
    FormField,
    Kind,
    Resource,
    Section,
    register,
)


@register
class ConcurrencyResource(Resource[Concurrency]):
    model = Concurrency
    slug = "concurrencies"
    title = _("Đoạn đi trùng")
    one = _("đoạn đi trùng")
    icon = "split"
    menu_order = 40
    columns = (
        Column("title", link=True, sort=True),
        Column("bearing", path="bearing__code", label=_("Tuyến mang")),
        Column("from_m", kind=Kind.KM, shown=False),
        Column("to_m", kind=Kind.KM, shown=False),
        Column("borne", path="borne__code", label=_("Tuyến đi trùng")),
        Column("borne_from_m", kind=Kind.KM, shown=False),
        Column("borne_to_m", kind=Kind.KM, shown=False),
        Column("valid_from", sort=True),
        Column("valid_to"),
        Column("note", shown=False),
        Column("owner_org", path="owner_org__name", label=_("Đơn vị quản lý"), shown=False),
        Column("updated_at", shown=False),
    )
    filters = (
        Filter("bearing", title="code"),
        Filter("borne", title="code"),
        Filter("valid_from"),
        Filter("valid_to"),
    )
    sections = (
        Section(_("Tuyến mang mặt đường"), ("bearing", "from_m", "to_m")),
        Section(_("Tuyến đi trùng"), ("borne", "borne_from_m", "borne_to_m")),
        Section(_("Hiệu lực"), ("valid_from", "valid_to", "note", "owner_org", "updated_at")),
    )
    form: ClassVar[tuple[FormField | str, ...]] = (
        FormField("bearing", help=_("Tuyến mang mặt đường, dữ liệu và chiều dài trên đoạn này.")),
        FormField("from_m", kind="km", required=True),
        FormField("to_m", kind="km", required=True),
        "borne",
        FormField("borne_from_m", kind="km", required=True),
        FormField(
            "borne_to_m",
            kind="km",
            required=True,
            help=_("Nhỏ hơn lý trình đầu nếu tuyến đi trùng chạy ngược chiều."),
        ),
        "valid_from",
        FormField("valid_to", help=_("Để trống nếu còn áp dụng.")),
        FormField("note", help=_("Số, ngày của văn bản.")),
    )
    order = "title"
    label_path = "title"
    code_path = "title"
    create = staticmethod(declare_concurrency)
    update = staticmethod(update_concurrency)
    delete = staticmethod(delete_concurrency)

    def form_fields_for(self, actor: Actor, row: Concurrency | None) -> tuple[FormField, ...]:
        """A declaration stays with its two roads."""
        fields = super().form_fields_for(actor, row)
        return fields if row is None else tuple(f for f in fields if f.name not in _ROADS)


_ROADS = ("bearing", "borne")


@register
class OperationResource(Resource[RoadOperation]):
    model = RoadOperation
    slug = "operations"
    title = _("Thao tác trên tuyến")
    one = _("thao tác trên tuyến")
    icon = "history"
    menu_order = 50
    columns = (
        Column("title", link=True, sort=True),
        Column("kind"),
        Column("road", path="road__code", label=_("Mã tuyến")),
        Column("valid_from", sort=True),
        Column("basis"),
        Column("owner_org", path="owner_org__name", label=_("Đơn vị quản lý"), shown=False),
        Column("created_at", shown=False),
    )
    filters = (Filter("kind"), Filter("road", title="code"), Filter("valid_from"))
    sections = (
        Section(_("Thao tác"), ("title", "kind", "road", "valid_from", "basis", "owner_org")),
    )
    order = "-valid_from"
    label_path = "title"
    code_path = "kind"
    in_palette = False


@register
class DecisionResource(Resource[Decision]):
    model = Decision
    slug = "decisions"
    title = _("Việc cần quyết định")
    one = _("việc cần quyết định")
    icon = "list-checks"
    menu_order = 55
    columns = (
        Column("title", link=True, sort=True),
        Column("reason"),
        Column("road", path="road__code", label=_("Mã tuyến")),
        Column("operation", path="operation__title", label=_("Thao tác"), shown=False),
        Column("status", badge={"OPEN": "warn", "DONE": "ok"}),
        Column("answer"),
        Column("note", shown=False),
        Column("decided_at", shown=False),
        Column("owner_org", path="owner_org__name", label=_("Đơn vị quản lý"), shown=False),
    )
    filters = (Filter("status"), Filter("road", title="code"))
    sections = (
        Section(_("Đối tượng"), ("title", "reason", "road", "operation")),
        Section(_("Quyết định"), ("status", "answer", "note", "decided_at")),
    )
    form: ClassVar[tuple[FormField | str, ...]] = (
        FormField("choice", label=_("Phương án"), kind="choice", required=True),
        FormField("note", label=_("Ý kiến")),
    )
    order = "title"
    label_path = "title"
    code_path = "status"
    in_palette = False
    update = staticmethod(decide)

    def form_fields_for(self, actor: Actor, row: Decision | None) -> tuple[FormField, ...]:
        """The choices are those of the thing."""
        fields = super().form_fields_for(actor, row)
        if row is None:
            return fields
        offered = tuple((code, str(text)) for code, text in row.choices.items())
        return (
            FormField(
                "choice", label=_("Phương án"), kind="choice", required=True, choices=offered
            ),
            *(field for field in fields if field.name != "choice"),
        )
