"""Making publications out of the database, and taking former ones over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from sen.domains.loadnotices.choices import LIMITS, Change, Kind, Status
from sen.domains.loadnotices.data import Posted
from sen.domains.loadnotices.models import LimitItem, LoadNotice
from sen.domains.loadnotices.rules import compare, day_of_year
from sen.domains.loadnotices.selectors import collect, current_items, current_notice, limits_of
from sen.domains.network import api as network
from sen.domains.norms import api as norms
from sen.kernel.access.context import as_system
from sen.kernel.access.models import Area, Organisation
from sen.kernel.access.scope import Actor, DataClass
from sen.kernel.errors import ConflictError, InputCheck, NotFoundError, RuleNotInForceError
from sen.kernel.usecase import check_version, use_case

DAY_NORM: Final = "loads.publication-day"
_BATCH: Final = 500


@use_case("loadnotices.notice.add", act="loadnotices.generate_notice")
def generate_notice(
    *,
    actor: Actor,
    year: int,
    as_on: date,
    owner_org: Organisation,
    area: Area,
    note: str = "",
    is_demo: bool = False,
) -> LoadNotice:
    """The yearly publication as a draft, out of what is posted on a day.

    Raises:
        InvalidInputError: by field: a day ahead, a year that has its publication already.
    """
    row = _begin(actor, year, as_on, owner_org, area, note, is_demo)
    row.previous = current_notice(actor)
    row.save()
    before = {item.key: limits_of(item) for item in current_items(actor)}
    write_items(row, collect(actor, as_on), before)
    return row


@use_case("loadnotices.notice.add", act="loadnotices.take_over_notice")
def take_over_notice(
    *,
    actor: Actor,
    year: int,
    as_on: date,
    owner_org: Organisation,
    area: Area,
    items: Iterable[Posted],
    is_demo: bool = False,
) -> LoadNotice:
    """A draft with items from elsewhere: publications made before the platform.

    Raises:
        InvalidInputError: by field.
    """
    row = _begin(actor, year, as_on, owner_org, area, "", is_demo)
    row.previous = current_notice(actor)
    row.save()
    before = {item.key: limits_of(item) for item in current_items(actor)}
    write_items(row, list(items), before)
    return row


@use_case("loadnotices.notice.change", act="loadnotices.refresh_notice")
def refresh_notice(
    *,
    actor: Actor,
    row: LoadNotice,
    version: int | None,
    reason: str = "",
    as_on: date | None = None,
    note: str | None = None,
    **_fixed: Any,
) -> LoadNotice:
    """Make a draft anew out of the database as it is now, or as on another day.

    Raises:
        ConflictError: somebody changed it meanwhile, or it is no draft any more.
        InvalidInputError: the day lies ahead.
    """
    check_version(row, version)
    need_draft(row)
    check = InputCheck()
    _check_day(check, as_on or row.as_on)
    check.done()
    row.as_on = as_on or row.as_on
    row.note = row.note if note is None else note
    if row.kind == Kind.YEARLY:
        row.previous = current_notice(actor)
        before = {item.key: limits_of(item) for item in current_items(actor)}
        LimitItem.objects.visible_to(actor).filter(notice=row).delete()
        write_items(row, collect(actor, row.as_on), before)
    else:
        row.save()
    return row


@use_case("loadnotices.notice.delete", act="loadnotices.delete_notice")
def delete_notice(*, actor: Actor, row: LoadNotice, version: int | None, reason: str) -> None:
    """Take out a draft; what was published stays.

    Raises:
        ConflictError: somebody changed it meanwhile, or it is no draft.
    """
    check_version(row, version)
    need_draft(row)
    row.delete()


def need_draft(row: LoadNotice) -> None:
    """Refuse what is no draft any more.

    Raises:
        ConflictError: it is past its draft.
    """
    if row.status != Status.DRAFT:
        raise ConflictError(
            _("Công bố ở trạng thái “%(status)s” nên không sửa được.")
            % {"status": row.get_status_display()},
            hint=_("Nếu chưa công bố, hãy trả về dự thảo; đã công bố thì ra thông báo thay đổi."),
        )


def _begin(
    actor: Actor,
    year: int,
    as_on: date,
    owner_org: Organisation,
    area: Area,
    note: str,
    is_demo: bool,
) -> LoadNotice:
    check = InputCheck()
    check.need(2000 <= int(year) <= 2100, "year", _("Năm phải từ 2000 đến 2100."))
    _check_day(check, as_on)
    code = f"CB-{int(year)}-{owner_org.code}"[:40]
    with as_system("a code is taken whoever may see its publication"):
        if LoadNotice.objects.filter(code=code).exists():
            check.add("year", _("Năm này đã có công bố hoặc dự thảo; hãy mở bản đó."))
    check.done()
    return LoadNotice(
        code=code,
        kind=Kind.YEARLY.value,
        year=int(year),
        name=_("Công bố tải trọng, khổ giới hạn của đường bộ năm %(year)s") % {"year": year},
        as_on=as_on,
        due_on=_due(int(year)),
        owner_org=owner_org,
        area=area,
        maker=actor.name,
        maker_id=actor.id,
        note=note,
        is_demo=is_demo,
    )


def _check_day(check: InputCheck, day: date) -> None:
    check.need(day <= timezone.localdate(), "as_on", _("Ngày lấy số liệu không được ở tương lai."))


def _due(year: int) -> date | None:
    try:
        return day_of_year(year, str(norms.ruling(DAY_NORM, on=date(year, 1, 1)).value))
    except (NotFoundError, RuleNotInForceError):
        return None


def write_items(
    row: LoadNotice, found: Sequence[Posted], before: Mapping[str, Mapping[str, float]]
) -> None:
    """Write what a draft says, each item with how it differs from what holds."""
    shapes = _shapes(found)
    # A whole publication is compared; a road that nothing limits is no news.
    now = {item.key: item.limits for item in found}
    differing = {item.key: item for item in compare(before, now)} if before else {}
    rows = [
        LimitItem(
            notice=row,
            key=item.key,
            subject=item.subject,
            ref_id=item.ref_id,
            code=item.code,
            name=item.name[:250],
            road=item.road[:60],
            road_id=item.road_id,
            from_m=_tenths(item.from_m),
            to_m=_tenths(item.to_m),
            design_load=item.design_load,
            manager=item.manager[:200],
            is_limited=item.is_limited,
            change=differing[item.key].change if item.key in differing else Change.SAME.value,
            before=dict(differing[item.key].before) if item.key in differing else {},
            geom=shape,
            owner_org_id=row.owner_org_id,
            area_id=row.area_id,
            data_class=DataClass.INTERNAL.value,
            is_demo=row.is_demo,
            **{name: item.limits.get(name) for name in LIMITS},
        )
        for item, shape in zip(found, shapes, strict=True)
    ]
    LimitItem.objects.bulk_create(rows, batch_size=_BATCH)
    count_items(row, gone=sum(1 for item in differing.values() if item.change == Change.GONE))


def count_items(row: LoadNotice, *, gone: int = 0) -> None:
    """Figures of a publication that its lists show."""
    with as_system("a publication counts all of its items"):
        rows = LimitItem.objects.filter(notice=row)
        row.items = rows.count()
        row.limited = rows.filter(is_limited=True).count()
        row.differing = rows.exclude(change=Change.SAME.value).count() + gone
        row.save()
        # Written twice in one act: the next act is given the version of the second time.
        row.refresh_from_db(fields=["version"])


def _shapes(found: Sequence[Posted]) -> list[Any]:
    """Places of works, lines of stretches: all lines in one question."""
    stretches = [
        (item.road_id, item.from_m or 0.0, item.to_m)
        for item in found
        if item.shape is None and item.road_id is not None and item.to_m is not None
    ]
    lines = iter(
        network.lines_between(stretches=[(road, a, b) for road, a, b in stretches if b is not None])
    )
    return [
        next(lines)
        if item.shape is None and item.road_id is not None and item.to_m is not None
        else item.shape
        for item in found
    ]


def _tenths(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(f"{value:.1f}")
