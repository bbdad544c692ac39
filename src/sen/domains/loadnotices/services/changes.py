"""A load or clearance changed after the publication: a change notice with its deadline."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext as _

from sen.domains.loadnotices.choices import LIMITS, Kind, Status
from sen.domains.loadnotices.data import Posted
from sen.domains.loadnotices.events import ChangeNoted
from sen.domains.loadnotices.models import LimitItem, LoadNotice
from sen.domains.loadnotices.rules import compare
from sen.domains.loadnotices.selectors import collect, current_notice, limits_of
from sen.domains.loadnotices.services.making import count_items, write_items
from sen.domains.norms import api as norms
from sen.kernel.access.context import as_system
from sen.kernel.access.scope import Actor
from sen.kernel.errors import NotFoundError, RuleNotInForceError
from sen.kernel.events import publish
from sen.kernel.usecase import use_case
from sen.lib.workdays import CalendarError

DAYS_NORM: Final = "loads.change-days"
_SPAN_DAYS: Final = 45


@use_case("loadnotices.notice.change", act="loadnotices.note_changes", check_result=False)
def note_changes(
    *,
    actor: Actor,
    asset_ids: Collection[int] = (),
    road_ids: Collection[int] = (),
    on: date | None = None,
) -> LoadNotice | None:
    """Bring the draft of the next change notice in step with what is posted on some subjects.

    What differs from the publication that holds stands in the draft; what does not any more
    leaves it, and an empty draft goes.

    Returns:
        The draft; None where nothing was published yet or nothing differs.
    """
    today = on or timezone.localdate()
    with as_system("every posted limit is compared with what is published") as house:
        held = current_notice(house)
        if held is None:
            return None
        found = collect(house, today, road_ids=set(road_ids), asset_ids=set(asset_ids))
        now = {item.key: item for item in found}
        before = {
            row.key: row
            for row in LimitItem.objects.filter(is_current=True)
            if (row.subject == "ROAD" and row.ref_id in road_ids)
            or (row.subject != "ROAD" and row.ref_id in asset_ids)
        }
        wrong = compare(
            {key: limits_of(row) for key, row in before.items()},
            {key: item.limits for key, item in now.items()},
        )
        draft = _open_draft(house)
        known = {*before, *now}
        if draft is not None:
            LimitItem.objects.filter(notice=draft, key__in=known).delete()
        if not wrong:
            return _without_empty(draft)
        draft = draft or _new_draft(house, held, today)
        posted = [now.get(item.key) or _as_posted(before[item.key]) for item in wrong]
        write_items(draft, posted, {key: limits_of(row) for key, row in before.items()})
        for item in wrong:
            LimitItem.objects.filter(notice=draft, key=item.key).update(
                change=item.change, before=dict(item.before)
            )
        count_items(draft)
        publish(
            ChangeNoted(
                notice_id=draft.pk, keys=tuple(item.key for item in wrong), due_on=draft.due_on
            ),
            key=draft.pk,
            on=draft,
        )
    return draft


def _open_draft(actor: Actor) -> LoadNotice | None:
    rows = LoadNotice.objects.visible_to(actor).select_for_update(of=("self",))
    found: LoadNotice | None = (
        rows.filter(kind=Kind.CHANGE.value, status=Status.DRAFT.value).order_by("id").first()
    )
    return found


def _without_empty(draft: LoadNotice | None) -> LoadNotice | None:
    if draft is None:
        return None
    if not LimitItem.objects.filter(notice=draft).exists():
        draft.delete()
        return None
    count_items(draft)
    return draft


def _new_draft(actor: Actor, held: LoadNotice, today: date) -> LoadNotice:
    start = f"TD-{today.year}-"
    used = LoadNotice.objects.filter(code__startswith=start).values_list("code", flat=True)
    last = max((int(tail) for code in used if (tail := code[len(start) :]).isdecimal()), default=0)
    row = LoadNotice(
        code=f"{start}{last + 1:03d}",
        kind=Kind.CHANGE.value,
        year=today.year,
        name=_("Thông báo thay đổi tải trọng, khổ giới hạn từ ngày %(day)s")
        % {"day": f"{today:%d/%m/%Y}"},
        as_on=today,
        due_on=due_of(today),
        previous=held,
        owner_org_id=held.owner_org_id,
        area_id=held.area_id,
        maker=actor.name,
        is_demo=held.is_demo,
    )
    row.save()
    return row


def due_of(day: date) -> date | None:
    """Until when a change is to be published: so many working days after it."""
    try:
        days = int(norms.ruling(DAYS_NORM, on=day).value)
        return norms.calendar(day, day + timedelta(days=_SPAN_DAYS)).add_working_days(day, days)
    except (NotFoundError, RuleNotInForceError, CalendarError):
        return None


def _as_posted(row: LimitItem) -> Posted:
    """What is gone, as it was last published."""
    return Posted(
        key=row.key,
        subject=row.subject,
        ref_id=row.ref_id,
        code=row.code,
        name=row.name,
        road=row.road,
        road_id=row.road_id,
        from_m=None if row.from_m is None else float(row.from_m),
        to_m=None if row.to_m is None else float(row.to_m),
        manager=row.manager,
        design_load=row.design_load,
        limits={name: value for name in LIMITS if (value := getattr(row, name)) is not None},
        shape=row.geom,
    )
