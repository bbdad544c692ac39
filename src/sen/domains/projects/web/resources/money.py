"""Registers of money: sources, capital plans, contracts, payments, warranties."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from sen.domains.projects.models import (
    Amendment,
    Contract,
    ContractMember,
    Funding,
    Payment,
    Source,
    Warranty,
)
from sen.domains.projects.services import (
    add_amendment,
    add_member,
    create_contract,
    create_warranty,
    delete_amendment,
    delete_contract,
    delete_funding,
    delete_member,
    delete_payment,
    delete_warranty,
    plan_funding,
    put_source,
    record_payment,
    update_amendment,
    update_contract,
    update_funding,
    update_member,
    update_payment,
    update_warranty,
)
from sen.domains.projects.web.resources.parts import (
    CONTRACT_TONES,
    KEEPING,
    PROJECT,
    PROJECT_CODE,
    PROJECT_FILTERS,
    WARRANTY_TONES,
    PartResource,
)
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


@register
class SourceResource(Resource[Source]):
    model = Source
    slug = "sources"
    title = _("Nguồn vốn")
    one = _("nguồn vốn")
    icon = "landmark"
    menu_order = 200
    in_palette = False
    columns = (
        Column("code", sort=True),
        Column("name", link=True, sort=True),
        Column("level"),
        Column("is_active"),
        Column("owner_org", path="owner_org__name", label=_("Đơn vị quản lý"), shown=False),
    )
    filters = (Filter("level"), Filter("is_active"))
    form = ("code", "name", "level", "is_active", "owner_org", "area")
    order = "code"
    create = staticmethod(put_source)


@register
class FundingResource(PartResource[Funding]):
    model = Funding
    slug = "fundings"
    title = _("Kế hoạch vốn")
    one = _("kế hoạch vốn")
    icon = "wallet"
    menu_order = 60
    search = False
    importer = "capital-plan"
    columns = (
        Column("year", kind=Kind.TEXT, link=True, sort=True),
        PROJECT,
        PROJECT_CODE,
        Column("source", path="source__name", label=_("Nguồn vốn")),
        Column("planned_vnd", kind=Kind.MONEY, unit="đ"),
        Column("allocated_vnd", kind=Kind.MONEY, unit="đ", sort=True),
        Column("carried_vnd", kind=Kind.MONEY, unit="đ", shown=False),
        Column("disbursed_vnd", kind=Kind.MONEY, unit="đ", sort=True),
        Column("decision", path="decision__number", label=_("Quyết định giao vốn"), shown=False),
        Column("note", shown=False),
        *KEEPING,
    )
    filters = (
        Filter("year"),
        Filter("source"),
        Filter("level", path="source__level", label=_("Cấp nguồn vốn")),
        *PROJECT_FILTERS,
    )
    sections = (
        Section(_("Kế hoạch vốn"), ("project", "year", "source", "decision", "note")),
        Section(_("Số vốn"), ("planned_vnd", "allocated_vnd", "carried_vnd", "disbursed_vnd")),
    )
    form = (
        "project",
        "source",
        "year",
        FormField("planned_vnd", unit="đ"),
        FormField("allocated_vnd", unit="đ"),
        FormField("carried_vnd", unit="đ"),
        "decision",
        "note",
    )
    order = "-year"
    label_path = code_path = "source__name"
    create = staticmethod(plan_funding)
    update = staticmethod(update_funding)
    delete = staticmethod(delete_funding)


@register
class ContractResource(PartResource[Contract]):
    model = Contract
    slug = "contracts"
    title = _("Hợp đồng")
    one = _("hợp đồng")
    icon = "file-signature"
    menu_order = 40
    in_palette = True
    columns = (
        Column("code", sort=True),
        Column("name", link=True),
        PROJECT,
        PROJECT_CODE,
        Column("kind"),
        Column("price", shown=False),
        Column("contractor", path="contractor__name", label=_("Nhà thầu")),
        Column("signed_at", sort=True, shown=False),
        Column("starts_at", shown=False),
        Column("ends_at", shown=False),
        Column("current_ends_at", sort=True),
        Column("value_vnd", kind=Kind.MONEY, unit="đ", shown=False),
        Column("current_vnd", kind=Kind.MONEY, unit="đ", sort=True),
        Column("paid_vnd", kind=Kind.MONEY, unit="đ", sort=True),
        Column("warranty_months", label=_("Bảo hành (tháng)"), shown=False),
        Column("status", badge=CONTRACT_TONES),
        *KEEPING,
    )
    filters = (
        Filter("status"),
        Filter("kind"),
        Filter("contractor", path="contractor__name", label=_("Nhà thầu"), kind=FilterKind.TEXT),
        Filter("signed_at"),
        Filter("current_ends_at"),
        Filter("current_vnd", unit="đ"),
        *PROJECT_FILTERS,
    )
    sections = (
        Section(_("Hợp đồng"), ("code", "name", "project", "kind", "price", "status")),
        Section(_("Nhà thầu"), ("contractor", "warranty_months", "owner_org", "data_class")),
        Section(
            _("Giá trị và thời gian"),
            (
                "value_vnd",
                "current_vnd",
                "paid_vnd",
                "signed_at",
                "starts_at",
                "ends_at",
                "current_ends_at",
            ),
        ),
    )
    form = (
        "project",
        "code",
        "name",
        "kind",
        "price",
        "contractor",
        FormField("value_vnd", unit="đ"),
        "signed_at",
        "starts_at",
        "ends_at",
        FormField("warranty_months", label=_("Thời gian bảo hành (tháng)")),
        "status",
    )
    order = "-signed_at"
    create = staticmethod(create_contract)
    update = staticmethod(update_contract)
    delete = staticmethod(delete_contract)


@register
class MemberResource(PartResource[ContractMember]):
    model = ContractMember
    slug = "members"
    title = _("Thành viên nhà thầu")
    one = _("thành viên nhà thầu")
    icon = "users"
    in_menu = False
    search = False
    fixed = ("contract",)
    columns = (
        Column("party", path="party__name", label=_("Đơn vị"), link=True),
        Column("role"),
        Column("share_pct", unit="%"),
        Column("scope"),
        Column("contract", path="contract__code", label=_("Hợp đồng")),
        PROJECT,
        PROJECT_CODE,
        *KEEPING,
    )
    filters = (Filter("role"), *PROJECT_FILTERS)
    form = ("contract", "party", "role", FormField("share_pct", unit="%"), "scope")
    order = "-id"
    label_path = code_path = "party__name"
    create = staticmethod(add_member)
    update = staticmethod(update_member)
    delete = staticmethod(delete_member)


@register
class AmendmentResource(PartResource[Amendment]):
    model = Amendment
    slug = "amendments"
    title = _("Phụ lục hợp đồng")
    one = _("phụ lục hợp đồng")
    icon = "file-diff"
    menu_order = 45
    fixed = ("contract",)
    columns = (
        Column("number", link=True),
        Column("contract", path="contract__code", label=_("Hợp đồng")),
        Column("signed_at", sort=True),
        Column("change_vnd", kind=Kind.MONEY, unit="đ"),
        Column("ends_at"),
        Column("grounds"),
        PROJECT,
        PROJECT_CODE,
        *KEEPING,
    )
    filters = (Filter("signed_at"), *PROJECT_FILTERS)
    form = (
        "contract",
        "number",
        "signed_at",
        FormField("change_vnd", unit="đ", help=_("Số âm nếu giảm giá trị hợp đồng.")),
        "ends_at",
        "grounds",
    )
    order = "-signed_at"
    label_path = code_path = "number"
    create = staticmethod(add_amendment)
    update = staticmethod(update_amendment)
    delete = staticmethod(delete_amendment)


@register
class PaymentResource(PartResource[Payment]):
    model = Payment
    slug = "payments"
    title = _("Thanh toán, giải ngân")
    one = _("lần thanh toán")
    icon = "banknote"
    menu_order = 50
    columns = (
        Column("code", link=True),
        Column("paid_at", sort=True),
        Column("kind"),
        Column("amount_vnd", kind=Kind.MONEY, unit="đ", sort=True),
        Column("recovered_vnd", kind=Kind.MONEY, unit="đ", shown=False),
        Column("year", path="funding__year", label=_("Năm kế hoạch"), kind=Kind.TEXT),
        Column("source", path="funding__source__name", label=_("Nguồn vốn")),
        Column("contract", path="contract__code", label=_("Hợp đồng")),
        PROJECT,
        PROJECT_CODE,
        Column("note", shown=False),
        *KEEPING,
    )
    filters = (
        Filter("kind"),
        Filter("paid_at"),
        Filter("amount_vnd", unit="đ"),
        Filter("year", path="funding__year", label=_("Năm kế hoạch")),
        Filter("contract", path="contract__code", label=_("Hợp đồng"), kind=FilterKind.TEXT),
        *PROJECT_FILTERS,
    )
    sections = (
        Section(_("Chứng từ"), ("code", "paid_at", "kind", "amount_vnd", "recovered_vnd", "note")),
        Section(_("Dự án"), ("project", "contract", "source", "year")),
    )
    form = (
        "project",
        FormField("contract", help=_("Bắt buộc với tạm ứng, thanh toán khối lượng, quyết toán.")),
        "funding__source",
        "funding__year",
        "code",
        "kind",
        "paid_at",
        FormField("amount_vnd", unit="đ"),
        FormField("recovered_vnd", unit="đ"),
        "note",
    )
    order = "-paid_at"
    label_path = code_path = "code"
    create = staticmethod(record_payment)
    update = staticmethod(update_payment)
    delete = staticmethod(delete_payment)

    def initial_of(self, row: Payment) -> dict[str, Any]:
        own = {"funding__source": row.funding.source_id, "funding__year": row.funding.year}
        return super().initial_of(row) | own

    def pack(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Which line of the plan is paid out of follows from source and year."""
        packed = super().pack(values)
        line: dict[str, Any] = packed.pop("funding", {})
        return packed | line


@register
class WarrantyResource(PartResource[Warranty]):
    model = Warranty
    slug = "warranties"
    title = _("Bảo hành")
    one = _("bảo hành")
    icon = "shield-check"
    menu_order = 90
    search = False
    fixed = ("contract",)
    columns = (
        Column("ends_at", link=True, sort=True),
        Column("starts_at"),
        Column("status", badge=WARRANTY_TONES),
        Column("contract", path="contract__code", label=_("Hợp đồng")),
        Column("contractor", path="contract__contractor__name", label=_("Nhà thầu")),
        Column("work", path="work__name", label=_("Công trình")),
        Column("retained_vnd", kind=Kind.MONEY, unit="đ"),
        Column("reminded_at", shown=False),
        PROJECT,
        PROJECT_CODE,
        Column("note", shown=False),
        *KEEPING,
    )
    filters = (Filter("status"), Filter("ends_at"), *PROJECT_FILTERS)
    form = (
        "contract",
        "work",
        "starts_at",
        FormField(
            "ends_at",
            help=_("Để trống thì tính theo thời gian bảo hành của hợp đồng hoặc cấp công trình."),
        ),
        FormField("retained_vnd", unit="đ"),
        "status",
        "note",
    )
    order = "ends_at"
    label_path = code_path = "contract__code"
    create = staticmethod(create_warranty)
    update = staticmethod(update_warranty)
    delete = staticmethod(delete_warranty)
