"""How limits are written for people and files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sen.domains.loadnotices.choices import LIMITS
from sen.domains.loadnotices.models import LimitItem
from sen.domains.network import api as network
from sen.kernel.numbers import number_text

WORDS: Final = {
    "load_limit_t": gettext_lazy("tải trọng"),
    "load_limit_rigid_t": gettext_lazy("xe thân liền"),
    "load_limit_semi_t": gettext_lazy("sơ mi rơ moóc"),
    "load_limit_trailer_t": gettext_lazy("xe kéo rơ moóc"),
    "axle_limit_t": gettext_lazy("tải trọng trục"),
    "clearance_m": gettext_lazy("chiều cao"),
    "width_m": gettext_lazy("chiều rộng"),
}


def limits_text(limits: Mapping[str, float]) -> str:
    """``tải trọng 13 t; chiều cao 4,2 m``."""
    parts = [
        f"{WORDS[name]} {number_text(limits[name])} {name[-1]}"
        for name in LIMITS
        if limits.get(name) is not None
    ]
    return "; ".join(parts) or _("không hạn chế")


def place_text(row: LimitItem) -> str:
    """``QL.30 Km5+000`` or ``QL.30 Km0+000 – Km12+000``."""
    ends = [network.label(float(end)) for end in (row.from_m, row.to_m) if end is not None]
    return f"{row.road} {' – '.join(ends)}".strip()


def heads() -> list[str]:
    """Headers of files, in the order of :func:`cells_of`."""
    return [
        _("Đối tượng"),
        _("Mã"),
        _("Tên"),
        _("Tuyến"),
        _("Từ lý trình"),
        _("Đến lý trình"),
        *(f"{WORDS[name]} ({name[-1]})".capitalize() for name in LIMITS),
        _("Tải trọng thiết kế"),
        _("So với công bố trước"),
        _("Trị số trước"),
        _("Đơn vị quản lý đường"),
    ]


def cells_of(row: LimitItem) -> list[Any]:
    """One item as a row of a file."""
    ends = ["" if end is None else network.label(float(end)) for end in (row.from_m, row.to_m)]
    return [
        row.get_subject_display(),
        row.code,
        row.name,
        row.road,
        *ends,
        *(getattr(row, name) for name in LIMITS),
        row.design_load,
        row.get_change_display(),
        limits_text(row.before) if row.before else "",
        row.manager,
    ]


def plain(row: LimitItem) -> dict[str, Any]:
    """One item for programs."""
    return {
        "key": row.key,
        "subject": row.subject,
        "code": row.code,
        "name": row.name,
        "road": row.road,
        "from_m": None if row.from_m is None else float(row.from_m),
        "to_m": None if row.to_m is None else float(row.to_m),
        **{name: getattr(row, name) for name in LIMITS},
        "is_limited": row.is_limited,
        "change": row.change,
        "before": row.before,
        "manager": row.manager,
    }


def shown(rows: Iterable[LimitItem]) -> list[dict[str, Any]]:
    """Items as tables show them."""
    return [
        {
            "row": row,
            "place": place_text(row),
            "limits": limits_text({name: getattr(row, name) for name in LIMITS}),
            "before": limits_text(row.before) if row.change in ("CHANGED", "GONE") else "",
        }
        for row in rows
    ]
