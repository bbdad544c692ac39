"""Publications of loads and clearances, and what each says of every road and work."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sen.domains.loadnotices import choices
from sen.kernel.access.models import DataClassChoices, ScopedModel
from sen.kernel.access.scope import AccessRule, DataClass
from sen.kernel.geo.models import GeoScopedModel
from sen.kernel.search.fields import search_column, search_index

#: What may change in a row that was published: whether a newer one took its place.
_KEPT = "'is_current' - 'data_class' - 'version' - 'updated_at' - 'geom_3857' - 'search'"


class LoadNotice(ScopedModel):
    """One publication. Once published it is never changed; the database sees to it."""

    access = AccessRule("loadnotices.notice")

    class Kind(models.TextChoices):
        YEARLY = choices.Kind.YEARLY.value, _("Công bố hằng năm")
        CHANGE = choices.Kind.CHANGE.value, _("Thông báo thay đổi")

    class Status(models.TextChoices):
        DRAFT = choices.Status.DRAFT.value, _("Dự thảo")
        CHECKED = choices.Status.CHECKED.value, _("Đã kiểm tra")
        APPROVED = choices.Status.APPROVED.value, _("Đã duyệt")
        PUBLISHED = choices.Status.PUBLISHED.value, _("Đã công bố")

    code = models.CharField(_("mã"), max_length=40, unique=True)
    kind = models.CharField(_("loại"), max_length=6, choices=Kind.choices)
    year = models.PositiveSmallIntegerField(_("năm"))
    name = models.CharField(_("tên"), max_length=250)
    number = models.CharField(_("số văn bản"), max_length=60, blank=True)
    status = models.CharField(
        _("trạng thái"), max_length=9, choices=Status.choices, default=choices.Status.DRAFT.value
    )
    as_on = models.DateField(_("số liệu đến ngày"))
    due_on = models.DateField(_("hạn công bố"), null=True, blank=True)
    previous = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("so với công bố"),
    )
    maker = models.CharField(_("người lập"), max_length=160, blank=True)
    checker = models.CharField(_("người kiểm tra"), max_length=160, blank=True)
    approver = models.CharField(_("người duyệt"), max_length=160, blank=True)
    maker_id = models.BigIntegerField(null=True, editable=False)
    checker_id = models.BigIntegerField(null=True, editable=False)
    approver_id = models.BigIntegerField(null=True, editable=False)
    published_at = models.DateField(_("ngày công bố"), null=True, blank=True)
    items = models.PositiveIntegerField(_("số đoạn, công trình"), default=0)
    limited = models.PositiveIntegerField(_("có hạn chế"), default=0)
    differing = models.PositiveIntegerField(_("khác công bố trước"), default=0)
    digest = models.CharField(_("mã băm nội dung"), max_length=64, blank=True)
    note = models.TextField(_("ghi chú"), blank=True)
    data_class = models.SmallIntegerField(
        _("mức dữ liệu"), choices=DataClassChoices.choices, default=DataClass.INTERNAL.value
    )
    search = search_column("code", "number", "name")

    class Meta(ScopedModel.Meta):
        verbose_name = _("công bố tải trọng, khổ giới hạn")
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="PUBLISHED") | (~Q(number="") & Q(published_at__isnull=False)),
                name="loadnotices_notice_number",
            ),
        ]
        indexes = [
            models.Index(fields=["code", "id"], name="loadnotices_notice_code"),
            models.Index(fields=["as_on", "id"], name="loadnotices_notice_on"),
            models.Index(fields=["published_at", "id"], name="loadnotices_notice_at"),
            models.Index(fields=["kind", "status"], name="loadnotices_notice_kind"),
            search_index("loadnotices_notice_search"),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def sync_sql(cls) -> list[str]:
        return _immutable(cls._meta.db_table, "OLD.status = 'PUBLISHED'")


class LimitItem(GeoScopedModel):
    """What a publication says of one road, bridge, tunnel or ferry.

    Units:
        As named: tonnes, metres of the chainage and of height and width.
    """

    access = AccessRule("loadnotices.item")

    class Subject(models.TextChoices):
        ROAD = choices.Subject.ROAD.value, _("Đường bộ")
        BRIDGE = choices.Subject.BRIDGE.value, _("Cầu")
        TUNNEL = choices.Subject.TUNNEL.value, _("Hầm")
        FERRY = choices.Subject.FERRY.value, _("Bến phà")
        PONTOON = choices.Subject.PONTOON.value, _("Cầu phao")

    class Change(models.TextChoices):
        SAME = choices.Change.SAME.value, _("Không đổi")
        NEW = choices.Change.NEW.value, _("Mới")
        CHANGED = choices.Change.CHANGED.value, _("Thay đổi")
        GONE = choices.Change.GONE.value, _("Không còn")

    notice = models.ForeignKey(
        LoadNotice, models.CASCADE, related_name="+", verbose_name=_("công bố")
    )
    key = models.CharField(_("khóa"), max_length=120)
    subject = models.CharField(_("đối tượng"), max_length=8, choices=Subject.choices)
    #: The road or the asset; it may be gone while the publication stays.
    ref_id = models.BigIntegerField(_("bản ghi gốc"))
    code = models.CharField(_("mã"), max_length=60)
    name = models.CharField(_("tên"), max_length=250)
    road = models.CharField(_("tuyến"), max_length=60, blank=True)
    road_id = models.BigIntegerField(null=True, editable=False)
    from_m = models.DecimalField(_("lý trình"), max_digits=10, decimal_places=1, null=True)
    to_m = models.DecimalField(_("đến lý trình"), max_digits=10, decimal_places=1, null=True)
    design_load = models.CharField(_("tải trọng thiết kế"), max_length=40, blank=True)
    load_limit_t = models.FloatField(_("tải trọng cho phép (t)"), null=True)
    load_limit_rigid_t = models.FloatField(_("xe thân liền (t)"), null=True)
    load_limit_semi_t = models.FloatField(_("sơ mi rơ moóc (t)"), null=True)
    load_limit_trailer_t = models.FloatField(_("xe kéo rơ moóc (t)"), null=True)
    axle_limit_t = models.FloatField(_("tải trọng trục (t)"), null=True)
    clearance_m = models.FloatField(_("chiều cao (m)"), null=True)
    width_m = models.FloatField(_("chiều rộng (m)"), null=True)
    is_limited = models.BooleanField(_("có hạn chế"), default=False)
    change = models.CharField(
        _("so với công bố trước"),
        max_length=7,
        choices=Change.choices,
        default=choices.Change.SAME.value,
    )
    before = models.JSONField(_("trị số trước"), default=dict, blank=True)
    manager = models.CharField(_("đơn vị quản lý đường"), max_length=200, blank=True)
    is_published = models.BooleanField(default=False, editable=False)
    is_current = models.BooleanField(_("đang áp dụng"), default=False, editable=False)
    data_class = models.SmallIntegerField(
        _("mức dữ liệu"), choices=DataClassChoices.choices, default=DataClass.INTERNAL.value
    )
    search = search_column("code", "name", "road")

    class Meta(GeoScopedModel.Meta):
        verbose_name = _("tải trọng, khổ giới hạn được công bố")
        constraints = [
            models.UniqueConstraint(fields=["notice", "key"], name="loadnotices_item_once"),
            models.UniqueConstraint(
                fields=["key"], condition=Q(is_current=True), name="loadnotices_item_current"
            ),
        ]
        indexes = [
            models.Index(fields=["code", "id"], name="loadnotices_item_code"),
            models.Index(fields=["name", "id"], name="loadnotices_item_name"),
            models.Index(fields=["road", "id"], name="loadnotices_item_road"),
            models.Index(fields=["load_limit_t", "id"], name="loadnotices_item_load"),
            models.Index(fields=["clearance_m", "id"], name="loadnotices_item_height"),
            models.Index(fields=["subject", "ref_id"], name="loadnotices_item_ref"),
            search_index("loadnotices_item_search"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.road})" if self.road else self.name

    @classmethod
    def sync_sql(cls) -> list[str]:
        return _immutable(cls._meta.db_table, "OLD.is_published")


def _immutable(table: str, published: str) -> list[str]:
    """A trigger that refuses every change of what was published; demonstrations may be removed."""
    name = f"{table}_immutable"
    return [
        f"""
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF {published} AND NOT OLD.is_demo THEN
      RAISE EXCEPTION 'a publication is never deleted';
    END IF;
    RETURN OLD;
  END IF;
  IF {published} AND (to_jsonb(NEW) - {_KEPT}) IS DISTINCT FROM (to_jsonb(OLD) - {_KEPT}) THEN
    RAISE EXCEPTION 'a publication is never changed';
  END IF;
  RETURN NEW;
END $$""",
        f"DROP TRIGGER IF EXISTS {name} ON {table}",
        f"""CREATE TRIGGER {name} BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION {name}()""",
    ]
