"""The living style page: every component of the design system with plausible content."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any, Final

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from sen.lib.text import fold

VIETNAM: Final = timezone(timedelta(hours=7))

COLOURS: Final = (
    (_("Nền giấy"), ("paper", "surface", "sunken", "line", "line-strong")),
    (_("Chữ"), ("ink", "ink-2", "ink-3")),
    (_("Xanh đầm sen"), ("pond", "pond-soft", "pond-line", "nav")),
    (_("Hồng sen"), ("lotus", "lotus-soft", "lotus-line")),
    (_("Trạng thái"), ("ok", "info", "warn", "danger")),
)
# Every stacked mark of Vietnamese in one sentence each: the line height must hold them.
DIACRITICS: Final = (
    "Ẫ Ễ Ỗ Ữ Ẵ Ậ Ệ Ộ Ự Ặ · ẫ ễ ỗ ữ ẵ ậ ệ ộ ự ặ",
    "Nghĩa vụ bảo trì quốc lộ, đường tỉnh và đường xã thuộc về Sở Xây dựng.",
)


class SampleForm(forms.Form):
    name = forms.CharField(label=_("Tên cầu"), max_length=200)
    code = forms.CharField(
        label=_("Mã công trình"), help_text=_("Gồm số hiệu đường và số thứ tự, ví dụ QL30-C012.")
    )
    road = forms.ChoiceField(
        label=_("Tuyến đường"),
        choices=[("", _("Chọn tuyến")), ("QL30", "QL.30"), ("DT848", "ĐT.848")],
    )
    built_on = forms.DateField(label=_("Ngày đưa vào khai thác"), widget=forms.DateInput())
    load_t = forms.DecimalField(label=_("Tải trọng cho phép"), required=False)
    kind = forms.ChoiceField(
        label=_("Loại kết cấu"),
        choices=[("btct", _("Bê tông cốt thép")), ("thep", _("Thép")), ("lh", _("Liên hợp"))],
        widget=forms.RadioSelect,
        initial="btct",
    )
    note = forms.CharField(label=_("Ghi chú"), widget=forms.Textarea, required=False)
    photo = forms.FileField(
        label=_("Ảnh hiện trạng"),
        widget=forms.ClearableFileInput(
            attrs={"accept": ".jpg,.png", "data-max-bytes": 10_000_000}
        ),
        required=False,
    )
    public = forms.BooleanField(
        label=_("Công bố trên bản đồ cho người dân"),
        help_text=_("Chỉ chọn khi dữ liệu thuộc loại công khai."),
        required=False,
    )


def _bridges() -> list[dict[str, object]]:
    rows = [
        ("Cầu Cao Lãnh", "CN.CL-01", "Km3+800", "2.010,0", "ok", _("Đang khai thác"), 0),
        ("Cầu Mỹ Thuận", "QL1-C045", "Km2024+550", "1.535,2", "ok", _("Đang khai thác"), 0),
        ("Cầu Sa Đéc 2", "QL80-C007", "Km11+240", "212,6", "warn", _("Hạn chế tải trọng"), 1),
        ("Cầu Cái Tàu Hạ", "QL80-C002", "Km4+015", "98,4", "info", _("Đang sửa chữa"), 0),
        ("Cầu Kênh Xẻo Mát", "DT848-C019", "Km22+730", "36,0", "danger", _("Tạm dừng"), 2),
    ]
    keys = ("name", "code", "km", "length", "tone", "state", "level")
    return [dict(zip(keys, row, strict=True)) for row in rows]


def _sample_form() -> SampleForm:
    wrong = SampleForm({"name": "Cầu Cái Tàu Hạ", "road": "QL30", "kind": "btct"})
    wrong.is_valid()
    wrong.errors.pop("built_on", None)
    wrong.add_error(
        "load_t",
        str(_("Tải trọng 1.300 tấn vượt mức 130 tấn của quy chuẩn; nhập theo tấn, không theo tạ.")),
    )
    return wrong


def sample_context() -> dict[str, Any]:
    noon = datetime(2026, 3, 12, 9, 42, tzinfo=VIETNAM)
    return {
        "colours": COLOURS,
        "diacritics": DIACRITICS,
        "bridges": _bridges(),
        "form": _sample_form(),
        "breadcrumbs": [{"title": _("Hệ thống"), "url": "/ql/"}, {"title": _("Mẫu giao diện")}],
        "tabs": [
            {"title": _("Tổng quan"), "url": "#tab-tong-quan", "active": True},
            {"title": _("Nhịp cầu"), "url": "#tab-tong-quan", "count": 7},
            {"title": _("Ảnh và tài liệu"), "url": "#tab-tong-quan", "count": 24},
            {"title": _("Lịch sử"), "url": "#tab-tong-quan"},
        ],
        "facts": [
            (_("Mã công trình"), "QL80-C007"),
            (_("Tuyến, lý trình"), "QL.80, Km11+240"),
            (_("Xã, phường"), "Phường Sa Đéc"),
            (_("Chiều dài toàn cầu"), "212,6 m"),
            (_("Khổ cầu"), "2 × 5,5 m"),
            (_("Tĩnh không thông thuyền"), ""),
        ],
        "history": [
            {
                "title": _("Đặt biển hạn chế tải trọng 13 tấn"),
                "at": noon,
                "who": "Lê Hữu Phước",
                "text": _("Theo kết quả kiểm định đột xuất tháng 3 năm 2026."),
                "tone": "lotus",
            },
            {"title": _("Cập nhật ảnh hiện trạng"), "at": noon - timedelta(days=9),
             "who": "Trần Thị Ngọc Ánh"},
            {"title": _("Nhập từ sổ đăng ký cầu"), "at": noon - timedelta(days=200),
             "who": _("Hệ thống")},
        ],
        "changes": [
            {"label": _("Tải trọng cho phép"), "before": _("18 tấn"), "after": _("13 tấn")},
            {"label": _("Tình trạng"), "before": _("Khá"), "after": _("Trung bình")},
            {"label": _("Biển P.115"), "before": "", "after": _("Có, hai đầu cầu")},
        ],
        "steps": [_("Chọn tệp"), _("Ghép cột"), _("Kiểm tra"), _("Nhập")],
        "chips": [
            {"label": _("Tuyến"), "value": "QL.80", "remove_url": "#bo-loc"},
            {"label": _("Tình trạng"), "value": _("Hạn chế tải trọng"), "remove_url": "#bo-loc"},
        ],
        "trend": [31, 33, 32, 36, 35, 38, 41, 40, 44, 43, 47, 52],
    }  # fmt: skip


def styleguide(request: HttpRequest) -> HttpResponse:
    return render(request, "sen/styleguide.html", sample_context())


def sample_suggestions(request: HttpRequest) -> JsonResponse:
    """What the type-ahead field of the page offers."""
    wanted = fold(request.GET.get("q", ""))
    names = ("Phường Cao Lãnh", "Phường Sa Đéc", "Xã Mỹ Thọ", "Xã Mỹ Hiệp", "Xã Tân Phú Đông")
    found = [
        {"value": number, "title": name}
        for number, name in enumerate(names, 1)
        if wanted in fold(name)
    ]
    return JsonResponse({"items": found})
