"""Organisations, places as far as access needs them, people, roles and grants."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import OpClass
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from sen.kernel.access.context import as_system
from sen.kernel.access.credentials import (
    ApiToken,
    DeviceCredential,
    PasswordHistory,
    SignInThrottle,
)
from sen.kernel.access.crypto import EncryptedTextField
from sen.kernel.access.querysets import ScopedManager
from sen.kernel.access.scope import AccessRule, ActorKind, DataClass
from sen.kernel.access.tracking import TracksChanges

__all__ = [
    "ApiToken",
    "Area",
    "DataClassChoices",
    "DeviceCredential",
    "Grant",
    "Organisation",
    "PasswordHistory",
    "Role",
    "ScopedModel",
    "SignInThrottle",
    "Tree",
    "User",
]


class DataClassChoices(models.IntegerChoices):
    PUBLIC = DataClass.PUBLIC.value, _("Công khai")
    INTERNAL = DataClass.INTERNAL.value, _("Nội bộ")
    RESTRICTED = DataClass.RESTRICTED.value, _("Hạn chế")
    SECRET = DataClass.SECRET.value, _("Mật")


class Tree(models.Model):
    """A tree by materialised path ``/1/5/``: a subtree is a prefix."""

    code = models.CharField(_("mã"), max_length=40, unique=True)
    name = models.CharField(_("tên"), max_length=250)
    kind = models.CharField(_("loại"), max_length=20)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("cấp trên")
    )
    path = models.CharField(max_length=250, unique=True, editable=False)
    is_active = models.BooleanField(_("đang hoạt động"), default=True)
    is_demo = models.BooleanField(_("dữ liệu minh họa"), default=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class Organisation(Tree):
    """A unit that owns rows and holds rights; domain `parties` knows the rest about it."""

    class Kind(models.TextChoices):
        PROVINCE = "PROVINCE", _("Ủy ban nhân dân tỉnh")
        DEPARTMENT = "DEPARTMENT", _("Sở, ban, ngành")
        DIVISION = "DIVISION", _("Phòng, đơn vị trực thuộc")
        COMMUNE = "COMMUNE", _("Ủy ban nhân dân xã, phường")
        FIRM = "FIRM", _("Doanh nghiệp")
        PARTNER = "PARTNER", _("Cơ quan phối hợp")

    short_name = models.CharField(_("tên ngắn"), max_length=80, blank=True)

    class Meta:
        indexes = [
            models.Index(OpClass("path", "text_pattern_ops"), name="access_org_path"),
        ]
        verbose_name = _("tổ chức")


class Area(Tree):
    """A place as the axis of rights; domain `places` gives it a boundary."""

    class Kind(models.TextChoices):
        PROVINCE = "PROVINCE", _("Tỉnh")
        COMMUNE = "COMMUNE", _("Xã")
        WARD = "WARD", _("Phường")

    class Meta:
        indexes = [
            models.Index(OpClass("path", "text_pattern_ops"), name="access_area_path"),
        ]
        verbose_name = _("địa bàn")


class Role(models.Model):
    """Permission patterns ``domain.resource.act`` with ``*``, and a clearance ceiling."""

    code = models.CharField(_("mã"), max_length=40, unique=True)
    name_vi = models.CharField(_("tên"), max_length=120)
    name_en = models.CharField(_("tên tiếng Anh"), max_length=120)
    permissions = ArrayField(models.CharField(max_length=100), verbose_name=_("quyền"))
    clearance = models.SmallIntegerField(_("mức dữ liệu"), choices=DataClassChoices.choices)
    needs_mfa = models.BooleanField(_("bắt buộc xác thực nhiều lớp"), default=True)

    class Meta:
        verbose_name = _("vai trò")

    def __str__(self) -> str:
        return self.name_en if get_language() == "en" else self.name_vi


class UserManager(BaseUserManager["User"]):
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(username=username.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username=(username or "").strip().lower())


class User(AbstractBaseUser):
    """An account of a person, a service or a device. There are no superusers."""

    class Kind(models.TextChoices):
        OFFICIAL = ActorKind.OFFICIAL.value, _("Cán bộ")
        CITIZEN = ActorKind.CITIZEN.value, _("Người dân")
        FIRM = ActorKind.FIRM.value, _("Doanh nghiệp")
        SERVICE = ActorKind.SERVICE.value, _("Hệ thống")
        DEVICE = ActorKind.DEVICE.value, _("Thiết bị")

    username = models.CharField(_("tên đăng nhập"), max_length=60, unique=True)
    full_name = models.CharField(_("họ và tên"), max_length=120)
    email = models.EmailField(_("thư điện tử"), blank=True)
    kind = models.CharField(_("loại"), max_length=10, choices=Kind.choices)
    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("đơn vị"),
    )
    is_active = models.BooleanField(_("đang hoạt động"), default=True)
    is_demo = models.BooleanField(_("dữ liệu minh họa"), default=False)
    access_version = models.IntegerField(default=1, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    password_changed_at = models.DateTimeField(null=True, editable=False)
    #: Long enough to stand alone, without a second factor.
    password_is_long = models.BooleanField(default=False, editable=False)
    must_change_password = models.BooleanField(default=False, editable=False)
    locked_reason = models.CharField(_("lý do khóa"), max_length=200, blank=True)
    national_id = EncryptedTextField(_("số định danh cá nhân"), null=True, blank=True)
    national_id_index = models.CharField(  # noqa: DJ001  absent is not equal to absent
        max_length=64, null=True, editable=False
    )

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            # The same person may hold an official's account and a citizen's account.
            models.UniqueConstraint(
                fields=["national_id_index", "kind"], name="access_user_national_id"
            )
        ]
        verbose_name = _("tài khoản")

    def __str__(self) -> str:
        return self.full_name or self.username

    def get_full_name(self) -> str:
        return self.full_name

    @property
    def is_staff(self) -> bool:
        """Always false: the product has no Django admin."""
        return False

    @property
    def is_superuser(self) -> bool:
        return False


class Grant(models.Model):
    """A role held by a user for an organisation subtree and a place subtree (empty: all)."""

    user = models.ForeignKey(User, models.CASCADE, related_name="grants")
    role = models.ForeignKey(Role, models.PROTECT, related_name="+", verbose_name=_("vai trò"))
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+"
    )
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="+")
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "organisation", "area"],
                name="access_grant_once",
                nulls_distinct=False,
            )
        ]
        verbose_name = _("phân quyền")


class ScopedModel(TracksChanges):
    """A guarded, versioned, historied row. Every register of every domain is one.

    ``access`` says how it is guarded. ``version`` counts up with every write (optimistic lock).
    """

    access: ClassVar[AccessRule]
    #: Columns that history leaves out because they can be computed again.
    history_skips: ClassVar[tuple[str, ...]] = ()

    owner_org = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", verbose_name=_("đơn vị quản lý")
    )
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("địa bàn"))
    data_class = models.SmallIntegerField(
        _("mức dữ liệu"), choices=DataClassChoices.choices, default=DataClass.PUBLIC.value
    )
    version = models.PositiveIntegerField(_("phiên bản"), default=1, editable=False)
    created_at = models.DateTimeField(_("tạo lúc"), db_default=Now(), editable=False)
    updated_at = models.DateTimeField(_("cập nhật lúc"), db_default=Now(), editable=False)
    is_demo = models.BooleanField(_("dữ liệu minh họa"), default=False, editable=False)

    objects: ClassVar[ScopedManager[Self]] = ScopedManager()
    #: For Django's own needs (following a foreign key); never for reading lists.
    base: ClassVar[models.Manager[Self]] = models.Manager()

    class Meta:
        abstract = True
        base_manager_name = "base"

    @classmethod
    def say_key(cls, image: Mapping[str, Any], name: str, key: str, value: Any) -> tuple[str, Any]:
        """How history names a key of the JSON field ``name`` and writes its value.

        ``image`` holds the columns of the row as it was.
        """
        return key, value

    @classmethod
    def sync_sql(cls) -> list[str]:
        """Statements that the table needs beyond migrations: what follows from data.

        They run after every migration and must be idempotent.
        """
        return []

    def validate_unique(self, exclude: Collection[str] | None = None) -> None:
        """Uniqueness knows no scope: a taken code is taken, whoever may see its row."""
        with as_system("check that a value is not taken"):
            super().validate_unique(exclude)

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        with as_system("check that a value is not taken"):
            super().validate_constraints(exclude)

    def __init_subclass__(cls, *, abstract: bool = False, **kwargs: Any) -> None:
        """An abstract subclass says so in its class line: Django hides its ``Meta`` from here."""
        super().__init_subclass__(**kwargs)
        if not abstract and not isinstance(getattr(cls, "access", None), AccessRule):
            raise ImproperlyConfigured(
                f"{cls.__module__}.{cls.__name__}: set access = AccessRule(…)"
            )
