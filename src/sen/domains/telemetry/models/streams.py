"""Datastreams, and what happened to the instruments behind them."""

from __future__ import annotations

from django.contrib.gis.db.models import PolygonField
from django.db import models
from django.db.models import F, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sen.domains.telemetry import choices
from sen.domains.telemetry.models.catalogue import Described, ObservedProperty, Sensor
from sen.domains.telemetry.models.things import Thing
from sen.domains.telemetry.results import result_schemas
from sen.kernel.access.models import DataClassChoices, ScopedModel
from sen.kernel.access.scope import AccessRule, DataClass
from sen.kernel.search.fields import search_column, search_index


def retention_choices() -> list[tuple[str, Promise]]:
    return [(item.code, _(item.title)) for item in choices.RETENTIONS.values()]


def schema_choices() -> list[tuple[str, str]]:
    return [(one.code, one.title_vi) for one in result_schemas().values()]


class Datastream(Described, ScopedModel):
    """Observations of one property by one sensor at one thing; with parts, of several at once.

    ``components`` (name, unit, observed property of each) makes it a MultiDatastream. What lies
    outside ``valid_min`` … ``valid_max`` is kept and marked. ``interval_s`` is how often a value
    is due: without one, silence is no fault.

    Units:
        ``interval_s`` and ``clock_tolerance_s`` seconds; ``valid_*`` the unit of the stream.
    """

    access = AccessRule("telemetry.datastream")

    class Result(models.TextChoices):
        MEASUREMENT = choices.ResultKind.MEASUREMENT.value, _("Số đo")
        COUNT = choices.ResultKind.COUNT.value, _("Số đếm")
        TRUTH = choices.ResultKind.TRUTH.value, _("Có hoặc không")
        CATEGORY = choices.ResultKind.CATEGORY.value, _("Loại, trạng thái")
        ANY = choices.ResultKind.ANY.value, _("Bất kỳ")
        COMPLEX = choices.ResultKind.COMPLEX.value, _("Nhiều thành phần")

    code = models.CharField(_("mã kênh đo"), max_length=80, unique=True)
    thing = models.ForeignKey(Thing, models.PROTECT, related_name="+", verbose_name=_("trạm"))
    sensor = models.ForeignKey(
        Sensor, models.PROTECT, related_name="+", verbose_name=_("thiết bị đo")
    )
    observed_property = models.ForeignKey(
        ObservedProperty,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("đại lượng"),
    )
    observed_properties = models.ManyToManyField(
        ObservedProperty, blank=True, related_name="+", verbose_name=_("các đại lượng thành phần")
    )
    result_kind = models.CharField(
        _("kiểu kết quả"),
        max_length=11,
        choices=Result.choices,
        default=choices.ResultKind.MEASUREMENT.value,
    )
    unit = models.CharField(_("đơn vị (UCUM)"), max_length=40, blank=True, default="")
    unit_name = models.CharField(_("tên đơn vị"), max_length=80, blank=True, default="")
    unit_definition = models.CharField(
        _("định nghĩa đơn vị (URI)"), max_length=400, blank=True, default=""
    )
    components = models.JSONField(_("thành phần"), default=list, blank=True)
    interval_s = models.PositiveIntegerField(_("chu kỳ gửi"), null=True, blank=True)
    valid_min = models.FloatField(_("giới hạn đo dưới"), null=True, blank=True)
    valid_max = models.FloatField(_("giới hạn đo trên"), null=True, blank=True)
    clock_tolerance_s = models.PositiveIntegerField(_("sai lệch đồng hồ cho phép"), default=120)
    retention = models.CharField(
        _("chế độ lưu"), max_length=12, choices=retention_choices, default="STANDARD"
    )
    #: The schema of its results (``results.toml``), where they are objects.
    result_schema = models.CharField(
        _("lược đồ kết quả"),
        max_length=40,
        choices=schema_choices,
        blank=True,
        default="",
    )
    #: The exact result type of SensorThings where the kind does not say it.
    observation_type = models.CharField(max_length=200, blank=True, default="")
    observed_area = PolygonField(srid=4326, null=True, blank=True, editable=False)
    is_active = models.BooleanField(_("đang nhận số liệu"), default=True)
    data_class = models.SmallIntegerField(
        _("mức dữ liệu"), choices=DataClassChoices.choices, default=DataClass.INTERNAL.value
    )
    search = search_column("code", "name")

    class Meta(ScopedModel.Meta):
        verbose_name = _("kênh đo")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_min=None) | Q(valid_max=None) | Q(valid_max__gt=F("valid_min")),
                name="telemetry_stream_range",
            )
        ]
        indexes = [
            models.Index(fields=["code", "id"], name="telemetry_stream_code"),
            models.Index(fields=["name", "id"], name="telemetry_stream_name"),
            models.Index(fields=["thing", "id"], name="telemetry_stream_thing"),
            models.Index(fields=["observed_property", "id"], name="telemetry_stream_property"),
            models.Index(fields=["sensor", "id"], name="telemetry_stream_sensor"),
            search_index("telemetry_stream_search"),
        ]

    @property
    def is_multi(self) -> bool:
        """Whether SensorThings shows it as a MultiDatastream."""
        return bool(self.components)

    @classmethod
    def sync_sql(cls) -> list[str]:
        """Days of observations are read through their whole, where the policy is, or by views."""
        return [_WRITE_ONLY, _VIEWS]


#: The rights given to the application on every table are taken back on the partitions.
_WRITE_ONLY = """
DO $$
DECLARE part regclass; reader text;
BEGIN
  FOR part, reader IN
    SELECT c.oid::regclass, a.grantee::regrole::text
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid, aclexplode(c.relacl) a
    WHERE i.inhparent = 'telemetry_observation'::regclass
      AND a.privilege_type = 'SELECT' AND a.grantee NOT IN (0, c.relowner)
  LOOP
    EXECUTE format('REVOKE SELECT, UPDATE, DELETE ON %s FROM %s', part, reader);
  END LOOP;
END $$;
"""


#: The store without its policy, for statements that tie each row to a datastream which the policy
#: of the datastreams shows in the same statement; only sessions that say so see anything.
_VIEWS = """
CREATE OR REPLACE VIEW telemetry_observation_tied AS
  SELECT * FROM telemetry_observation WHERE current_setting('sen.tied', true) = 'on';
CREATE OR REPLACE VIEW telemetry_latest_tied AS
  SELECT * FROM telemetry_latest WHERE current_setting('sen.tied', true) = 'on';
DO $$
DECLARE reader text;
BEGIN
  FOR reader IN
    SELECT a.grantee::regrole::text FROM pg_class c, aclexplode(c.relacl) a
    WHERE c.oid = 'telemetry_observation'::regclass
      AND a.privilege_type = 'SELECT' AND a.grantee NOT IN (0, c.relowner)
  LOOP
    EXECUTE format(
      'REVOKE ALL ON telemetry_observation_tied, telemetry_latest_tied FROM %s', reader);
    EXECUTE format(
      'GRANT SELECT ON telemetry_observation_tied, telemetry_latest_tied TO %s', reader);
  END LOOP;
END $$;
"""


class Calibration(ScopedModel):
    """A calibration of the instrument of one stream.

    From ``valid_from`` the value is ``scale × raw + offset`` when the device sends raw values.
    """

    access = AccessRule("telemetry.calibration")

    code = models.CharField(_("số hiệu chuẩn"), max_length=80, unique=True)
    datastream = models.ForeignKey(
        Datastream, models.CASCADE, related_name="+", verbose_name=_("kênh đo")
    )
    calibrated_at = models.DateField(_("ngày hiệu chuẩn"))
    valid_from = models.DateTimeField(_("áp dụng từ"))
    valid_to = models.DateField(_("hiệu lực đến"), null=True, blank=True)
    laboratory = models.CharField(_("đơn vị hiệu chuẩn"), max_length=200, blank=True, default="")
    certificate = models.CharField(_("giấy chứng nhận"), max_length=120, blank=True, default="")
    scale = models.FloatField(_("hệ số"), default=1.0)
    offset = models.FloatField(_("độ lệch cộng thêm"), default=0.0)
    note = models.TextField(_("ghi chú"), blank=True, default="")
    data_class = models.SmallIntegerField(
        _("mức dữ liệu"), choices=DataClassChoices.choices, default=DataClass.INTERNAL.value
    )
    search = search_column("code", "certificate", "laboratory")

    class Meta(ScopedModel.Meta):
        verbose_name = _("lần hiệu chuẩn")
        indexes = [
            models.Index(fields=["calibrated_at", "id"], name="telemetry_calibration_date"),
            models.Index(fields=["code", "id"], name="telemetry_calibration_code"),
            models.Index(fields=["datastream", "valid_from"], name="telemetry_calibration_from"),
            search_index("telemetry_calibration_search"),
        ]

    def __str__(self) -> str:
        return self.code


class ServiceEntry(ScopedModel):
    """Something done to the instruments of a thing: mounted, maintained, replaced, moved."""

    access = AccessRule("telemetry.service_entry")

    class Kind(models.TextChoices):
        INSTALLED = choices.ServiceKind.INSTALLED.value, _("Lắp đặt")
        MAINTAINED = choices.ServiceKind.MAINTAINED.value, _("Bảo dưỡng")
        REPAIRED = choices.ServiceKind.REPAIRED.value, _("Sửa chữa")
        REPLACED = choices.ServiceKind.REPLACED.value, _("Thay thế")
        MOVED = choices.ServiceKind.MOVED.value, _("Di chuyển")
        REMOVED = choices.ServiceKind.REMOVED.value, _("Tháo dỡ")

    thing = models.ForeignKey(Thing, models.CASCADE, related_name="+", verbose_name=_("trạm"))
    datastream = models.ForeignKey(
        Datastream,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("kênh đo"),
    )
    kind = models.CharField(_("việc đã làm"), max_length=10, choices=Kind.choices)
    done_at = models.DateTimeField(_("lúc"))
    done_by = models.CharField(_("người, đơn vị thực hiện"), max_length=200, blank=True, default="")
    note = models.TextField(_("nội dung"), blank=True, default="")
    data_class = models.SmallIntegerField(
        _("mức dữ liệu"), choices=DataClassChoices.choices, default=DataClass.INTERNAL.value
    )

    class Meta(ScopedModel.Meta):
        verbose_name = _("lần bảo dưỡng thiết bị đo")
        indexes = [
            models.Index(fields=["done_at", "id"], name="telemetry_service_date"),
            models.Index(fields=["thing", "done_at", "id"], name="telemetry_service_thing"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.done_at:%d/%m/%Y}"
