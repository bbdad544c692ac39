"""Roads, the km-posts on which they are calibrated, and what holds along them."""

from __future__ import annotations

from typing import Any

from django.contrib.gis.db.models import (
    GeometryField,
    LineStringField,
    MultiLineStringField,
    PointField,
)
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, DecimalRangeField, IntegerRangeField
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import Deferrable, F, Func, Q, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sen.domains.network.choices import (
    ALL_LANES,
    EVENT_KINDS,
    SURFACE_NAMES,
    Carriageway,
    ManagerClass,
    PostCondition,
    PostNature,
    RoadPart,
    RoadStatus,
    TechnicalClass,
)
from sen.domains.network.data import METRIC_SRID
from sen.domains.network.models.bases import SideOfRoad
from sen.kernel.access.models import ScopedModel
from sen.kernel.access.scope import AccessRule
from sen.kernel.geo.models import GeoScopedModel
from sen.kernel.search.fields import search_column, search_index


def surface_choices() -> list[tuple[str, Promise]]:
    return [(code, _(title)) for code, title in SURFACE_NAMES.items()]


def event_kind_choices() -> list[tuple[str, Promise]]:
    return [(kind.code, _(kind.title)) for kind in EVENT_KINDS.values()]


class Road(GeoScopedModel):
    """A road or the part of one that one authority manages, drawn in the direction of its km."""

    access = AccessRule("network.road")

    class Manager(models.TextChoices):
        EXPRESSWAY = ManagerClass.EXPRESSWAY.value, _("Đường cao tốc")
        NATIONAL = ManagerClass.NATIONAL.value, _("Quốc lộ")
        PROVINCIAL = ManagerClass.PROVINCIAL.value, _("Đường tỉnh")
        DISTRICT = ManagerClass.DISTRICT.value, _("Đường huyện (cũ)")
        COMMUNE = ManagerClass.COMMUNE.value, _("Đường xã")
        VILLAGE = ManagerClass.VILLAGE.value, _("Đường thôn, ấp")
        URBAN = ManagerClass.URBAN.value, _("Đường đô thị")
        SPECIALISED = ManagerClass.SPECIALISED.value, _("Đường chuyên dùng")

    class Technical(models.TextChoices):
        EXPRESSWAY = TechnicalClass.EXPRESSWAY.value, _("Cao tốc")
        I = TechnicalClass.I.value, _("Cấp I")  # noqa: E741
        II = TechnicalClass.II.value, _("Cấp II")
        III = TechnicalClass.III.value, _("Cấp III")
        IV = TechnicalClass.IV.value, _("Cấp IV")
        V = TechnicalClass.V.value, _("Cấp V")
        VI = TechnicalClass.VI.value, _("Cấp VI")
        A = TechnicalClass.A.value, _("Cấp A")
        B = TechnicalClass.B.value, _("Cấp B")
        C = TechnicalClass.C.value, _("Cấp C")
        D = TechnicalClass.D.value, _("Cấp D")
        URBAN = TechnicalClass.URBAN.value, _("Đường đô thị")
        OTHER = TechnicalClass.OTHER.value, _("Chưa vào cấp")

    class Status(models.TextChoices):
        PLANNED = RoadStatus.PLANNED.value, _("Quy hoạch")
        UNDER_CONSTRUCTION = RoadStatus.UNDER_CONSTRUCTION.value, _("Đang xây dựng")
        OPEN = RoadStatus.OPEN.value, _("Đang khai thác")
        CLOSED = RoadStatus.CLOSED.value, _("Tạm dừng khai thác")
        ABOLISHED = RoadStatus.ABOLISHED.value, _("Đã bãi bỏ")

    class Lay(models.TextChoices):
        SINGLE = Carriageway.SINGLE.value, _("Một phần đường, hai chiều")
        DUAL = Carriageway.DUAL.value, _("Hai phần đường, có dải phân cách")
        ONE_WAY = Carriageway.ONE_WAY.value, _("Một chiều theo lý trình tăng")

    class Part(models.TextChoices):
        MAIN = RoadPart.MAIN.value, _("Tuyến chính")
        LEFT = RoadPart.LEFT.value, _("Phần đường bên trái")
        RIGHT = RoadPart.RIGHT.value, _("Phần đường bên phải")
        RAMP = RoadPart.RAMP.value, _("Nhánh nối")

    code = models.CharField(_("mã tuyến"), max_length=40, unique=True)
    part = models.CharField(_("thành phần"), max_length=8, choices=Part.choices, default=Part.MAIN)
    main = models.ForeignKey(
        "self",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("thuộc tuyến chính"),
    )
    number = models.CharField(_("số hiệu"), max_length=20, blank=True)
    name = models.CharField(_("tên đường"), max_length=200)
    manager_class = models.CharField(
        _("cấp quản lý"), max_length=12, choices=Manager.choices, default=Manager.PROVINCIAL
    )
    technical_class = models.CharField(
        _("cấp kỹ thuật"), max_length=12, choices=Technical.choices, default=Technical.OTHER
    )
    carriageway = models.CharField(
        _("phần đường xe chạy"), max_length=8, choices=Lay.choices, default=Lay.SINGLE
    )
    lanes = models.PositiveSmallIntegerField(_("số làn xe"), null=True, blank=True)
    width_m = models.DecimalField(
        _("bề rộng mặt đường"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    surface = models.CharField(
        _("loại mặt đường"), max_length=16, choices=surface_choices, blank=True
    )
    opened_year = models.PositiveSmallIntegerField(
        _("năm đưa vào khai thác"), null=True, blank=True
    )
    status = models.CharField(
        _("tình trạng"), max_length=20, choices=Status.choices, default=Status.OPEN
    )
    declared_start_m = models.DecimalField(
        _("lý trình đầu theo hồ sơ"), max_digits=10, decimal_places=3, default=0
    )
    declared_end_m = models.DecimalField(
        _("lý trình cuối theo hồ sơ"), max_digits=10, decimal_places=3, null=True, blank=True
    )
    start_m = models.DecimalField(
        _("lý trình đầu"), max_digits=10, decimal_places=3, null=True, editable=False
    )
    end_m = models.DecimalField(
        _("lý trình cuối"), max_digits=10, decimal_places=3, null=True, editable=False
    )
    length_m = models.DecimalField(
        _("chiều dài"), max_digits=10, decimal_places=1, null=True, editable=False
    )
    counted_m = models.DecimalField(
        _("chiều dài tính vào mạng lưới"),
        max_digits=10,
        decimal_places=1,
        null=True,
        editable=False,
    )
    former_numbers = models.CharField(
        _("số hiệu cũ"), max_length=200, blank=True, default="", db_default="", editable=False
    )
    geom = LineStringField(_("tim tuyến"), srid=4326, null=True, blank=True)
    order_key = models.CharField(_("thứ tự số hiệu"), max_length=120, editable=False)
    search_terms = models.CharField(max_length=200, editable=False)
    map_label = models.GeneratedField(
        expression=Coalesce(NullIf("number", Value("")), "name"),
        output_field=models.CharField(_("nhãn trên bản đồ"), max_length=200),
        db_persist=True,
    )
    search = search_column("code", "number", "search_terms", "name", "former_numbers")

    class Meta(GeoScopedModel.Meta):
        verbose_name = _("tuyến đường")
        ordering = ("order_key", "id")
        indexes = [
            models.Index(fields=["order_key", "id"], name="network_road_order"),
            models.Index(fields=["number", "id"], name="network_road_number"),
            models.Index(fields=["name", "id"], name="network_road_name"),
            models.Index(fields=["length_m", "id"], name="network_road_length"),
            models.Index(fields=["owner_org"], name="network_road_owner"),
            models.Index(fields=["main"], condition=~Q(main=None), name="network_road_main"),
            search_index("network_road_search"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(declared_end_m=None) | Q(declared_end_m__gt=F("declared_start_m")),
                name="network_road_ends",
            ),
            models.CheckConstraint(
                condition=Q(part="MAIN", main=None) | (~Q(part="MAIN") & ~Q(main=None)),
                name="network_road_part",
            ),
            # A road may be divided here and there: of each side one line at any place.
            ExclusionConstraint(
                name="network_road_one_part",
                expressions=[
                    ("main", "="),
                    ("part", "="),
                    (
                        Func(
                            "start_m",
                            "end_m",
                            function="numrange",
                            output_field=DecimalRangeField(),
                        ),
                        "&&",
                    ),
                ],
                condition=Q(part__in=["LEFT", "RIGHT"]) & ~Q(status="ABOLISHED") & ~Q(start_m=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} – {self.name}" if self.number else self.name

    @property
    def label(self) -> str:
        """How the road is called in the names of things on it."""
        return self.number or self.name


class MeasuredLineField(models.Field[Any, Any]):
    """``LineStringM`` in the metric grid: written and read by SQL only, never by objects."""

    def db_type(self, connection: object) -> str:
        return f"geometry(LineStringM,{METRIC_SRID})"


def _days() -> Func:
    """The days on which a row holds."""
    return Func("valid_from", "valid_to", function="daterange", output_field=DateRangeField())


class RouteVersion(ScopedModel):
    """The calibrated line of a road between two dates; the current one has no end.

    Units:
        ``start_m``, ``end_m``: labels of the ends, exact, negative before Km0. ``scale``: real
        metres per metre of the grid.
    """

    access = AccessRule("network.road")
    history_skips = ("line_m", "box")

    road = models.ForeignKey(Road, models.CASCADE, related_name="+", verbose_name=_("tuyến đường"))
    valid_from = models.DateField(_("áp dụng từ"))
    valid_to = models.DateField(_("đến"), null=True, blank=True)
    start_m = models.FloatField(_("lý trình đầu"))
    end_m = models.FloatField(_("lý trình cuối"))
    length_m = models.FloatField(_("chiều dài"))
    scale = models.FloatField(default=1.0)
    post_count = models.PositiveIntegerField(_("số cọc hiệu chỉnh"))
    note = models.CharField(_("căn cứ"), max_length=200, blank=True, default="")
    #: The road that bears the number, and which of its lines this is: a ramp stands for itself.
    main = models.ForeignKey(Road, models.CASCADE, related_name="+", editable=False)
    part = models.CharField(max_length=8, editable=False, default=RoadPart.MAIN.value)
    line_m = MeasuredLineField()
    #: What "near" is asked of: comparing long lines would read each of them from its storage.
    box = models.GeneratedField(
        expression=Func("line_m", function="ST_Envelope"),
        output_field=GeometryField(srid=METRIC_SRID),
        db_persist=True,
    )

    class Meta(ScopedModel.Meta):
        verbose_name = _("lần hiệu chỉnh lý trình")
        constraints = [
            models.UniqueConstraint(
                fields=["road"], condition=Q(valid_to=None), name="network_route_current"
            ),
            models.UniqueConstraint(fields=["road", "valid_from"], name="network_route_once"),
            ExclusionConstraint(
                name="network_route_one_a_day",
                expressions=[("road", "="), (_days(), "&&")],
            ),
        ]
        indexes = [
            GistIndex(fields=["box"], name="network_route_box"),
            models.Index(
                fields=["main"],
                condition=Q(valid_to=None) & ~Q(part="MAIN"),
                name="network_route_parts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.road_id} {self.valid_from:%d/%m/%Y}"


class KmPost(GeoScopedModel):
    """A km-post beside the road: what it says, and where it really stands."""

    access = AccessRule("network.kmpost")

    class Condition(models.TextChoices):
        GOOD = PostCondition.GOOD.value, _("Tốt")
        FAIR = PostCondition.FAIR.value, _("Trung bình")
        POOR = PostCondition.POOR.value, _("Hư hỏng")
        MISSING = PostCondition.MISSING.value, _("Mất")

    class Nature(models.TextChoices):
        POST = PostNature.POST.value, _("Cọc trên thực địa")
        REFERENCE = PostNature.REFERENCE.value, _("Điểm quy ước lý trình")

    road = models.ForeignKey(Road, models.CASCADE, related_name="+", verbose_name=_("tuyến đường"))
    measure_m = models.DecimalField(_("lý trình"), max_digits=10, decimal_places=3)
    old_measure_m = models.DecimalField(
        _("lý trình cũ"), max_digits=10, decimal_places=3, null=True, blank=True
    )
    label = models.CharField(_("cọc"), max_length=20, editable=False)
    title = models.CharField(_("cọc của tuyến"), max_length=260, editable=False)
    condition = models.CharField(
        _("tình trạng"), max_length=8, choices=Condition.choices, default=Condition.GOOD
    )
    nature = models.CharField(
        _("loại cọc"),
        max_length=10,
        choices=Nature.choices,
        default=Nature.POST,
        db_default=Nature.POST,
        editable=False,
    )
    is_calibrating = models.BooleanField(_("dùng để hiệu chỉnh"), default=True)
    position_m = models.DecimalField(
        _("khoảng cách từ đầu tuyến"), max_digits=10, decimal_places=1, null=True, editable=False
    )
    geom = PointField(_("vị trí"), srid=4326)
    search = search_column("title")

    class Meta(GeoScopedModel.Meta):
        verbose_name = _("cọc Km")
        constraints = [
            models.UniqueConstraint(fields=["road", "measure_m"], name="network_kmpost_once"),
            models.CheckConstraint(condition=Q(measure_m__gte=0), name="network_kmpost_measure"),
        ]
        indexes = [
            models.Index(fields=["measure_m", "id"], name="network_kmpost_measure_id"),
            models.Index(fields=["title", "id"], name="network_kmpost_title"),
            search_index("network_kmpost_search"),
        ]

    def __str__(self) -> str:
        return self.title or self.label


_SIDE_SPAN = (
    "(CASE %(expressions)s WHEN 'LEFT' THEN int4range(0, 1)"
    " WHEN 'RIGHT' THEN int4range(1, 2) ELSE int4range(0, 2) END)"
)
_LANE_SPAN = (
    "(CASE WHEN %(expressions)s = 0 THEN int4range(1, 100) ELSE int4range(lane, lane + 1) END)"
)


class RouteEvent(GeoScopedModel):
    """Something that holds along a stretch of a road for some time: surface, IRI, width, limit."""

    access = AccessRule("network.event")

    road = models.ForeignKey(Road, models.CASCADE, related_name="+", verbose_name=_("tuyến đường"))
    code = models.CharField(_("mã bản ghi"), max_length=80, blank=True)
    title = models.CharField(_("đoạn tuyến"), max_length=260, editable=False)
    kind = models.CharField(_("nội dung"), max_length=20, choices=event_kind_choices)
    from_m = models.DecimalField(_("từ lý trình"), max_digits=10, decimal_places=3)
    to_m = models.DecimalField(_("đến lý trình"), max_digits=10, decimal_places=3)
    side = models.CharField(
        _("bên đường"), max_length=5, choices=SideOfRoad.choices, default=SideOfRoad.BOTH
    )
    lane = models.PositiveSmallIntegerField(_("làn xe"), default=ALL_LANES)
    value_number = models.DecimalField(
        _("giá trị"), max_digits=12, decimal_places=3, null=True, blank=True
    )
    value_text = models.CharField(_("giá trị (chữ)"), max_length=200, blank=True)
    attributes = models.JSONField(_("thuộc tính khác"), default=dict, blank=True)
    valid_from = models.DateField(_("áp dụng từ"))
    valid_to = models.DateField(_("áp dụng đến trước ngày"), null=True, blank=True)
    #: The rule of its kind, where the database reads it.
    may_overlap = models.BooleanField(default=False, editable=False)
    must_cover = models.BooleanField(default=False, db_default=False, editable=False)
    #: The class of the value by which maps colour it: the band of an IRI by the rule in force on
    #: the day of the record, else the whole number.
    band = models.IntegerField(_("mức"), null=True, editable=False)
    carried_from = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("tiếp nối bản ghi"),
    )
    geom = MultiLineStringField(_("đoạn tuyến"), srid=4326, null=True, editable=False)
    search = search_column("title", "code", "value_text")

    class Meta(GeoScopedModel.Meta):
        verbose_name = _("dữ liệu theo lý trình")
        constraints = [
            models.CheckConstraint(condition=Q(to_m__gt=F("from_m")), name="network_event_span"),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")),
                name="network_event_dates",
            ),
            models.UniqueConstraint(
                fields=["code"], condition=~Q(code=""), name="network_event_code"
            ),
            ExclusionConstraint(
                name="network_event_overlap",
                expressions=[
                    ("road", "="),
                    ("kind", "="),
                    (Func("side", template=_SIDE_SPAN, output_field=IntegerRangeField()), "&&"),
                    (Func("lane", template=_LANE_SPAN, output_field=IntegerRangeField()), "&&"),
                    (
                        Func(
                            "from_m", "to_m", function="numrange", output_field=DecimalRangeField()
                        ),
                        "&&",
                    ),
                    (_days(), "&&"),
                ],
                condition=Q(may_overlap=False),
                # At the end of the statement: an import may move a border between two records.
                deferrable=Deferrable.IMMEDIATE,
            ),
        ]
        indexes = [
            models.Index(fields=["road", "kind", "from_m"], name="network_event_road"),
            models.Index(fields=["kind", "id"], name="network_event_kind"),
            models.Index(fields=["title", "id"], name="network_event_title"),
            models.Index(fields=["from_m", "id"], name="network_event_from"),
            models.Index(fields=["valid_from", "id"], name="network_event_since"),
            models.Index(fields=["value_number", "id"], name="network_event_value"),
            models.Index(
                fields=["carried_from"],
                condition=~Q(carried_from=None),
                name="network_event_carried",
            ),
            search_index("network_event_search"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.title}"
