"""The form of a new raster."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sen.domains.imagery.models import Raster
from sen.kernel.access.models import Area, DataClassChoices, Organisation
from sen.kernel.access.scope import DataClass


class RasterForm(forms.Form):
    """A picture with what is known of it."""

    file = forms.FileField(
        label=_("Tệp ảnh"),
        help_text=_("GeoTIFF, hoặc JPEG, PNG kèm tệp tọa độ; ảnh quét chưa có tọa độ cũng được."),
    )
    world = forms.FileField(
        label=_("Tệp tọa độ (world file)"),
        required=False,
        help_text=_("Tệp .tfw, .jgw hoặc .pgw đi cùng ảnh, nếu có."),
    )
    name = forms.CharField(label=_("Tên"), max_length=200)
    kind = forms.ChoiceField(label=_("Loại"), choices=Raster.Kind.choices)
    taken_on = forms.DateField(
        label=_("Ngày chụp, ngày lập"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    source = forms.CharField(
        label=_("Nguồn"), max_length=200, help_text=_("Đơn vị chụp, lập hoặc lưu trữ.")
    )
    licence = forms.CharField(label=_("Điều kiện sử dụng"), max_length=200, required=False)
    remark = forms.CharField(label=_("Ghi chú"), max_length=500, required=False)
    owner_org = forms.ModelChoiceField(
        label=_("Đơn vị quản lý"), queryset=Organisation.objects.order_by("name")
    )
    area = forms.ModelChoiceField(label=_("Địa bàn"), queryset=Area.objects.order_by("name"))
    data_class = forms.TypedChoiceField(
        label=_("Mức dữ liệu"),
        choices=DataClassChoices.choices,
        coerce=int,
        initial=DataClass.INTERNAL.value,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area"].initial = Area.objects.filter(kind=Area.Kind.PROVINCE).first()
