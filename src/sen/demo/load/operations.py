"""A year of figures, and shifts of the operations centre, for the demonstration.

Today's figures are those of the province; what lies behind them is drawn from them backwards, the
same on every loading: each figure wanders from where it stood a year ago to where it is.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any, Final

from django.utils import timezone

from sen.domains.operations.models import Shift, ShiftEntry
from sen.kernel.access.actors import actor_for
from sen.kernel.access.context import acting_as, as_system
from sen.kernel.access.models import Area, User
from sen.kernel.access.scope import Actor
from sen.kernel.web.kpi_history import keep_past
from sen.kernel.web.kpis import Figure, figures

DAYS: Final = 365
#: Accounts on whose boards the past is shown.
SEEN_BY: Final = ("lanhdao", "giamdoc", "hatang", "ioc", "xa.caolanh")
HANDOVERS: Final = (
    "Không có việc tồn. Lưu ý theo dõi cầu hạn chế tải trọng trên QL.30 trong giờ cao điểm.",
    "Đã báo đơn vị quản lý kiểm tra biển báo hạn chế tải trọng; chờ phản hồi trước 15 giờ.",
    "Mưa lớn buổi chiều, các bến phà hoạt động bình thường. Tiếp tục theo dõi mực nước.",
)


def load_operations() -> int:
    """Figures of the past year and the shifts of the last days; how many rows."""
    now = timezone.now()
    rows: dict[tuple[str, str, datetime], dict[str, Any]] = {}
    for username in SEEN_BY:
        actor = actor_for(User.objects.get(username=username))
        with acting_as(actor):
            found = figures(actor)
        for figure in found:
            for row in _past(figure, actor, now):
                rows[row["kpi"], row["scope"], row["since"]] = row
    return keep_past(rows.values()) + _shifts(now)


def _past(figure: Figure, actor: Actor, now: datetime) -> Iterator[dict[str, Any]]:
    """Spans of whole days, oldest first; days on which a figure stayed the same are one span."""
    item = figure.kpi
    scope = item.scope_key(actor)
    today = datetime.combine(timezone.localdate(now), time(), timezone.get_current_timezone())
    since, values = today - timedelta(days=DAYS), _wandering(figure)
    day = since
    for place, value in enumerate(values):
        day += timedelta(days=1)
        if place + 1 < len(values) and values[place + 1] == value:
            continue
        yield {"kpi": item.name, "scope": scope, "value": value, "since": since, "until": day}
        since = day


def _wandering(figure: Figure) -> list[float]:
    """The figure of each past day, oldest first."""
    item, present = figure.kpi, float(figure.value)
    dice = random.Random(item.name)  # noqa: S311  the same past on every loading
    drift, wobble = dice.uniform(-0.25, 0.3), 0.0
    found: list[float] = []
    for back in range(1, DAYS + 1):
        wobble = 0.85 * wobble + dice.gauss(0, 0.02)
        value = max(0.0, present * (1 - drift * back / DAYS + wobble))
        value = min(value, 100.0) if item.unit == "%" else value
        found.append(float(round(value)) if present.is_integer() else round(value, 1))
    return found[::-1]


def _shifts(now: datetime) -> int:
    """Twelve-hour shifts of the last week; the present one is open."""
    person = User.objects.get(username="ioc")
    home: dict[str, Any] = {
        "owner_org_id": person.organisation_id,
        "area_id": Area.objects.filter(parent=None).order_by("id")[0].pk,
        "is_demo": True,
    }
    with as_system("shifts of the demonstration"):
        for number in range(7, -1, -1):
            begins = now - timedelta(hours=12 * number + 3)
            is_open = number == 0
            shift = Shift.objects.create(
                post=Shift.Posts.OPERATOR,
                person=person,
                person_name=person.full_name,
                phone="0277 385 0000",
                begins_at=begins,
                ends_at=None if is_open else begins + timedelta(hours=12),
                handover="" if is_open else HANDOVERS[number % len(HANDOVERS)],
                taken_by=None if is_open else person,
                **home,
            )
            ShiftEntry.objects.create(
                shift=shift,
                kind=ShiftEntry.Kinds.EVENT,
                at=begins + timedelta(minutes=40),
                text="Kiểm tra tình trạng các nguồn dữ liệu, tất cả hoạt động bình thường.",
                written_by=person.full_name,
                **home,
            )
    return 16
