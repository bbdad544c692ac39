"""The publications of loads and clearances of last year and this year."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Final

from django.utils import timezone

from sen.demo.load.foundation import Ground
from sen.domains.loadnotices import api as loadnotices
from sen.domains.loadnotices.data import Posted
from sen.kernel.access.scope import Actor

#: Of works with a limit, every so many bore less a year ago, and every so many were not there.
WAS_LOWER: Final = 9
WAS_MISSING: Final = 70


def load_notices(actor: Actor, ground: Ground) -> int:
    """Two publications that went through all steps; the later says what changed."""
    today = timezone.localdate()
    now = loadnotices.collect(actor, today)
    last = today.year if today >= date(today.year, 3, 15) else today.year - 1
    for year, items in ((last - 1, list(_a_year_ago(now))), (last, now)):
        row = loadnotices.take_over_notice(
            actor=actor,
            year=year,
            as_on=date(year, 3, 10),
            owner_org=ground.org("SXD"),
            area=ground.province,
            items=items,
            is_demo=True,
        )
        row = loadnotices.check_notice(actor=actor, row=row, version=None)
        row = loadnotices.approve_notice(actor=actor, row=row, version=None)
        loadnotices.publish_notice(
            actor=actor,
            row=row,
            version=None,
            number=f"{31 + year % 7}/CB-SXD",
            on=date(year, 3, 14),
        )
    return 2


def _a_year_ago(now: list[Posted]) -> list[Posted]:
    found = []
    limited = 0
    for place, item in enumerate(now, 1):
        if place % WAS_MISSING == 0:
            continue
        load = item.limits.get("load_limit_t")
        limited += load is not None
        if load is not None and limited % WAS_LOWER == 0:
            found.append(replace(item, limits={**item.limits, "load_limit_t": max(1.0, load - 3)}))
        else:
            found.append(item)
    return found
