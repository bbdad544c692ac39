"""What is checked on assets: for every type what its catalogue expects, and where it lies."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sen.domains.assets.catalogue import AssetType, asset_types
from sen.domains.assets.choices import Status
from sen.domains.assets.labels import label
from sen.domains.assets.models import Asset
from sen.domains.places.api import units
from sen.kernel.access.scope import ANONYMOUS
from sen.kernel.quality.checks import (
    Check,
    Dimension,
    add_check,
    alive,
    clean_text,
    expected,
)

#: A structure over a boundary river belongs to both banks; boundaries are drawn to some metres.
#: Units: degrees, about 300 m.
BANK_DEG: Final = 0.003
#: A record that nobody touched for longer is no longer trusted.
ALIVE_DAYS: Final = 365
#: An assessment of condition is due each year.
ASSESSED_DAYS: Final = 400
#: Two structures of one kind cannot stand nearer to each other along a road.
APART_M: Final = 1


def _in_use() -> Q:
    return Q(status=Status.IN_USE.value)


def _in_its_commune() -> Q:
    """The commune of the record, where its boundary is known, holds the place."""
    near = units(ANONYMOUS).filter(
        area=OuterRef("area_id"), geom__dwithin=(OuterRef("geom"), BANK_DEG)
    )
    return Q(~Exists(near.order_by()))


def _commune_is_drawn() -> Q:
    drawn = units(ANONYMOUS).filter(area=OuterRef("area_id"), geom__isnull=False)
    return Q(Exists(drawn.order_by()), geom__isnull=False)


def _twins() -> Q:
    twins = Asset._base_manager.filter(
        type=OuterRef("type"),
        road=OuterRef("road_id"),
        side=OuterRef("side"),
        chainage_m__gt=OuterRef("chainage_m") - APART_M,
        chainage_m__lt=OuterRef("chainage_m") + APART_M,
    )
    return Q(Exists(twins.exclude(pk=OuterRef("pk"))))


def declare(kind: AssetType) -> None:
    """The checks of one type, on its own register."""
    register = f"assets.{kind.slug}"
    expected(register, "area", "area_id", _("Có địa bàn xã, phường"))
    expected(register, "owner", "owner_org_id", _("Có đơn vị quản lý"))
    expected(register, "opened-year", "opened_year", _("Có năm đưa vào khai thác"))
    expected(register, "condition", "condition", _("Có tình trạng kỹ thuật"), applies=_in_use)
    for item in kind.attributes:
        if item.expected:
            name = item.name.replace("_", "-")
            expected(register, name, item.path, label(item.label))
    add_check(
        Check(
            register=register,
            name="condition-assessed",
            dimension=Dimension.ALIVE,
            title=_("Tình trạng được đánh giá trong năm"),
            help=_("Ghi kết quả kiểm tra gần nhất."),
            field="condition_at",
            faulty=lambda: (
                Q(condition_at__isnull=True)
                | Q(condition_at__lt=timezone.localdate() - timedelta(days=ASSESSED_DAYS))
            ),
            applies=_in_use,
        )
    )
    alive(register, days=ALIVE_DAYS)
    clean_text(register, "name", _("Tên không có ký tự thừa hoặc lỗi phông"))
    add_check(
        Check(
            register=register,
            name="year-is-past",
            dimension=Dimension.CORRECT,
            title=_("Năm khai thác không ở tương lai"),
            help=_("Sửa năm, hoặc chuyển trạng thái sang đang xây dựng."),
            field="opened_year",
            faulty=lambda: Q(opened_year__gt=timezone.localdate().year),
            applies=lambda: _in_use() & Q(opened_year__isnull=False),
        )
    )
    add_check(
        Check(
            register=register,
            name="in-its-commune",
            dimension=Dimension.CONSISTENT,
            title=_("Vị trí nằm trong xã, phường đã ghi"),
            help=_("Sửa vị trí hoặc địa bàn."),
            field="geom",
            faulty=_in_its_commune,
            applies=_commune_is_drawn,
        )
    )
    add_check(
        Check(
            register=register,
            name="no-twin",
            dimension=Dimension.CLEAN,
            title=_("Không trùng với bản ghi khác ở cùng lý trình"),
            help=_("Gộp hai bản ghi hoặc sửa lý trình."),
            field="chainage_m",
            faulty=_twins,
            applies=lambda: Q(road_id__isnull=False, chainage_m__isnull=False),
        )
    )
    add_check(
        Check(
            register=register,
            name="place-on-road",
            dimension=Dimension.CORRECT,
            title=_("Có lý trình nếu thuộc một tuyến"),
            help=_("Ghi lý trình, hoặc bỏ tuyến nếu công trình không nằm trên đường."),
            field="chainage_m",
            faulty=lambda: Q(chainage_m__isnull=True),
            applies=lambda: Q(road_id=F("road_id")),
        )
    )


for _kind in asset_types:
    declare(_kind)
