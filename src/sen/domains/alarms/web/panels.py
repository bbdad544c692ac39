"""An alarm's page, a rule's page, and open alarms on the pages of what they concern."""

from __future__ import annotations

from datetime import timedelta
from functools import partial, reduce
from operator import or_
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sen.domains.alarms import services
from sen.domains.alarms.choices import TRANSITIONS, Act, RuleKind, RuleStatus, State
from sen.domains.alarms.models import Alarm, AlarmGroup, Rule, SeverityChoices
from sen.domains.alarms.selectors import alarms_of, entries_of, similar_to, statistics
from sen.domains.alarms.web.curves import levels_and_alarms
from sen.domains.alarms.web.resources import RULE_TONES, SEVERITY_TONES, STATE_TONES
from sen.domains.alarms.web.structures import DAYS as CAPACITY_DAYS
from sen.domains.alarms.web.structures import capacities, learned
from sen.domains.alarms.web.texts import levels_of, settings_of
from sen.domains.assets import api as assets
from sen.domains.telemetry import api as telemetry
from sen.kernel.access.models import ScopedModel
from sen.kernel.files.models import Attachment
from sen.kernel.files.services import attached
from sen.kernel.web.register.links import WORK, base_of
from sen.kernel.web.register.panels import PanelBody, PanelContext, panel

SHOWN: Final = 20
PICTURES: Final = 3
#: How much of the curve is shown on both sides of the raising.
AROUND: Final = timedelta(hours=12)
_STEPS: Final = (
    _("Mới báo"),
    _("Đã tiếp nhận"),
    _("Hết điều kiện"),
    _("Đã đóng"),
)
_AT: Final = {
    State.RAISED: 1,
    State.ESCALATED: 1,
    State.SHELVED: 1,
    State.ACKNOWLEDGED: 2,
    State.CLEARED: 3,
    State.CLOSED: 5,
}
_RIGHTS: Final = {
    Act.ACKNOWLEDGE: "acknowledge",
    Act.SHELVE: "shelve",
    Act.UNSHELVE: "shelve",
    Act.ESCALATE: "escalate",
    Act.CLOSE: "close",
}

telemetry.curve_part(levels_and_alarms)


@panel("alarms.alarms", title=_("Xử lý"), order=-20, wide=True)
def handling(page: PanelContext) -> PanelBody | None:
    """Cause in words, what to check, and what this person may do."""
    row = page.row
    if not isinstance(row, Alarm):
        return None
    works = base_of(page.request) == WORK
    state = State(row.state)
    may = {
        act.value.lower(): works
        and (state, act) in TRANSITIONS
        and page.actor.scope(Alarm.access, right).allows(row)
        for act, right in _RIGHTS.items()
    }
    if row.acknowledged_at is not None:
        may["acknowledge"] = False
    now = timezone.localtime()
    return PanelBody(
        "alarms/handling.html",
        {
            "row": row,
            "rule": row.rule,
            "steps": _STEPS,
            "step": _AT[state],
            "may": may,
            "may_note": works and page.actor.scope(Alarm.access, "acknowledge").allows(row),
            "url": f"/ql/alarms/canh-bao/{row.pk}/",
            "until": (now + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M"),
            "tone": SEVERITY_TONES[row.severity],
            "state_tone": STATE_TONES[row.state],
            "base": base_of(page.request),
        },
    )


@panel("alarms.alarms", title=_("Diễn biến quanh lúc báo"), order=-15, wide=True)
def curve(page: PanelContext) -> PanelBody | None:
    """The curve of the stream around the raising."""
    row = page.row
    if not isinstance(row, Alarm) or row.datastream_id is None:
        return None
    end = min(row.last_at + AROUND, timezone.now())
    span = end - (row.first_at - AROUND)
    context = {
        "row": row,
        "end": end.isoformat(),
        "span": f"{max(int(span.total_seconds() // 3_600), 1)}h",
        "base": base_of(page.request),
    }
    return PanelBody("alarms/curve.html", context)


def _limits(page: PanelContext) -> QuerySet[Rule]:
    return Rule.objects.visible_to(page.actor).filter(
        datastream_id=getattr(page.row, "datastream_id", None) or 0,
        kind=RuleKind.THRESHOLD.value,
        status=RuleStatus.IN_FORCE.value,
        definition__has_key="reference",
    )


@panel("alarms.alarms", title=_("Nơi lắp đặt"), order=-12, asks={"limits": _limits})
def place(page: PanelContext) -> PanelBody | None:
    """Pictures of the mounting or of the work, and how much of the design is used there."""
    row = page.row
    if not isinstance(row, Alarm):
        return None
    seen = telemetry.Datastream.objects.visible_to(page.actor)
    stream = seen.select_related("thing__asset").filter(pk=row.datastream_id or 0).first()
    asset = row.asset if stream is None else stream.thing.asset
    if stream is None and asset is None:
        return None
    slug = "" if asset is None else assets.type_of(asset.type).slug
    places: list[tuple[ScopedModel, str]] = []
    if stream is not None:
        places.append((stream.thing, "telemetry.things"))
    if asset is not None:
        places.append((asset, f"assets.{slug}"))
    limits = _limits(page).select_related("datastream") if page.has("limits") else ()
    context = {
        "row": row,
        "stream": stream,
        "asset": asset,
        "asset_url": f"{base_of(page.request)}assets/{slug}/{asset.pk}/" if asset else "",
        "pictures": _pictures(page, places),
        "capacities": capacities(page.actor, limits),
        "days": CAPACITY_DAYS,
        "base": base_of(page.request),
    }
    return PanelBody("alarms/place.html", context)


def _pictures(page: PanelContext, places: list[tuple[ScopedModel, str]]) -> list[Attachment]:
    """Pictures of the first of the places that has some, read at once."""
    asked = [
        attached(actor=page.actor, row=row, register=register)
        for row, register in places
        if page.actor.scope(row.access).allows(row)
    ]
    if not asked:
        return []
    rows = reduce(or_, asked).filter(file__is_image=True).select_related("file").order_by("id")
    found = [item for item in rows[:SHOWN] if item.file.is_clean]
    for _row, register in places:
        of_place = [item for item in found if item.register == register]
        if of_place:
            return of_place[:PICTURES]
    return []


@panel("alarms.alarms", title=_("Nhật ký xử lý"), order=10)
def log(page: PanelContext) -> PanelBody | None:
    """What happened to the alarm, step by step."""
    if not isinstance(page.row, Alarm):
        return None
    return PanelBody("alarms/log.html", {"rows": list(entries_of(page.row)[:100])})


@panel("alarms.alarms", title=_("Cảnh báo tương tự"), order=20, wide=True)
def similar(page: PanelContext) -> PanelBody | None:
    """Earlier alarms of the stream and of the rule."""
    if not isinstance(page.row, Alarm):
        return None
    rows = similar_to(page.actor, page.row).select_related("rule").defer("geom", "search")
    found = list(rows[: SHOWN + 1])
    if not found:
        return None
    context = _context(page, found) | {"with_end": True}
    return PanelBody("alarms/open.html", context)


def _members(page: PanelContext) -> QuerySet[Alarm]:
    return Alarm.objects.visible_to(page.actor).filter(group_id=page.row.pk)


@panel("alarms.groups", title=_("Cảnh báo trong đợt"), order=-10, wide=True)
def members(page: PanelContext) -> PanelBody | None:
    """The alarms of a group, with one button for those that nobody has taken."""
    if not isinstance(page.row, AlarmGroup):
        return None
    rows = _members(page).defer("geom", "search").order_by("-severity", "-raised_at")
    found = list(rows[: SHOWN + 1])
    waiting = [r for r in found if r.acknowledged_at is None]
    may = base_of(page.request) == WORK and page.actor.may("alarms.alarm.acknowledge")
    context = _context(page, found)
    context["url"] = f"/ql/alarms/dot/{page.row.pk}/tiep-nhan/" if may and waiting else ""
    return PanelBody("alarms/open.html", context)


def _of(page: PanelContext, *, by: str) -> QuerySet[Alarm]:
    return alarms_of(page.actor, **{by: page.row.pk})


@panel(
    "assets.asset",
    title=_("Cảnh báo đang mở"),
    order=-9,
    wide=True,
    asks={"alarms": partial(_of, by="asset_id")},
)
def of_asset(page: PanelContext) -> PanelBody | None:
    """Open alarms of a work."""
    return _listed(page, _of(page, by="asset_id")) if page.has("alarms") else None


@panel(
    "network.roads",
    title=_("Cảnh báo đang mở"),
    order=-5,
    asks={"alarms": partial(_of, by="road_id")},
)
def of_road(page: PanelContext) -> PanelBody | None:
    """Open alarms along a road."""
    return _listed(page, _of(page, by="road_id")) if page.has("alarms") else None


@panel(
    "telemetry.datastream",
    title=_("Cảnh báo đang mở"),
    order=-12,
    wide=True,
    asks={"alarms": partial(_of, by="datastream_id")},
)
def of_stream(page: PanelContext) -> PanelBody | None:
    """Open alarms of a stream."""
    return _listed(page, _of(page, by="datastream_id")) if page.has("alarms") else None


def _listed(page: PanelContext, rows: QuerySet[Alarm]) -> PanelBody | None:
    found = list(rows.defer("geom", "search")[: SHOWN + 1])
    return PanelBody("alarms/open.html", _context(page, found)) if found else None


def _context(page: PanelContext, found: list[Alarm]) -> dict[str, Any]:
    return {
        "rows": [
            {"row": row, "tone": SEVERITY_TONES[row.severity], "state": STATE_TONES[row.state]}
            for row in found[:SHOWN]
        ],
        "has_more": len(found) > SHOWN,
        "base": base_of(page.request),
    }


@panel("alarms.rules", title=_("Nội dung và hiệu lực"), order=-20, wide=True)
def ruling(page: PanelContext) -> PanelBody | None:
    """What the rule says, which revisions there are, and what this person may do with it."""
    row = page.row
    if not isinstance(row, Rule):
        return None
    works = base_of(page.request) == WORK
    may_approve = works and page.actor.scope(Rule.access, "approve").allows(row)
    may_change = works and page.actor.scope(Rule.access, "change").allows(row)
    others = Rule.objects.visible_to(page.actor).filter(code=row.code).exclude(pk=row.pk)
    is_draft, is_held = row.status == RuleStatus.DRAFT, row.status == RuleStatus.IN_FORCE
    context = {
        "row": row,
        "tone": RULE_TONES[row.status],
        "levels": levels_of(row),
        "settings": settings_of(row),
        "others": list(others.order_by("-revision")[:SHOWN]),
        "url": f"/ql/alarms/quy-tac/{row.pk}/",
        "may_enforce": may_approve and is_draft,
        "may_retire": may_approve and is_held,
        "may_revise": may_change and not is_draft,
        "may_try": works and row.kind != Rule.Kind.COMPOUND,
        "base": base_of(page.request),
    }
    return PanelBody("alarms/ruling.html", context)


@panel("alarms.rosters", title=_("Kết quả 30 ngày qua"), order=10)
def figures(page: PanelContext) -> PanelBody | None:
    """How alarms went that this person may see."""
    found = statistics(page.actor, since=timezone.now() - timedelta(days=30))
    context = {"found": found, "severities": SeverityChoices.choices}
    return PanelBody("alarms/figures.html", context)


def _rules_of(page: PanelContext) -> QuerySet[Rule]:
    return Rule.objects.visible_to(page.actor).filter(
        Q(kind=RuleKind.PATTERN.value) | Q(kind=RuleKind.THRESHOLD.value),
        datastream__thing__asset_id=page.row.pk,
        status=RuleStatus.IN_FORCE.value,
        definition__has_key="template",
    )


def _streams_of(page: PanelContext) -> QuerySet[telemetry.Datastream]:
    return telemetry.Datastream.objects.visible_to(page.actor).filter(
        thing__asset_id=page.row.pk, is_active=True
    )


@panel(
    "assets.asset",
    title=_("Giám sát kết cấu"),
    order=-4,
    wide=True,
    asks={"watching": _rules_of, "watched": _streams_of},
)
def watching(page: PanelContext) -> PanelBody | None:
    """What was learned of the streams of a work, and how much of its design is used."""
    is_work = base_of(page.request) == WORK
    kind = getattr(page.row, "type", "")
    if not services.has_templates(asset_type=kind) or not page.has("watched"):
        return None
    may_open = is_work and page.actor.may("alarms.rule.view")
    rows: list[Rule] = []
    if page.has("watching"):
        rows = list(_rules_of(page).select_related("datastream").order_by("datastream__code"))
    if not rows and not may_open:
        return None
    context = {
        "baselines": [
            {
                "stream": row.datastream,
                "unit": telemetry.unit_text(row.datastream.unit if row.datastream else ""),
                "model": model,
                "row": row,
            }
            for row in rows
            if (model := learned(row.definition)) is not None
        ],
        "capacities": capacities(page.actor, rows),
        "days": CAPACITY_DAYS,
        "url": f"/ql/alarms/giam-sat/{page.row.pk}/" if may_open else "",
        "base": base_of(page.request),
    }
    return PanelBody("alarms/watching.html", context)
