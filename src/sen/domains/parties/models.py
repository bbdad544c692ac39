"""Organisations and people with whom the province deals, and how others identify them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from sen.domains.parties.choices import PartyKind, Scheme, SyncState
from sen.kernel.access.crypto import EncryptedTextField, blind_index
from sen.kernel.access.models import Organisation, ScopedModel
from sen.kernel.access.scope import AccessRule, DataClass
from sen.kernel.search.fields import search_column, search_index


class Party(ScopedModel):
    """An organisation or a person. A person's row is restricted from its first moment."""

    access = AccessRule(
        "parties.party",
        masks={
            "phone": DataClass.INTERNAL,
            "email": DataClass.INTERNAL,
            "address": DataClass.INTERNAL,
        },
    )

    class Kind(models.TextChoices):
        AGENCY = PartyKind.AGENCY.value, _("Cơ quan nhà nước")
        ENTERPRISE = PartyKind.ENTERPRISE.value, _("Doanh nghiệp")
        COOPERATIVE = PartyKind.COOPERATIVE.value, _("Hợp tác xã")
        HOUSEHOLD = PartyKind.HOUSEHOLD.value, _("Hộ kinh doanh")
        PERSON = PartyKind.PERSON.value, _("Cá nhân")
        OTHER = PartyKind.OTHER.value, _("Khác")

    code = models.CharField(_("mã"), max_length=40, unique=True)
    name = models.CharField(_("tên"), max_length=250)
    short_name = models.CharField(_("tên ngắn"), max_length=80, blank=True)
    kind = models.CharField(_("loại"), max_length=12, choices=Kind.choices)
    representative = models.CharField(_("người đại diện"), max_length=120, blank=True)
    address = models.CharField(_("địa chỉ"), max_length=250, blank=True)
    unit = models.ForeignKey(
        "places.Unit",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("xã, phường"),
    )
    phone = models.CharField(_("điện thoại"), max_length=30, blank=True)
    email = models.EmailField(_("thư điện tử"), blank=True)
    website = models.URLField(_("trang web"), blank=True)
    #: The same organisation as the owner of rows and rights, where it is one.
    organisation = models.OneToOneField(
        Organisation,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("đơn vị trong hệ thống"),
    )
    is_active = models.BooleanField(_("đang hoạt động"), default=True)
    search = search_column("code", "name", "short_name")

    class Meta(ScopedModel.Meta):
        verbose_name = _("tổ chức, cá nhân")
        indexes = [
            models.Index(fields=["name", "id"], name="parties_party_name"),
            models.Index(fields=["kind", "id"], name="parties_party_kind"),
            search_index("parties_party_search"),
        ]

    def __str__(self) -> str:
        return self.name


def index_of(scheme: Scheme, text: str) -> str:
    """Under which an identifier is looked up without being decrypted."""
    return blind_index(f"{scheme.value}:{text}", context="parties.identifier")


class Identifier(models.Model):
    """One identifier of a party under one scheme; read through its party."""

    class Scheme(models.TextChoices):
        TAX_CODE = Scheme.TAX_CODE.value, _("Mã số thuế")
        PERSONAL_ID = Scheme.PERSONAL_ID.value, _("Số định danh cá nhân")
        BUSINESS = Scheme.BUSINESS.value, _("Mã số doanh nghiệp")
        AGENCY_CODE = Scheme.AGENCY_CODE.value, _("Mã định danh điện tử của cơ quan")
        CONSTRUCTION = Scheme.CONSTRUCTION.value, _("Mã quốc gia về hoạt động xây dựng")
        TRANSPORT = Scheme.TRANSPORT.value, _("Mã đơn vị kinh doanh vận tải")
        OTHER = Scheme.OTHER.value, _("Mã khác")

    class Sync(models.TextChoices):
        LOCAL = SyncState.LOCAL.value, _("Chưa đối chiếu")
        WAITING = SyncState.WAITING.value, _("Đang chờ đối chiếu")
        MATCHED = SyncState.MATCHED.value, _("Đã khớp")
        DIFFERS = SyncState.DIFFERS.value, _("Khác dữ liệu quốc gia")
        REJECTED = SyncState.REJECTED.value, _("Không có ở nguồn")

    party = models.ForeignKey(Party, models.CASCADE, related_name="identifiers")
    scheme = models.CharField(_("loại mã"), max_length=12, choices=Scheme.choices)
    value = EncryptedTextField(_("giá trị"))
    #: Equal for equal values, so that a party is found by its id without decrypting any.
    value_index = models.CharField(max_length=64)
    last_digits = models.CharField(max_length=4, blank=True)
    sync = models.CharField(
        _("đối chiếu"), max_length=8, choices=Sync.choices, default=SyncState.LOCAL.value
    )
    sync_note = models.CharField(_("ghi chú đối chiếu"), max_length=250, blank=True)
    synced_at = models.DateTimeField(_("đối chiếu lúc"), null=True, blank=True)
    is_demo = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("mã định danh")
        constraints = [
            models.UniqueConstraint(
                fields=["scheme", "value_index"], name="parties_identifier_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_scheme_display()} …{self.last_digits}"
