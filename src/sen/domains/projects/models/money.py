"""Sources of money, capital plans, contracts, payments, warranties."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from sen.domains.projects import choices
from sen.domains.projects.models.parts import ProjectPart
from sen.kernel.access.models import ScopedModel
from sen.kernel.access.scope import AccessRule, DataClass
from sen.kernel.search.fields import search_column, search_index


class Source(ScopedModel):
    """A source of money, as the capital plans name it."""

    access = AccessRule("projects.source")

    class Level(models.TextChoices):
        CENTRAL = choices.FundingLevel.CENTRAL.value, _("Ngân sách trung ương")
        PROVINCE = choices.FundingLevel.PROVINCE.value, _("Ngân sách tỉnh")
        COMMUNE = choices.FundingLevel.COMMUNE.value, _("Ngân sách xã, phường")
        AID = choices.FundingLevel.AID.value, _("Viện trợ")
        LOAN = choices.FundingLevel.LOAN.value, _("Vốn vay")
        ENTERPRISE = choices.FundingLevel.ENTERPRISE.value, _("Doanh nghiệp, đối tác công tư")
        RECURRENT = choices.FundingLevel.RECURRENT.value, _("Chi thường xuyên, bảo trì")
        OTHER = choices.FundingLevel.OTHER.value, _("Nguồn khác")

    code = models.CharField(_("mã nguồn vốn"), max_length=30, unique=True)
    name = models.CharField(_("tên nguồn vốn"), max_length=200)
    level = models.CharField(_("cấp nguồn vốn"), max_length=10, choices=Level.choices)
    is_active = models.BooleanField(_("đang dùng"), default=True)
    search = search_column("code", "name")

    class Meta(ScopedModel.Meta):
        verbose_name = _("nguồn vốn")
        indexes = [
            models.Index(fields=["code", "id"], name="projects_source_code_id"),
            models.Index(fields=["name", "id"], name="projects_source_name"),
            search_index("projects_source_search"),
        ]

    def __str__(self) -> str:
        return self.name


class Funding(ProjectPart):
    """One line of the capital plan: a project, a source, a year."""

    access = AccessRule("projects.funding")

    source = models.ForeignKey(
        Source, models.PROTECT, related_name="+", verbose_name=_("nguồn vốn")
    )
    year = models.PositiveSmallIntegerField(_("năm kế hoạch"))
    planned_vnd = models.BigIntegerField(_("vốn dự kiến"), default=0)
    allocated_vnd = models.BigIntegerField(_("vốn được giao"), default=0)
    carried_vnd = models.BigIntegerField(_("vốn kéo dài"), default=0)
    disbursed_vnd = models.BigIntegerField(_("đã giải ngân"), default=0, editable=False)
    decision = models.ForeignKey(
        "projects.Decision",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("quyết định giao vốn"),
    )
    note = models.CharField(_("ghi chú"), max_length=250, blank=True, default="")

    class Meta(ProjectPart.Meta):
        verbose_name = _("kế hoạch vốn")
        constraints = [
            models.UniqueConstraint(
                fields=["project", "source", "year"], name="projects_funding_once"
            ),
            models.CheckConstraint(
                condition=Q(planned_vnd__gte=0) & Q(allocated_vnd__gte=0) & Q(carried_vnd__gte=0),
                name="projects_funding_positive",
            ),
            models.CheckConstraint(
                condition=Q(disbursed_vnd__gte=0)
                & Q(disbursed_vnd__lte=F("allocated_vnd") + F("carried_vnd")),
                name="projects_funding_within",
            ),
        ]
        indexes = [
            models.Index(fields=["year", "id"], name="projects_funding_year"),
            models.Index(fields=["allocated_vnd", "id"], name="projects_funding_given"),
            models.Index(fields=["disbursed_vnd", "id"], name="projects_funding_paid"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.year}"


class Contract(ProjectPart):
    """A contract of a project. Its present value and end follow from its amendments."""

    access = AccessRule("projects.contract")

    class Kind(models.TextChoices):
        CONSTRUCTION = choices.ContractKind.CONSTRUCTION.value, _("Thi công xây dựng")
        EQUIPMENT = choices.ContractKind.EQUIPMENT.value, _("Cung cấp thiết bị")
        SURVEY = choices.ContractKind.SURVEY.value, _("Khảo sát")
        DESIGN = choices.ContractKind.DESIGN.value, _("Thiết kế")
        SUPERVISION = choices.ContractKind.SUPERVISION.value, _("Giám sát")
        CONSULTING = choices.ContractKind.CONSULTING.value, _("Tư vấn khác")
        INSURANCE = choices.ContractKind.INSURANCE.value, _("Bảo hiểm")
        OTHER = choices.ContractKind.OTHER.value, _("Hợp đồng khác")

    class Price(models.TextChoices):
        LUMP_SUM = choices.PriceKind.LUMP_SUM.value, _("Trọn gói")
        FIXED_UNIT = choices.PriceKind.FIXED_UNIT.value, _("Đơn giá cố định")
        ADJUSTED_UNIT = choices.PriceKind.ADJUSTED_UNIT.value, _("Đơn giá điều chỉnh")
        TIME = choices.PriceKind.TIME.value, _("Theo thời gian")
        PERCENTAGE = choices.PriceKind.PERCENTAGE.value, _("Theo tỷ lệ phần trăm")

    class Status(models.TextChoices):
        SIGNED = choices.ContractStatus.SIGNED.value, _("Đã ký")
        RUNNING = choices.ContractStatus.RUNNING.value, _("Đang thực hiện")
        SUSPENDED = choices.ContractStatus.SUSPENDED.value, _("Tạm dừng")
        COMPLETED = choices.ContractStatus.COMPLETED.value, _("Đã hoàn thành")
        LIQUIDATED = choices.ContractStatus.LIQUIDATED.value, _("Đã thanh lý")
        TERMINATED = choices.ContractStatus.TERMINATED.value, _("Chấm dứt trước hạn")

    code = models.CharField(_("số hợp đồng"), max_length=60, unique=True)
    name = models.CharField(_("tên gói thầu, hợp đồng"), max_length=300)
    kind = models.CharField(_("loại hợp đồng"), max_length=12, choices=Kind.choices)
    price = models.CharField(
        _("hình thức giá"), max_length=13, choices=Price.choices, default=Price.FIXED_UNIT.value
    )
    contractor = models.ForeignKey(
        "parties.Party", models.PROTECT, related_name="+", verbose_name=_("nhà thầu")
    )
    signed_at = models.DateField(_("ngày ký"))
    starts_at = models.DateField(_("ngày bắt đầu"), null=True, blank=True)
    ends_at = models.DateField(_("ngày kết thúc theo hợp đồng"), null=True, blank=True)
    value_vnd = models.BigIntegerField(_("giá trị ký kết"))
    warranty_months = models.PositiveSmallIntegerField(
        _("thời gian bảo hành"), null=True, blank=True
    )
    status = models.CharField(
        _("tình trạng"),
        max_length=10,
        choices=Status.choices,
        default=choices.ContractStatus.SIGNED.value,
    )
    current_vnd = models.BigIntegerField(_("giá trị hiện tại"), default=0, editable=False)
    current_ends_at = models.DateField(_("ngày kết thúc hiện tại"), null=True, editable=False)
    paid_vnd = models.BigIntegerField(_("đã thanh toán"), default=0, editable=False)
    search = search_column("code", "name")

    class Meta(ProjectPart.Meta):
        verbose_name = _("hợp đồng")
        constraints = [
            models.CheckConstraint(
                condition=Q(paid_vnd__gte=0) & Q(paid_vnd__lte=F("current_vnd")),
                name="projects_contract_within",
            )
        ]
        indexes = [
            models.Index(fields=["code", "id"], name="projects_contract_code_id"),
            models.Index(fields=["signed_at", "id"], name="projects_contract_signed"),
            models.Index(fields=["current_vnd", "id"], name="projects_contract_value"),
            models.Index(fields=["paid_vnd", "id"], name="projects_contract_paid"),
            models.Index(fields=["current_ends_at", "id"], name="projects_contract_ends"),
            models.Index(fields=["project", "signed_at", "id"], name="projects_contract_project"),
            models.Index(fields=["contractor", "id"], name="projects_contract_party"),
            search_index("projects_contract_search"),
        ]

    def __str__(self) -> str:
        return f"{self.code} · {self.name}"


class ContractPart(ProjectPart, abstract=True):
    """A part of a contract."""

    contract = models.ForeignKey(
        Contract, models.PROTECT, related_name="+", verbose_name=_("hợp đồng")
    )

    class Meta(ProjectPart.Meta):
        abstract = True


class ContractMember(ContractPart):
    """A member of the consortium behind a contract, or a subcontractor."""

    access = AccessRule("projects.member")

    class Role(models.TextChoices):
        LEAD = choices.MemberRole.LEAD.value, _("Đứng đầu liên danh")
        PARTNER = choices.MemberRole.PARTNER.value, _("Thành viên liên danh")
        SUBCONTRACTOR = choices.MemberRole.SUBCONTRACTOR.value, _("Nhà thầu phụ")

    party = models.ForeignKey(
        "parties.Party", models.PROTECT, related_name="+", verbose_name=_("đơn vị")
    )
    role = models.CharField(_("vai trò"), max_length=13, choices=Role.choices)
    share_pct = models.DecimalField(
        _("tỷ lệ đảm nhận"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    scope = models.CharField(_("phần việc"), max_length=300, blank=True, default="")

    class Meta(ContractPart.Meta):
        verbose_name = _("thành viên nhà thầu")
        constraints = [
            models.UniqueConstraint(fields=["contract", "party"], name="projects_member_once")
        ]
        indexes = [models.Index(fields=["party", "id"], name="projects_member_party")]

    def __str__(self) -> str:
        return f"{self.party} ({self.get_role_display()})"


class Amendment(ContractPart):
    """An annex that changes the value or the end of a contract."""

    access = AccessRule("projects.amendment")

    number = models.CharField(_("số phụ lục"), max_length=60)
    signed_at = models.DateField(_("ngày ký"))
    change_vnd = models.BigIntegerField(_("tăng, giảm giá trị"), default=0)
    ends_at = models.DateField(_("ngày kết thúc mới"), null=True, blank=True)
    grounds = models.CharField(_("lý do điều chỉnh"), max_length=300)
    search = search_column("number", "grounds")

    class Meta(ContractPart.Meta):
        verbose_name = _("phụ lục hợp đồng")
        constraints = [
            models.UniqueConstraint(fields=["contract", "number"], name="projects_amendment_once")
        ]
        indexes = [
            models.Index(fields=["signed_at", "id"], name="projects_amendment_signed"),
            models.Index(fields=["contract", "signed_at"], name="projects_amendment_of"),
            search_index("projects_amendment_search"),
        ]

    def __str__(self) -> str:
        return self.number


class Payment(ProjectPart):
    """Money paid out of one source in one plan year: a disbursement.

    ``recovered_vnd`` is the part of the accepted volume that paid back an advance: it was
    disbursed with the advance and is not in ``amount_vnd``.
    """

    access = AccessRule("projects.payment")

    class Kind(models.TextChoices):
        ADVANCE = choices.PaymentKind.ADVANCE.value, _("Tạm ứng")
        VOLUME = choices.PaymentKind.VOLUME.value, _("Thanh toán khối lượng")
        FINAL = choices.PaymentKind.FINAL.value, _("Thanh toán quyết toán")
        COMPENSATION = choices.PaymentKind.COMPENSATION.value, _("Bồi thường, hỗ trợ, tái định cư")
        MANAGEMENT = choices.PaymentKind.MANAGEMENT.value, _("Chi phí quản lý dự án")
        OTHER = choices.PaymentKind.OTHER.value, _("Chi phí khác")

    contract = models.ForeignKey(
        Contract,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("hợp đồng"),
    )
    funding = models.ForeignKey(
        Funding, models.PROTECT, related_name="+", verbose_name=_("kế hoạch vốn"), editable=False
    )
    code = models.CharField(_("số chứng từ"), max_length=60)
    kind = models.CharField(_("loại thanh toán"), max_length=12, choices=Kind.choices)
    paid_at = models.DateField(_("ngày thanh toán"))
    amount_vnd = models.BigIntegerField(_("số tiền giải ngân"))
    recovered_vnd = models.BigIntegerField(_("thu hồi tạm ứng"), default=0)
    note = models.CharField(_("ghi chú"), max_length=250, blank=True, default="")
    search = search_column("code", "note")

    class Meta(ProjectPart.Meta):
        verbose_name = _("lần thanh toán")
        constraints = [
            models.UniqueConstraint(fields=["project", "code"], name="projects_payment_once"),
            models.CheckConstraint(
                condition=Q(amount_vnd__gt=0) & Q(recovered_vnd__gte=0),
                name="projects_payment_positive",
            ),
        ]
        indexes = [
            models.Index(fields=["paid_at", "id"], name="projects_payment_date"),
            models.Index(fields=["amount_vnd", "id"], name="projects_payment_amount"),
            models.Index(fields=["project", "paid_at"], name="projects_payment_project"),
            models.Index(fields=["funding", "id"], name="projects_payment_funding"),
            search_index("projects_payment_search"),
        ]

    def __str__(self) -> str:
        return self.code


class Warranty(ContractPart):
    """The time in which a contractor answers for faults, and the money held back for it."""

    access = AccessRule("projects.warranty")
    own_class: ClassVar[DataClass] = DataClass.INTERNAL

    class Status(models.TextChoices):
        RUNNING = choices.WarrantyStatus.RUNNING.value, _("Đang bảo hành")
        CALLED = choices.WarrantyStatus.CALLED.value, _("Đang yêu cầu sửa chữa")
        RELEASED = choices.WarrantyStatus.RELEASED.value, _("Đã hết bảo hành")

    work = models.ForeignKey(
        "projects.Work",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("công trình"),
    )
    starts_at = models.DateField(_("bắt đầu bảo hành"))
    ends_at = models.DateField(_("hết bảo hành"), null=True, blank=True)
    retained_vnd = models.BigIntegerField(_("tiền bảo hành giữ lại"), default=0)
    status = models.CharField(
        _("tình trạng"),
        max_length=8,
        choices=Status.choices,
        default=choices.WarrantyStatus.RUNNING.value,
    )
    reminded_at = models.DateField(_("đã nhắc ngày"), null=True, editable=False)
    note = models.CharField(_("ghi chú"), max_length=300, blank=True, default="")

    class Meta(ContractPart.Meta):
        verbose_name = _("bảo hành")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gte=F("starts_at")), name="projects_warranty_span"
            )
        ]
        indexes = [models.Index(fields=["ends_at", "id"], name="projects_warranty_end")]

    def __str__(self) -> str:
        return f"{self.starts_at:%d/%m/%Y}–{self.ends_at:%d/%m/%Y}" if self.ends_at else ""
