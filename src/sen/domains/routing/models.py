"""The routing graph, derived from the roads, and the faults of their topology."""

from __future__ import annotations

from django.contrib.gis.db.models import LineStringField, PointField
from django.db import models
from django.utils.translation import gettext_lazy as _

from sen.domains.routing.choices import FaultKind, FaultStatus, Heading
from sen.domains.routing.choices import Repair as Mend
from sen.domains.routing.choices import TurnKind as Turn
from sen.kernel.access.models import DataClassChoices
from sen.kernel.access.scope import AccessRule, DataClass
from sen.kernel.geo.models import GeoScopedModel
from sen.kernel.search.fields import search_column, search_index


class Edge(models.Model):
    """A piece of a road between two nodes; computed, so it has no history and no owner.

    It is read only together with the road that it is a piece of, whose rule of access decides.

    Units:
        Labels and real length in metres.
    """

    road = models.ForeignKey("network.Road", models.CASCADE, related_name="+")
    source = models.BigIntegerField()
    target = models.BigIntegerField()
    from_m = models.FloatField()
    to_m = models.FloatField()
    length_m = models.FloatField()
    one_way = models.BooleanField(default=False)
    geom = LineStringField(srid=4326)

    class Meta:
        verbose_name = _("cạnh của đồ thị đường")
        indexes = [
            models.Index(fields=["source"], name="routing_edge_source"),
            models.Index(fields=["target"], name="routing_edge_target"),
            models.Index(fields=["road", "from_m"], name="routing_edge_along"),
        ]

    def __str__(self) -> str:
        return f"{self.road_id}: {self.source}–{self.target}"


class Pending(models.Model):
    """A road that changed since the graph was last computed."""

    road_id = models.BigIntegerField(unique=True)

    class Meta:
        verbose_name = _("tuyến chờ tính lại đồ thị")

    def __str__(self) -> str:
        return str(self.road_id)


class Fault(GeoScopedModel):
    """A place at which roads do not meet as they should, with what may be done about it.

    Faults that are gone are deleted; those that somebody accepted stay accepted.

    Units:
        ``distance_m``: the gap, the excess, or the length that is drawn twice.
    """

    access = AccessRule("routing.fault")

    class Kind(models.TextChoices):
        DANGLING = FaultKind.DANGLING.value, _("Đầu tuyến hở gần tuyến khác")
        OVERSHOOT = FaultKind.OVERSHOOT.value, _("Đầu tuyến vượt quá chỗ giao")
        CROSSING = FaultKind.CROSSING.value, _("Cắt nhau không có nút giao")
        DUPLICATE = FaultKind.DUPLICATE.value, _("Hai tuyến vẽ trùng nhau")
        ISOLATED = FaultKind.ISOLATED.value, _("Phần mạng lưới rời")

    class Repair(models.TextChoices):
        EXTEND = Mend.EXTEND.value, _("Kéo đầu tuyến tới chân vuông góc trên tuyến kia")
        CUT_BACK = Mend.CUT_BACK.value, _("Cắt phần thừa về đúng chỗ giao")
        ADD_VERTEX = (
            Mend.ADD_VERTEX.value,
            _("Thêm đỉnh chung cho nút giao, hoặc nhập cầu vượt, hầm chui nếu khác mức"),
        )
        MERGE = Mend.MERGE.value, _("Bỏ một tuyến, hoặc ghi đoạn đi trùng nếu đúng là hai tuyến")
        CONNECT = Mend.CONNECT.value, _("Vẽ đoạn nối còn thiếu, hoặc xác nhận là đường riêng biệt")

    class Status(models.TextChoices):
        OPEN = FaultStatus.OPEN.value, _("Cần xử lý")
        ACCEPTED = FaultStatus.ACCEPTED.value, _("Đã xác nhận đúng thực tế")

    key = models.CharField(max_length=80, unique=True, editable=False)
    kind = models.CharField(_("loại lỗi"), max_length=10, choices=Kind.choices, editable=False)
    title = models.CharField(_("vị trí"), max_length=260, editable=False)
    road = models.ForeignKey(
        "network.Road",
        models.CASCADE,
        related_name="+",
        verbose_name=_("tuyến đường"),
        editable=False,
    )
    other = models.ForeignKey(
        "network.Road",
        models.CASCADE,
        null=True,
        related_name="+",
        verbose_name=_("tuyến kia"),
        editable=False,
    )
    chainage_m = models.FloatField(_("lý trình"), null=True, editable=False)
    distance_m = models.FloatField(_("khoảng cách, độ dài"), editable=False)
    repair = models.CharField(_("cách sửa"), max_length=10, choices=Repair.choices, editable=False)
    status = models.CharField(_("xử lý"), max_length=8, choices=Status.choices, default=Status.OPEN)
    note = models.CharField(_("ý kiến"), max_length=300, blank=True, default="")
    geom = PointField(_("vị trí"), srid=4326)
    data_class = models.SmallIntegerField(
        _("mức dữ liệu"), choices=DataClassChoices.choices, default=DataClass.INTERNAL.value
    )
    search = search_column("title")

    class Meta(GeoScopedModel.Meta):
        verbose_name = _("lỗi kết nối")
        indexes = [
            models.Index(fields=["title", "id"], name="routing_fault_title"),
            models.Index(fields=["distance_m", "id"], name="routing_fault_distance"),
            models.Index(fields=["kind", "title", "id"], name="routing_fault_kind"),
            search_index("routing_fault_search"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.title}"


class TurnRule(GeoScopedModel):
    """A turn that a sign forbids or orders, from one road into another at a junction.

    The junction is where ``at_m`` of the first and ``to_m`` of the second road meet; which way one
    leaves follows from the turn and the lines. ``vehicles`` are codes of kinds; none is all.

    Units:
        Labels in metres, total weight in tonnes. ``geom``: before, at and behind the junction.
    """

    access = AccessRule("routing.turn")

    class Kind(models.TextChoices):
        NO_LEFT = Turn.NO_LEFT.value, _("Cấm rẽ trái")
        NO_RIGHT = Turn.NO_RIGHT.value, _("Cấm rẽ phải")
        NO_STRAIGHT = Turn.NO_STRAIGHT.value, _("Cấm đi thẳng")
        NO_U_TURN = Turn.NO_U_TURN.value, _("Cấm quay đầu")
        ONLY_LEFT = Turn.ONLY_LEFT.value, _("Chỉ được rẽ trái")
        ONLY_RIGHT = Turn.ONLY_RIGHT.value, _("Chỉ được rẽ phải")
        ONLY_STRAIGHT = Turn.ONLY_STRAIGHT.value, _("Chỉ được đi thẳng")

    class Way(models.TextChoices):
        UP = Heading.UP.value, _("Theo chiều lý trình tăng")
        DOWN = Heading.DOWN.value, _("Theo chiều lý trình giảm")

    kind = models.CharField(_("loại cấm, chỉ dẫn"), max_length=14, choices=Kind.choices)
    title = models.CharField(_("nội dung"), max_length=300, editable=False)
    from_road = models.ForeignKey(
        "network.Road", models.CASCADE, related_name="+", verbose_name=_("từ tuyến")
    )
    at_m = models.DecimalField(_("lý trình nút giao"), max_digits=10, decimal_places=3)
    heading = models.CharField(_("chiều xe đến nút"), max_length=4, choices=Way.choices)
    to_road = models.ForeignKey(
        "network.Road", models.CASCADE, related_name="+", verbose_name=_("vào tuyến")
    )
    to_m = models.DecimalField(
        _("lý trình nút giao trên tuyến vào"), max_digits=10, decimal_places=3, editable=False
    )
    to_heading = models.CharField(
        _("chiều xe rời nút"), max_length=4, choices=Way.choices, editable=False
    )
    vehicles = models.JSONField(_("loại xe"), default=list, blank=True)
    above_t = models.DecimalField(
        _("áp dụng cho xe trên"), max_digits=5, decimal_places=1, null=True, blank=True
    )
    valid_from = models.DateField(_("áp dụng từ"))
    valid_to = models.DateField(_("áp dụng đến trước ngày"), null=True, blank=True)
    basis = models.CharField(_("quyết định, căn cứ"), max_length=300)
    source_code = models.CharField(_("mã nguồn"), max_length=40, blank=True, default="")
    geom = LineStringField(_("hướng rẽ"), srid=4326, editable=False)
    search = search_column("title", "basis")

    class Meta(GeoScopedModel.Meta):
        verbose_name = _("cấm rẽ")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_to=None) | models.Q(valid_to__gt=models.F("valid_from")),
                name="routing_turn_dates",
            ),
            models.UniqueConstraint(
                fields=["source_code"],
                condition=~models.Q(source_code=""),
                name="routing_turn_source",
            ),
        ]
        indexes = [
            models.Index(fields=["title", "id"], name="routing_turn_title"),
            models.Index(fields=["valid_from", "id"], name="routing_turn_since"),
            models.Index(fields=["from_road"], name="routing_turn_from"),
            models.Index(fields=["to_road"], name="routing_turn_to"),
            search_index("routing_turn_search"),
        ]

    def __str__(self) -> str:
        return self.title
