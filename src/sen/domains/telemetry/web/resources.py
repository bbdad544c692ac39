"""The registers of telemetry."""

from __future__ import annotations

import json
from typing import Any, Final

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from sen.domains.telemetry import services
from sen.domains.telemetry.choices import DeviceState
from sen.domains.telemetry.models import (
    Calibration,
    Datastream,
    Device,
    ObservedProperty,
    PayloadMapping,
    Sensor,
    ServiceEntry,
    Thing,
)
from sen.kernel.access.context import as_system
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

THING_TONES: Final = {"PLANNED": "", "IN_USE": "ok", "PAUSED": "warn", "REMOVED": ""}
DEVICE_TONES: Final = {
    "PROVISIONED": "info",
    "ACTIVE": "ok",
    "QUARANTINED": "danger",
    "RETIRED": "",
}
GROUP: Final = _("Danh mục quan trắc")
_KEEPING: Final = (
    Column("area", path="area__name", label=_("Địa bàn"), shown=False),
    Column("owner_org", path="owner_org__name", label=_("Đơn vị quản lý"), shown=False),
    Column("data_class", shown=False),
    Column("updated_at", shown=False),
)
_OWNED: Final = (Filter("area", subtree=True), Filter("owner_org", subtree=True))
_CODE: Final = FormField("code", required=False, help=_("Để trống thì hệ thống đặt."))
_OWNER: Final = (
    FormField("owner_org", required=False, help=_("Để trống: theo trạm, hoặc đơn vị của bạn.")),
    FormField("area", required=False, help=_("Để trống thì tìm theo vị trí.")),
    "data_class",
)
_MANAGING: Final = Section(_("Quản lý"), ("area", "owner_org", "data_class", "updated_at"))


def duration_text(seconds: Any) -> str:
    """``600`` → ``10 phút``."""
    value = int(seconds)
    for size, word in (
        (86_400, _now("%(n)s ngày")),
        (3_600, _now("%(n)s giờ")),
        (60, _now("%(n)s phút")),
    ):
        if value >= size and value % size == 0:
            return word % {"n": value // size}
    return _now("%(n)s giây") % {"n": value}


def offset_text(seconds: Any) -> str:
    """``-3.2`` → ``chậm 3,2 giây``."""
    value = float(seconds)
    if abs(value) < 1:
        return _now("đúng giờ")
    text = f"{abs(value):.0f}"
    return (_now("nhanh %(n)s giây") if value > 0 else _now("chậm %(n)s giây")) % {"n": text}


def json_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if value else ""


@register
class ThingResource(Resource[Thing]):
    model = Thing
    slug = "things"
    title = _("Trạm quan trắc")
    one = _("trạm quan trắc")
    icon = "radio-tower"
    menu_order = 10
    layer = "telemetry-things"
    columns = (
        Column("code", sort=True),
        Column("name", link=True, sort=True),
        Column("status", badge=THING_TONES),
        Column("asset", path="asset__name", label=_("Công trình")),
        Column("position"),
        Column("road", path="road__number", label=_("Tuyến")),
        Column("chainage_m", kind=Kind.KM),
        Column("side", shown=False),
        Column("height_m", unit="m", shown=False),
        Column("installed_at", shown=False),
        Column("description", shown=False),
        *_KEEPING,
    )
    filters = (
        Filter("status"),
        Filter("road", path="road__number", label=_("Số hiệu đường"), kind=FilterKind.TEXT),
        Filter("asset", path="asset__name", label=_("Tên công trình"), kind=FilterKind.TEXT),
        *_OWNED,
    )
    glance = ("status", "road", "chainage_m")
    sections = (
        Section(_("Trạm"), ("code", "name", "status", "installed_at", "description")),
        Section(
            _("Vị trí"),
            ("asset", "position", "road", "chainage_m", "side", "height_m", "area"),
        ),
        Section(_("Quản lý"), ("owner_org", "data_class", "updated_at")),
    )
    form = (
        FormField("name", required=True),
        _CODE,
        "status",
        FormField("asset", label=_("Công trình")),
        FormField("position", help=_("Như trong bản vẽ: Nhịp 3, dầm biên thượng lưu.")),
        FormField("road", label=_("Tuyến đường")),
        FormField(
            "chainage_m",
            kind="km",
            help=_("Ghi như Km32+145; để trống nếu chọn điểm hoặc lấy theo công trình."),
        ),
        "side",
        FormField("height_m", unit="m"),
        FormField("geom", label=_("Tọa độ"), kind="point", required=False),
        "installed_at",
        "description",
        *_OWNER,
    )
    create = staticmethod(services.create_thing)
    update = staticmethod(services.update_thing)
    delete = staticmethod(services.delete_thing)


@register
class DatastreamResource(Resource[Datastream]):
    model = Datastream
    slug = "datastreams"
    title = _("Kênh đo")
    one = _("kênh đo")
    icon = "activity"
    menu_order = 20
    importer = "telemetry-observations"
    columns = (
        Column("code", sort=True),
        Column("name", link=True, sort=True),
        Column("thing", path="thing__name", label=_("Trạm")),
        Column("observed_property", path="observed_property__name", label=_("Đại lượng")),
        Column("unit"),
        Column("interval_s", write=duration_text),
        Column("is_active"),
        Column("sensor", path="sensor__name", label=_("Thiết bị đo"), shown=False),
        Column("result_kind", shown=False),
        Column("result_schema", shown=False),
        Column("valid_min", shown=False),
        Column("valid_max", shown=False),
        Column("clock_tolerance_s", write=duration_text, shown=False),
        Column("retention", shown=False),
        Column("unit_name", shown=False),
        Column("components", write=json_text, shown=False),
        Column("description", shown=False),
        *_KEEPING,
    )
    filters = (
        Filter("observed_property"),
        Filter("is_active"),
        Filter("retention"),
        Filter("result_kind"),
        Filter("result_schema"),
        Filter("thing", path="thing__name", label=_("Tên trạm"), kind=FilterKind.TEXT),
        *_OWNED,
    )
    glance = ("thing", "observed_property")
    sections = (
        Section(
            _("Kênh đo"),
            ("code", "name", "thing", "sensor", "observed_property", "unit", "unit_name",
             "result_kind", "result_schema", "components", "description"),
        ),
        Section(
            _("Thu nhận và lưu"),
            ("is_active", "interval_s", "valid_min", "valid_max", "clock_tolerance_s",
             "retention"),
        ),
        _MANAGING,
    )  # fmt: skip
    form = (
        FormField("name", required=True),
        _CODE,
        FormField("thing", label=_("Trạm")),
        FormField("sensor", label=_("Thiết bị đo")),
        FormField("observed_property", label=_("Đại lượng")),
        FormField("unit", required=False, help=_("Mã UCUM; để trống thì theo đại lượng.")),
        "unit_name",
        "result_kind",
        FormField(
            "result_schema",
            required=False,
            help=_("Cho vị trí xe, lượt đếm, lượt cân, lượt qua trạm thu phí."),
        ),
        FormField("interval_s", unit="s", help=_("Để trống nếu gửi theo sự kiện.")),
        "valid_min",
        "valid_max",
        FormField("clock_tolerance_s", unit="s"),
        "retention",
        FormField(
            "components",
            required=False,
            help=_('Chỉ khi một bản tin có nhiều giá trị: [{"name": "…", "unit": "…"}].'),
        ),
        "is_active",
        "description",
        *_OWNER,
    )
    create = staticmethod(services.create_datastream)
    update = staticmethod(services.update_datastream)
    delete = staticmethod(services.delete_datastream)


@register
class DeviceResource(Resource[Device]):
    model = Device
    slug = "devices"
    title = _("Thiết bị truyền tin")
    one = _("thiết bị truyền tin")
    icon = "cpu"
    menu_order = 30
    columns = (
        Column("code", sort=True),
        Column("name", link=True, sort=True),
        Column("state", badge=DEVICE_TONES),
        Column("protocol"),
        Column("last_seen_at", sort=True),
        Column("silent_since", label=_("Mất liên lạc từ")),
        Column("clock_offset_s", write=offset_text),
        Column("state_reason", shown=False),
        Column("mapping", path="mapping__name", label=_("Ánh xạ bản tin"), shown=False),
        Column("silent_after_s", write=duration_text, shown=False),
        *_KEEPING,
    )
    filters = (
        Filter("state"),
        Filter("protocol"),
        Filter("silent_since", label=_("Mất liên lạc từ"), kind=FilterKind.DATES),
        Filter("last_seen_at", kind=FilterKind.DATES),
        *_OWNED,
    )
    glance = ("state", "protocol")
    sections = (
        Section(
            _("Thiết bị"),
            ("code", "name", "state", "state_reason", "protocol", "mapping"),
        ),
        Section(
            _("Liên lạc"),
            ("last_seen_at", "silent_since", "silent_after_s", "clock_offset_s"),
        ),
        _MANAGING,
    )
    form = (
        FormField("name", required=True),
        FormField(
            "code",
            required=False,
            help=_("Chữ không dấu, số, gạch nối; không đổi được về sau. Trống thì hệ thống đặt."),
        ),
        FormField(
            "protocol",
            kind="choice",
            required=True,
            choices=tuple(Device.ProtocolChoices.choices),
        ),
        FormField(
            "things",
            label=_("Trạm"),
            kind="text",
            help=_("Mã các trạm mà thiết bị gửi số liệu, cách nhau bằng dấu phẩy."),
        ),
        FormField("mapping", label=_("Ánh xạ bản tin")),
        FormField("silent_after_s", unit="s"),
        *_OWNER,
    )
    create = staticmethod(services.provision_device)
    update = staticmethod(services.update_device)

    def takes(self, row: Device, act: str) -> bool:
        return act != "change" or row.state != DeviceState.RETIRED

    def initial_of(self, row: Device) -> dict[str, Any]:
        with as_system("what a device serves is part of it"):
            codes = row.things.order_by("code").values_list("code", flat=True)
            return super().initial_of(row) | {"things": ", ".join(codes)}


@register
class CalibrationResource(Resource[Calibration]):
    model = Calibration
    slug = "calibrations"
    title = _("Hiệu chuẩn")
    one = _("lần hiệu chuẩn")
    icon = "ruler"
    menu_order = 40
    in_palette = False
    columns = (
        Column("code", link=True, sort=True),
        Column("datastream", path="datastream__name", label=_("Kênh đo")),
        Column("calibrated_at", sort=True),
        Column("valid_to"),
        Column("laboratory"),
        Column("certificate"),
        Column("scale"),
        Column("offset"),
        Column("valid_from", shown=False),
        Column("note", shown=False),
        *_KEEPING,
    )
    filters = (
        Filter("calibrated_at"),
        Filter("valid_to"),
        Filter("datastream", path="datastream__name", label=_("Kênh đo"), kind=FilterKind.TEXT),
        *_OWNED,
    )
    sections = (
        Section(
            _("Hiệu chuẩn"),
            ("code", "datastream", "calibrated_at", "laboratory", "certificate", "note"),
        ),
        Section(_("Áp dụng"), ("valid_from", "valid_to", "scale", "offset")),
        _MANAGING,
    )
    form = (
        FormField("datastream", label=_("Kênh đo")),
        _CODE,
        "calibrated_at",
        FormField("valid_from", required=False, help=_("Để trống: từ đầu ngày hiệu chuẩn.")),
        "valid_to",
        "scale",
        "offset",
        "laboratory",
        "certificate",
        "note",
        *_OWNER,
    )
    order = "-calibrated_at"
    label_path = "code"
    create = staticmethod(services.create_calibration)
    update = staticmethod(services.update_calibration)
    delete = staticmethod(services.delete_calibration)


@register
class ServiceEntryResource(Resource[ServiceEntry]):
    model = ServiceEntry
    slug = "service"
    title = _("Nhật ký thiết bị đo")
    one = _("lần bảo dưỡng thiết bị đo")
    icon = "wrench"
    menu_order = 50
    in_palette = False
    search = False
    columns = (
        Column("done_at", sort=True, link=True),
        Column("thing", path="thing__name", label=_("Trạm")),
        Column("kind"),
        Column("note"),
        Column("done_by"),
        Column("datastream", path="datastream__name", label=_("Kênh đo"), shown=False),
        *_KEEPING,
    )
    filters = (
        Filter("kind"),
        Filter("done_at", kind=FilterKind.DATES),
        Filter("thing", path="thing__name", label=_("Tên trạm"), kind=FilterKind.TEXT),
        *_OWNED,
    )
    form = (
        FormField("thing", label=_("Trạm")),
        FormField("datastream", label=_("Kênh đo")),
        "kind",
        "done_at",
        "done_by",
        "note",
        *_OWNER,
    )
    order = "-done_at"
    label_path = code_path = "thing__name"
    create = staticmethod(services.create_service_entry)
    update = staticmethod(services.update_service_entry)
    delete = staticmethod(services.delete_service_entry)


@register
class ObservedPropertyResource(Resource[ObservedProperty]):
    model = ObservedProperty
    slug = "properties"
    title = _("Đại lượng quan trắc")
    one = _("đại lượng quan trắc")
    icon = "sigma"
    menu_order = 60
    menu_group = GROUP
    columns = (
        Column("code", sort=True),
        Column("name", link=True, sort=True),
        Column("unit"),
        Column("definition", shown=False),
        Column("description", shown=False),
        *_KEEPING,
    )
    filters = _OWNED
    form = (
        FormField("name", required=True),
        _CODE,
        FormField("unit", help=_("Mã UCUM: mm, Cel, kPa, m/s…")),
        "definition",
        "description",
        *_OWNER,
    )
    create = staticmethod(services.create_observed_property)
    update = staticmethod(services.update_observed_property)
    delete = staticmethod(services.delete_observed_property)


@register
class SensorResource(Resource[Sensor]):
    model = Sensor
    slug = "sensors"
    title = _("Thiết bị đo")
    one = _("thiết bị đo")
    icon = "gauge"
    menu_order = 70
    menu_group = GROUP
    columns = (
        Column("code", sort=True),
        Column("name", link=True, sort=True),
        Column("maker"),
        Column("model"),
        Column("serial"),
        Column("accuracy"),
        Column("description", shown=False),
        *_KEEPING,
    )
    filters = (Filter("maker", kind=FilterKind.TEXT), *_OWNED)
    form = (
        FormField("name", required=True),
        _CODE,
        "maker",
        "model",
        "serial",
        "accuracy",
        "description",
        *_OWNER,
    )
    create = staticmethod(services.create_sensor)
    update = staticmethod(services.update_sensor)
    delete = staticmethod(services.delete_sensor)


@register
class MappingResource(Resource[PayloadMapping]):
    model = PayloadMapping
    slug = "mappings"
    title = _("Ánh xạ bản tin")
    one = _("ánh xạ bản tin")
    icon = "braces"
    menu_order = 80
    menu_group = GROUP
    columns = (
        Column("code", sort=True),
        Column("name", link=True, sort=True),
        Column("rules", write=json_text, shown=False),
        Column("sample", shown=False),
        *_KEEPING,
    )
    filters = _OWNED
    form = (
        FormField("name", required=True),
        _CODE,
        FormField("rules", help=_("Mở trang thử để lập quy tắc trên bản tin thật.")),
        "sample",
        *_OWNER,
    )
    create = staticmethod(services.create_mapping)
    update = staticmethod(services.update_mapping)
    delete = staticmethod(services.delete_mapping)
