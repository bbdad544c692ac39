"""Devices that send, how their payloads are read, and what could not be read."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from sen.domains.telemetry import choices
from sen.domains.telemetry.models.things import Thing
from sen.kernel.access.crypto import EncryptedTextField
from sen.kernel.access.models import DataClassChoices, ScopedModel
from sen.kernel.access.scope import AccessRule, DataClass
from sen.kernel.search.fields import search_column, search_index


class Internal(ScopedModel, abstract=True):
    """Devices are a matter of the house; what they measure may be open."""

    data_class = models.SmallIntegerField(
        _("mức dữ liệu"), choices=DataClassChoices.choices, default=DataClass.INTERNAL.value
    )

    class Meta(ScopedModel.Meta):
        abstract = True


class PayloadMapping(Internal):
    """How the payloads of a foreign device become observations.

    ``rules`` names for each channel where its value, time and unit stand in the payload;
    ``sample`` is a real payload on which it was tried.
    """

    access = AccessRule("telemetry.mapping")

    code = models.CharField(_("mã ánh xạ"), max_length=60, unique=True)
    name = models.CharField(_("tên"), max_length=200)
    rules = models.JSONField(_("quy tắc"), default=dict, blank=True)
    sample = models.TextField(_("bản tin mẫu"), blank=True, default="")
    search = search_column("code", "name")

    class Meta(Internal.Meta):
        verbose_name = _("ánh xạ bản tin")
        indexes = [
            models.Index(fields=["code", "id"], name="telemetry_mapping_code"),
            models.Index(fields=["name", "id"], name="telemetry_mapping_name"),
            search_index("telemetry_mapping_search"),
        ]

    def __str__(self) -> str:
        return self.name


class Device(Internal):
    """A device with an account and keys of its own; it writes to the streams of its things.

    Units:
        ``clock_offset_s`` seconds by which its clock is ahead; ``silent_after_s`` seconds.
    """

    access = AccessRule("telemetry.device")
    #: Written with every batch; nobody asks who changed them.
    history_skips = ("last_seen_at", "clock_offset_s", "silent_since")

    class State(models.TextChoices):
        PROVISIONED = choices.DeviceState.PROVISIONED.value, _("Đã cấp khóa, chưa gửi")
        ACTIVE = choices.DeviceState.ACTIVE.value, _("Đang hoạt động")
        QUARANTINED = choices.DeviceState.QUARANTINED.value, _("Cách ly")
        RETIRED = choices.DeviceState.RETIRED.value, _("Ngừng sử dụng")

    class ProtocolChoices(models.TextChoices):
        MQTT = choices.Protocol.MQTT.value, "MQTT"
        HTTP = choices.Protocol.HTTP.value, "HTTP"
        MODBUS = choices.Protocol.MODBUS.value, "Modbus TCP"
        OPCUA = choices.Protocol.OPCUA.value, "OPC UA"
        FILE = choices.Protocol.FILE.value, _("Tệp số liệu")

    code = models.CharField(_("mã thiết bị"), max_length=60, unique=True)
    name = models.CharField(_("tên thiết bị"), max_length=200)
    state = models.CharField(
        _("trạng thái"),
        max_length=11,
        choices=State.choices,
        default=choices.DeviceState.PROVISIONED.value,
    )
    state_reason = models.CharField(_("lý do"), max_length=250, blank=True, default="")
    protocol = models.CharField(
        _("giao thức"),
        max_length=6,
        choices=ProtocolChoices.choices,
        default=choices.Protocol.MQTT.value,
    )
    account = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("tài khoản"),
    )
    things = models.ManyToManyField(
        Thing, blank=True, related_name="devices", verbose_name=_("trạm")
    )
    mapping = models.ForeignKey(
        PayloadMapping,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("ánh xạ bản tin"),
    )
    #: Address, registers or nodes of devices that are asked instead of sending.
    connection = models.JSONField(_("kết nối"), default=dict, blank=True)
    silent_after_s = models.PositiveIntegerField(_("coi là mất liên lạc sau"), default=900)
    last_seen_at = models.DateTimeField(_("gửi lần cuối"), null=True, editable=False)
    clock_offset_s = models.FloatField(_("sai lệch đồng hồ"), null=True, editable=False)
    #: Since when nothing came from it, once that was noticed.
    silent_since = models.DateTimeField(_("mất liên lạc từ"), null=True, editable=False)
    search = search_column("code", "name")

    class Meta(Internal.Meta):
        verbose_name = _("thiết bị truyền tin")
        indexes = [
            models.Index(fields=["code", "id"], name="telemetry_device_code"),
            models.Index(fields=["name", "id"], name="telemetry_device_name"),
            models.Index(fields=["last_seen_at", "id"], name="telemetry_device_seen"),
            search_index("telemetry_device_search"),
        ]

    def __str__(self) -> str:
        return self.name


class PullState(models.Model):
    """How the asking of a device goes, and the password with which it is asked.

    Written every few seconds, so not historied; the password is nowhere else. Who sees the device
    sees the state.
    """

    device = models.OneToOneField(Device, models.CASCADE, related_name="pulling")
    secret = EncryptedTextField(_("mật khẩu của thiết bị"), null=True, editable=False)
    asked_at = models.DateTimeField(_("hỏi lần cuối"), null=True, editable=False)
    read_at = models.DateTimeField(_("đọc được lần cuối"), null=True, editable=False)
    failures = models.PositiveIntegerField(_("số lần hỏng liên tiếp"), default=0)
    #: A sentence with its values; empty when the device answered.
    error = models.JSONField(_("lỗi gần nhất"), default=dict)
    #: By code of the stream: what was read last, or why nothing was.
    points = models.JSONField(_("giá trị đọc gần nhất"), default=dict)

    class Meta:
        verbose_name = _("tình hình đọc thiết bị")

    def __str__(self) -> str:
        return f"{self.device_id} {self.read_at}"


class DeadLetter(models.Model):
    """A payload, or a part of one, that became no observation, with the reason.

    Written by the doors; not historied, because it is itself a log. Who sees the device sees it.
    """

    received_at = models.DateTimeField(_("nhận lúc"), db_default=Now())
    door = models.CharField(_("cửa nhận"), max_length=12)
    device = models.ForeignKey(
        Device, models.CASCADE, null=True, related_name="+", verbose_name=_("thiết bị")
    )
    source = models.CharField(_("nguồn"), max_length=250, blank=True, default="")
    reason = models.CharField(_("mã lý do"), max_length=60)
    detail = models.TextField(_("diễn giải"), blank=True, default="")
    count = models.PositiveIntegerField(_("số giá trị"), default=1)
    payload = models.BinaryField(_("bản tin"), null=True)

    class Meta:
        verbose_name = _("bản tin bị từ chối")
        indexes = [
            models.Index(fields=["-received_at", "-id"], name="telemetry_dead_received"),
            models.Index(fields=["device", "-received_at"], name="telemetry_dead_device"),
        ]

    def __str__(self) -> str:
        return f"{self.reason} {self.received_at:%d/%m/%Y %H:%M}"
