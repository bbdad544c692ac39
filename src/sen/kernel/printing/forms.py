"""The form of a printed map."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sen.kernel.access.scope import Actor
from sen.kernel.geo.layers import visible_layers
from sen.kernel.geo.pictures import visible_pictures
from sen.kernel.printing.frame import HOME_SRIDS
from sen.kernel.printing.furniture import scale_text
from sen.kernel.printing.paper import ORIENTATIONS, SCALES, SIZES_MM
from sen.lib.vn2000 import SRIDS


class PrintForm(forms.Form):
    """What a sheet shows; the names are the parameters of its address."""

    tieude = forms.CharField(label=_("Tiêu đề"), max_length=160, required=False)
    phude = forms.CharField(label=_("Phụ đề"), max_length=160, required=False)
    kho = forms.ChoiceField(label=_("Khổ giấy"), choices=[(one, one) for one in SIZES_MM])
    huong = forms.ChoiceField(label=_("Hướng giấy"), choices=list(ORIENTATIONS.items()))
    tyle = forms.ChoiceField(label=_("Tỷ lệ"))
    tam = forms.CharField(
        label=_("Tâm bản đồ"), help_text=_("Kinh độ, vĩ độ (WGS 84)."), max_length=60
    )
    luoi = forms.ChoiceField(
        label=_("Lưới tọa độ"),
        choices=[
            ("vn2000", _("VN-2000 (mét)")),
            ("wgs84", _("WGS 84 (độ, phút, giây)")),
            ("ca-hai", _("Cả hai")),
            ("khong", _("Không")),
        ],
    )
    he = forms.ChoiceField(label=_("Kinh tuyến trục"), required=False)
    lop = forms.MultipleChoiceField(
        label=_("Lớp bản đồ"), required=False, widget=forms.CheckboxSelectMultiple
    )
    anh = forms.MultipleChoiceField(
        label=_("Ảnh nền"), required=False, widget=forms.CheckboxSelectMultiple
    )
    bang = forms.ChoiceField(label=_("Bảng thuộc tính kèm theo"), required=False)
    nguoilap = forms.CharField(label=_("Người lập"), max_length=160, required=False)
    odau = forms.ChoiceField(
        label=_("Ô xác nhận của cơ quan"), choices=[("1", _("Có")), ("0", _("Không"))]
    )
    vua = forms.CharField(required=False, widget=forms.HiddenInput)
    doctheo = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, actor: Actor, scale: int, fit: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scales = sorted({*SCALES, scale})
        known: list[tuple[str, Any]] = [(str(one), scale_text(one)) for one in scales]
        if fit:
            known.insert(0, ("vua", _("Vừa phạm vi")))
        self._offer("tyle", known)
        self._offer(
            "he",
            [("", _("Gần nhất")), *[(str(one), SRIDS[one].meridian_text) for one in HOME_SRIDS]],
        )
        shown = [(one.name, one.title) for one in visible_layers(actor) if not one.basemap]
        self._offer("lop", shown)
        self._offer("bang", [("", _("Không kèm")), *shown])
        pictures = [(one.id, one.title) for one in visible_pictures(actor)]
        self._offer("anh", pictures)
        if not pictures:
            del self.fields["anh"]

    def _offer(self, name: str, choices: list[tuple[str, Any]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]
