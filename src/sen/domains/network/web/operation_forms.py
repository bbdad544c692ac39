"""Forms of what may be done to a road as a whole; the services judge what is typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.contrib.gis.geos import Point
from django.utils.translation import gettext_lazy

from sen.domains.network.choices import OperationKind, RoadStatus
from sen.domains.network.models import Road
from sen.kernel.access.models import Area, Organisation
from sen.kernel.access.scope import Actor
from sen.kernel.geo.layers import GeometryKind
from sen.kernel.web.register.forms import ChainageField
from sen.kernel.web.register.shapefield import ShapeField

#: Roads that begin this near to the end of another are offered to be joined to it: some 60 m.
JOIN_DEG: Final = 0.0006


class LineField(ShapeField):
    """One line: drawn on the map, or as WKT, GeoJSON, or one coordinate a row."""

    def __init__(self, **options: Any) -> None:
        super().__init__(kinds=(GeometryKind.LINE,), stored="LINESTRING", **options)
        self.widget.attrs["data-pick-layer"] = "roads"


class OperationForm(forms.Form):
    """What every operation asks for."""

    valid_from = forms.DateField(
        label=gettext_lazy("Áp dụng từ ngày"),
        help_text=gettext_lazy("Ngày quyết định có hiệu lực; không sau hôm nay."),
        widget=forms.DateInput(),
    )
    basis = forms.CharField(
        label=gettext_lazy("Căn cứ"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("Số, ngày quyết định hoặc biên bản nghiệm thu."),
    )

    def __init__(self, *args: Any, actor: Actor, road: Road, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor, self.road = actor, road

    def values(self) -> dict[str, Any]:
        """What the service is given."""
        return dict(self.cleaned_data)


class RealignForm(OperationForm):
    line = LineField(
        label=gettext_lazy("Hình đoạn mới"),
        help_text=gettext_lazy("Vẽ từ điểm rời tuyến hiện tại đến điểm nhập lại."),
    )
    from_m = ChainageField(
        label=gettext_lazy("Từ lý trình"),
        required=False,
        help_text=gettext_lazy("Để trống thì lấy nơi hình vẽ gặp tuyến."),
    )
    to_m = ChainageField(label=gettext_lazy("Đến lý trình"), required=False)
    shift = forms.BooleanField(
        label=gettext_lazy("Dời lý trình phía sau theo chiều dài mới"),
        required=False,
        help_text=gettext_lazy("Không chọn: lý trình và cọc phía sau giữ nguyên."),
    )


class ExtendForm(OperationForm):
    line = LineField(
        label=gettext_lazy("Hình đoạn kéo dài"),
        help_text=gettext_lazy("Bắt đầu hoặc kết thúc ở một đầu của tuyến."),
    )


class SplitForm(OperationForm):
    at_m = ChainageField(label=gettext_lazy("Tách tại lý trình"))
    code = forms.CharField(label=gettext_lazy("Mã tuyến mới"), max_length=40)
    number = forms.CharField(label=gettext_lazy("Số hiệu tuyến mới"), required=False, max_length=20)
    name = forms.CharField(label=gettext_lazy("Tên tuyến mới"), required=False, max_length=200)
    restart = forms.BooleanField(
        label=gettext_lazy("Tuyến mới tính lý trình từ Km0"), required=False
    )


def _point(at: Sequence[float]) -> Point:
    return Point(at[0], at[1], srid=4326)


class JoinForm(OperationForm):
    other = forms.ModelChoiceField(
        Road.base.none(),
        label=gettext_lazy("Tuyến nhập vào"),
        help_text=gettext_lazy("Các tuyến bắt đầu ở điểm cuối của tuyến này."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["other"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = self._candidates()

    def _candidates(self) -> Any:
        rows = Road.objects.visible_to(self.actor, "reshape").exclude(pk=self.road.pk)
        if self.road.geom is None:
            return rows.none()
        end = _point(self.road.geom.coords[-1])
        near = rows.filter(geom__dwithin=(end, JOIN_DEG), part="MAIN").defer("search")
        starting = [
            road.pk
            for road in near
            if road.geom is not None and _point(road.geom.coords[0]).distance(end) < JOIN_DEG
        ]
        return rows.filter(pk__in=starting)


class RenumberForm(OperationForm):
    number = forms.CharField(label=gettext_lazy("Số hiệu"), required=False, max_length=20)
    name = forms.CharField(label=gettext_lazy("Tên đường"), max_length=200)
    code = forms.CharField(label=gettext_lazy("Mã tuyến"), max_length=40)
    manager_class = forms.ChoiceField(
        label=gettext_lazy("Cấp quản lý"), choices=Road.Manager.choices
    )
    technical_class = forms.ChoiceField(
        label=gettext_lazy("Cấp kỹ thuật"), choices=Road.Technical.choices
    )
    owner_org = forms.ModelChoiceField(
        Organisation.objects.order_by("name"), label=gettext_lazy("Đơn vị quản lý")
    )
    area = forms.ModelChoiceField(Area.objects.order_by("name"), label=gettext_lazy("Địa bàn"))
    with_assets = forms.BooleanField(
        label=gettext_lazy("Chuyển cả công trình trên tuyến của đơn vị cũ"),
        required=False,
        initial=True,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.fields:
            if hasattr(self.road, name) and name != "valid_from":
                self.fields[name].initial = getattr(self.road, name)


class ReverseForm(OperationForm):
    """Nothing but the day."""


class CloseForm(OperationForm):
    status = forms.ChoiceField(
        label=gettext_lazy("Tình trạng mới"),
        choices=[
            (RoadStatus.CLOSED.value, gettext_lazy("Tạm dừng khai thác")),
            (RoadStatus.ABOLISHED.value, gettext_lazy("Bãi bỏ")),
            (RoadStatus.OPEN.value, gettext_lazy("Mở lại")),
        ],
    )


FORMS: Final[dict[OperationKind, type[OperationForm]]] = {
    OperationKind.REALIGN: RealignForm,
    OperationKind.EXTEND: ExtendForm,
    OperationKind.SPLIT: SplitForm,
    OperationKind.JOIN: JoinForm,
    OperationKind.RENUMBER: RenumberForm,
    OperationKind.REVERSE: ReverseForm,
    OperationKind.CLOSE: CloseForm,
}
ABOUT: Final[dict[OperationKind, tuple[Any, str]]] = {
    OperationKind.REALIGN: (
        gettext_lazy("Một đoạn đi theo hướng mới; lý trình hai đầu giữ nguyên hoặc dời phía sau."),
        "route",
    ),
    OperationKind.EXTEND: (gettext_lazy("Tuyến dài thêm ở điểm đầu hoặc điểm cuối."), "move-right"),
    OperationKind.SPLIT: (gettext_lazy("Phần sau một lý trình thành tuyến riêng."), "split"),
    OperationKind.JOIN: (
        gettext_lazy("Tuyến đi tiếp trên một tuyến bắt đầu ở điểm cuối của nó."),
        "merge",
    ),
    OperationKind.RENUMBER: (
        gettext_lazy("Đổi số hiệu, tên, cấp hoặc chuyển cho đơn vị khác; tim đường giữ nguyên."),
        "tag",
    ),
    OperationKind.REVERSE: (
        gettext_lazy("Lý trình tính từ đầu kia; bên trái thành bên phải."),
        "arrow-left-right",
    ),
    OperationKind.CLOSE: (gettext_lazy("Tạm dừng, bãi bỏ hoặc mở lại tuyến."), "ban"),
}
