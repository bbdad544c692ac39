"""Reading the yearly capital plan and schedules from spreadsheets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sen.domains.projects.models import Task
from sen.domains.projects.services import import_plan, import_schedule
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InvalidInputError
from sen.kernel.imports.importer import (
    FieldKind,
    Importer,
    ImportField,
    ImportOption,
    ImportRow,
    Outcome,
    register,
)

UNITS: Final = {"dong": 1, "trieu": 10**6, "ty": 10**9}


@register
class PlanImporter(Importer):
    kind = "capital-plan"
    title = gettext_lazy("Kế hoạch vốn hằng năm")
    permission = "projects.funding.import"
    fields = (
        ImportField(
            "project", gettext_lazy("Mã dự án"), required=True, aliases=("ma", "ma_da", "du_an")
        ),
        ImportField(
            "source",
            gettext_lazy("Nguồn vốn"),
            required=True,
            aliases=("nguon", "ma_nguon", "ten_nguon_von"),
            help=gettext_lazy("Mã hoặc tên trong danh mục nguồn vốn."),
        ),
        ImportField(
            "year", gettext_lazy("Năm kế hoạch"), FieldKind.INTEGER, aliases=("nam", "nam_kh")
        ),
        ImportField(
            "planned_vnd",
            gettext_lazy("Vốn dự kiến"),
            FieldKind.NUMBER,
            aliases=("nhu_cau", "nhu_cau_von", "von_trung_han", "de_xuat"),
        ),
        ImportField(
            "allocated_vnd",
            gettext_lazy("Vốn được giao"),
            FieldKind.NUMBER,
            aliases=("von_giao", "ke_hoach_von", "ke_hoach_giao", "giao"),
        ),
        ImportField(
            "carried_vnd",
            gettext_lazy("Vốn kéo dài"),
            FieldKind.NUMBER,
            aliases=("keo_dai", "chuyen_nguon"),
        ),
        ImportField("note", gettext_lazy("Ghi chú"), aliases=("ghi_chu",), longest=250),
    )
    options = (
        ImportOption(
            "year",
            gettext_lazy("Năm kế hoạch của cả tệp"),
            help=gettext_lazy("Dùng khi tệp không có cột năm."),
        ),
        ImportOption(
            "unit",
            gettext_lazy("Đơn vị tiền trong tệp"),
            choices={
                "dong": gettext_lazy("đồng"),
                "trieu": gettext_lazy("triệu đồng"),
                "ty": gettext_lazy("tỷ đồng"),
            },
            help=gettext_lazy("Để trống là đồng."),
        ),
    )
    help = gettext_lazy(
        "Mỗi dòng là một dự án, một nguồn vốn, một năm; dòng đã có được cập nhật. "
        "Ô trống giữ nguyên giá trị đang có."
    )

    def apply(
        self, *, actor: Actor, rows: Sequence[ImportRow], options: Mapping[str, str]
    ) -> Outcome:
        year = options.get("year", "")
        if year and not year.isdecimal():
            raise InvalidInputError(
                {"year": _("Năm kế hoạch phải là số, ví dụ 2026; đã nhập “%(v)s”.") % {"v": year}}
            )
        outcome = import_plan(
            actor=actor,
            rows=rows,
            year=int(year) if year else None,
            unit_vnd=UNITS[options.get("unit", "dong")],
        )
        return _labelled(self, outcome)


def _labelled(importer: Importer, outcome: Outcome) -> Outcome:
    """Faults under the labels that people know."""
    for place, fault in enumerate(outcome.faults):
        item = importer.field_named(fault.field)
        if item is not None:
            shown = type(fault)(fault.row, str(item.label), fault.message, fault.value)
            outcome.faults[place] = shown
    return outcome


@register
class ScheduleImporter(Importer):
    kind = "schedule"
    title = gettext_lazy("Tiến độ công việc")
    permission = "projects.task.import"
    fields = (
        ImportField(
            "project",
            gettext_lazy("Mã dự án"),
            aliases=("ma_da", "du_an", "project_code"),
            help=gettext_lazy("Để trống khi cả tệp là của một dự án; ghi mã ở tùy chọn."),
        ),
        ImportField(
            "code",
            gettext_lazy("Số thứ tự"),
            required=True,
            aliases=("stt", "ma", "id", "wbs", "so_tt", "ma_cong_viec"),
            longest=20,
        ),
        ImportField(
            "name",
            gettext_lazy("Tên công việc"),
            aliases=("ten", "cong_viec", "task_name", "hang_muc"),
            longest=250,
        ),
        ImportField(
            "kind",
            gettext_lazy("Loại"),
            FieldKind.CHOICE,
            aliases=("loai_cong_viec",),
            choices=dict(Task.Kind.choices),
        ),
        ImportField(
            "starts_at",
            gettext_lazy("Bắt đầu theo kế hoạch"),
            FieldKind.DATE,
            aliases=("bat_dau", "ngay_bat_dau", "start"),
        ),
        ImportField(
            "ends_at",
            gettext_lazy("Kết thúc theo kế hoạch"),
            FieldKind.DATE,
            aliases=("ket_thuc", "ngay_ket_thuc", "finish"),
        ),
        ImportField(
            "days",
            gettext_lazy("Số ngày"),
            FieldKind.INTEGER,
            aliases=("thoi_gian", "so_ngay_lich", "thoi_luong"),
            help=gettext_lazy("Ngày lịch, dùng khi tệp không có ngày kết thúc."),
        ),
        ImportField(
            "predecessors",
            gettext_lazy("Công việc trước"),
            aliases=("viec_truoc", "predecessors", "rang_buoc"),
            longest=250,
            help=gettext_lazy("Như trong MS Project: 3; 5SS+2d; 7FF-1."),
        ),
        ImportField(
            "expected_at",
            gettext_lazy("Dự kiến kết thúc"),
            FieldKind.DATE,
            aliases=("du_kien",),
        ),
        ImportField("weight", gettext_lazy("Tỷ trọng"), FieldKind.INTEGER, aliases=("ty_trong",)),
    )
    options = (
        ImportOption(
            "project",
            gettext_lazy("Mã dự án của cả tệp"),
            help=gettext_lazy("Dùng khi tệp không có cột mã dự án."),
        ),
    )
    help = gettext_lazy(
        "Mỗi dòng là một công việc hoặc mốc của một dự án; công việc đã có được nhận ra theo số "
        "thứ tự. Ô trống giữ nguyên giá trị đang có."
    )

    def apply(
        self, *, actor: Actor, rows: Sequence[ImportRow], options: Mapping[str, str]
    ) -> Outcome:
        outcome = import_schedule(actor=actor, rows=rows, project=options.get("project", ""))
        return _labelled(self, outcome)
