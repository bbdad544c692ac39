"""Rasters of the house, and layers of other offices' map services."""

from __future__ import annotations

from typing import Final

from django.contrib.gis.db.models import PolygonField
from django.db import models
from django.utils.translation import gettext_lazy as _

from sen.domains.imagery.choices import Method, Protocol, RasterKind, RasterState
from sen.kernel.access.models import ScopedModel
from sen.kernel.access.scope import AccessRule
from sen.kernel.geo.models import GeoScopedModel
from sen.kernel.search.fields import search_column, search_index
from sen.lib.vn2000 import SRIDS

SYSTEMS: Final = [
    (4326, "WGS 84"),
    (32648, "WGS 84 / UTM 48N"),
    (32649, "WGS 84 / UTM 49N"),
    (3857, "Web Mercator"),
    *((srid, projection.name) for srid, projection in sorted(SRIDS.items())),
]


class Raster(GeoScopedModel):
    """An orthophoto, a scanned plan or another picture that lies on the ground.

    ``original`` is kept untouched; ``cog`` is what is shown. ``said`` holds what the file tells of
    itself, ``points`` the control points (``px``, ``py``, ``lon``, ``lat``).

    Units:
        ``resolution_m``: metres of a pixel on the ground. ``width_px``, ``height_px``: pixels of
        ``cog``. ``rms_m``: root mean square of the residuals.
    """

    access = AccessRule("imagery.raster")
    history_skips = ("said",)

    class Kind(models.TextChoices):
        ORTHO = RasterKind.ORTHO.value, _("Ảnh trực giao")
        SCAN = RasterKind.SCAN.value, _("Bản vẽ, bản đồ quét")
        SATELLITE = RasterKind.SATELLITE.value, _("Ảnh vệ tinh")
        OTHER = RasterKind.OTHER.value, _("Khác")

    class State(models.TextChoices):
        PLACE = RasterState.PLACE.value, _("Chờ kiểm tra vị trí")
        POINTS = RasterState.POINTS.value, _("Chờ điểm khống chế")
        QUEUED = RasterState.QUEUED.value, _("Đang xử lý")
        READY = RasterState.READY.value, _("Đã có trên bản đồ")
        FAILED = RasterState.FAILED.value, _("Xử lý lỗi")

    class Bending(models.TextChoices):
        AFFINE = Method.AFFINE.value, _("A-phin (từ 3 điểm)")
        POLY2 = Method.POLY2.value, _("Đa thức bậc 2 (từ 6 điểm)")
        POLY3 = Method.POLY3.value, _("Đa thức bậc 3 (từ 10 điểm)")
        TPS = Method.TPS.value, _("Tấm mỏng TPS (từ 4 điểm)")

    name = models.CharField(_("tên"), max_length=200)
    kind = models.CharField(_("loại"), max_length=9, choices=Kind.choices)
    taken_on = models.DateField(_("ngày chụp, ngày lập"), null=True, blank=True)
    source = models.CharField(_("nguồn"), max_length=200)
    licence = models.CharField(_("điều kiện sử dụng"), max_length=200, blank=True)
    remark = models.CharField(_("ghi chú"), max_length=500, blank=True)
    state = models.CharField(
        _("trạng thái"), max_length=6, choices=State.choices, default=State.PLACE, editable=False
    )
    error = models.CharField(_("lỗi"), max_length=500, blank=True, editable=False)
    original = models.ForeignKey(
        "kernel_files.StoredFile", models.PROTECT, related_name="+", editable=False
    )
    file_name = models.CharField(_("tên tệp gốc"), max_length=200, editable=False)
    cog = models.ForeignKey(
        "kernel_files.StoredFile", models.PROTECT, null=True, related_name="+", editable=False
    )
    said = models.JSONField(default=dict, editable=False)
    points = models.JSONField(_("điểm khống chế"), default=list, editable=False)
    method = models.CharField(
        _("phép nắn"), max_length=6, choices=Bending.choices, blank=True, editable=False
    )
    rms_m = models.FloatField(_("sai số trung phương"), null=True, editable=False)
    srid = models.IntegerField(_("hệ tọa độ"), choices=SYSTEMS, null=True, editable=False)
    resolution_m = models.FloatField(_("độ phân giải"), null=True, editable=False)
    width_px = models.IntegerField(_("rộng"), null=True, editable=False)
    height_px = models.IntegerField(_("cao"), null=True, editable=False)
    opacity = models.FloatField(_("độ đậm"), default=1.0)
    layer_order = models.IntegerField(_("thứ tự chồng"), default=100)
    geom = PolygonField(_("phạm vi"), srid=4326, null=True, blank=True, editable=False)
    search = search_column("name", "source")

    class Meta(GeoScopedModel.Meta):
        verbose_name = _("ảnh nền")
        indexes = [
            models.Index(fields=["name", "id"], name="imagery_raster_name"),
            models.Index(fields=["taken_on", "id"], name="imagery_raster_taken"),
            models.Index(fields=["kind", "id"], name="imagery_raster_kind"),
            models.Index(fields=["state", "id"], name="imagery_raster_state"),
            search_index("imagery_raster_search"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(opacity__gte=0, opacity__lte=1), name="imagery_raster_opacity"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="READY") | models.Q(cog__isnull=False),
                name="imagery_raster_ready_has_cog",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Overlay(ScopedModel):
    """A layer of a map service that somebody else runs.

    ``template`` is the address of a tile of WMTS and XYZ; ``info_format`` is what GetFeatureInfo
    answers with, empty when the layer cannot be asked.
    """

    access = AccessRule("imagery.overlay")

    class Kind(models.TextChoices):
        WMS = Protocol.WMS.value, "WMS"
        WMTS = Protocol.WMTS.value, "WMTS"
        XYZ = Protocol.XYZ.value, "XYZ"

    name = models.CharField(_("tên"), max_length=200)
    protocol = models.CharField(_("giao thức"), max_length=4, choices=Kind.choices)
    url = models.CharField(_("địa chỉ dịch vụ"), max_length=500)
    layer = models.CharField(_("lớp"), max_length=200, blank=True)
    style = models.CharField(_("kiểu vẽ"), max_length=120, blank=True)
    attribution = models.CharField(_("ghi nguồn"), max_length=300)
    licence = models.CharField(_("điều kiện sử dụng"), max_length=200, blank=True)
    crs = models.CharField(_("hệ tọa độ"), max_length=40, blank=True, editable=False)
    wms_version = models.CharField(max_length=8, blank=True, editable=False)
    image_format = models.CharField(max_length=40, blank=True, editable=False)
    matrix_set = models.CharField(max_length=120, blank=True, editable=False)
    template = models.CharField(max_length=600, blank=True, editable=False)
    info_format = models.CharField(max_length=60, blank=True, editable=False)
    legend = models.CharField(max_length=600, blank=True, editable=False)
    bounds = models.JSONField(_("phạm vi"), null=True, editable=False)
    minzoom = models.IntegerField(_("mức phóng nhỏ nhất"), default=5)
    maxzoom = models.IntegerField(_("mức phóng lớn nhất"), default=19)
    opacity = models.FloatField(_("độ đậm"), default=1.0)
    layer_order = models.IntegerField(_("thứ tự chồng"), default=50)
    search = search_column("name", "layer")

    class Meta(ScopedModel.Meta):
        verbose_name = _("lớp bản đồ ngoài")
        indexes = [
            models.Index(fields=["name", "id"], name="imagery_overlay_name"),
            search_index("imagery_overlay_search"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(opacity__gte=0, opacity__lte=1), name="imagery_overlay_opacity"
            ),
            models.CheckConstraint(
                condition=models.Q(minzoom__gte=0, maxzoom__gte=models.F("minzoom")),
                name="imagery_overlay_zooms",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class OverlayHealth(models.Model):
    """Whether a layer's service answers; apart from the layer, so that checks are no changes."""

    overlay = models.OneToOneField(
        "Overlay", models.CASCADE, primary_key=True, related_name="+", verbose_name=_("lớp")
    )
    checked_at = models.DateTimeField(_("kiểm tra lúc"))
    answered_at = models.DateTimeField(_("trả lời lần cuối"), null=True)
    error = models.CharField(_("lỗi gần nhất"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("tình trạng lớp bản đồ ngoài")

    def __str__(self) -> str:
        return self.error or str(self.answered_at)
