"""Reading the yearly capital plan from spreadsheets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sen.domains.projects.services import import_plan
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
        for place, fault in enumerate(outcome.faults):
            item = self.field_named(fault.field)
            if item is not None:
                shown = type(fault)(fault.row, str(item.label), fault.message, fault.value)
                outcome.faults[place] = shown
        return outcome
