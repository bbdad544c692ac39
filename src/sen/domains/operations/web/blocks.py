"""Parts of the board beside the figures: quality of data, who is on duty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.core.cache import cache
from django.db.models import Q
from django.utils import timezone

from sen.domains.operations.models import Shift
from sen.kernel.access.scope import Actor
from sen.kernel.live.topics import topics
from sen.kernel.quality.checks import registers_with_checks
from sen.kernel.quality.keeping import past_of
from sen.kernel.web.kpis import in_order

REUSE_S: Final = 300
WORST: Final = 8
#: From which score on a data set is good, and from which on it is passable.
GOOD, PASSABLE = 95, 80


@dataclass(frozen=True, slots=True)
class QualityLine:
    """One data set with its newest kept score.

    Units:
        ``score``: percent, 100 without a fault.
    """

    title: str
    url: str
    score: float
    faulty: int
    on: date

    @property
    def tone(self) -> str:
        return "ok" if self.score >= GOOD else "warn" if self.score >= PASSABLE else "danger"


def quality_lines(actor: Actor, moment: datetime | None) -> Sequence[QualityLine]:
    """The data sets that need most, as counted on the last day by the moment."""
    on = timezone.localdate(moment) if moment else timezone.localdate()
    lines: list[QualityLine] = []
    for resource in registers_with_checks():
        if not resource.may(actor, "view"):
            continue
        key = f"ioc-quality:{resource.key}:{on}:{actor.scope(resource.rule).digest}"
        known = cache.get(key)
        if known is None:
            past = [item for item in past_of(resource, actor, on, days=1) if item.total is not None]
            known = (past[-1].total, past[-1].faulty, past[-1].on) if past else ()
            cache.set(key, known, REUSE_S)
        if known:
            score, faulty, day = known
            url = f"/ql/chat-luong/{resource.path}/"
            lines.append(QualityLine(str(resource.title), url, score, faulty, day))
    lines.sort(key=lambda line: line.score)
    return lines[:WORST]


def on_duty(actor: Actor, moment: datetime | None) -> list[Shift]:
    """Who is, or was, on duty."""
    if not actor.may("operations.shift.view"):
        return []
    at = moment or timezone.now()
    rows = Shift.objects.visible_to(actor).filter(begins_at__lte=at)
    return list(rows.filter(Q(ends_at=None) | Q(ends_at__gt=at)).order_by("post", "begins_at")[:6])


def live_topics(actor: Actor, names: Sequence[str] = ()) -> list[str]:
    """Streams after which the board is read anew, of those that the actor may hear."""
    wanted = dict.fromkeys([*names, *(name for item in in_order() for name in item.live)])
    return [
        name
        for name in wanted
        if (topic := topics.get(name)) is not None and actor.scope(topic.access_rule()).clauses
    ]
