"""How every operation on a road runs: one transaction, one report, nothing silently lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from django.contrib.gis.geos import LineString
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sen.domains.network.choices import OperationKind
from sen.domains.network.events import RoadChanged, RoadReshaped, RouteEventsChanged
from sen.domains.network.models import Decision, Road, RoadOperation, RouteVersion
from sen.domains.network.ports import OpenQuestion, RoadChange, road_followers
from sen.domains.network.selectors.lrs import label
from sen.domains.network.services.calibration import calibrate, count_lengths
from sen.domains.network.services.operations import records, shared
from sen.domains.network.services.roads import spread_road
from sen.kernel.access.context import as_system
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InvalidInputError
from sen.kernel.events import publish

#: Pictures of lines are for eyes: a metre is enough, and a long road stays a small text.
_PICTURE_DEG: Final = 1e-5
POST: Final = "network.kmpost"


@dataclass(slots=True)
class Work:
    """An operation under way. ``reshape`` writes lines and posts, and returns roads to calibrate.

    ``changes`` say for each road how its old labels are called afterwards; ``touched`` are all
    roads whose line, ends or description change.
    """

    actor: Actor
    kind: OperationKind
    road: Road
    title: str
    valid_from: date
    basis: str
    touched: Sequence[Road]
    reshape: Callable[[], Iterable[Road]]
    changes: Sequence[RoadChange] = ()
    questions: list[tuple[str, OpenQuestion]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def check_day(valid_from: date, roads: Iterable[Road]) -> None:
    """An operation holds from a day on that is not to come and not before the last calibration.

    Raises:
        InvalidInputError: it does not.
    """
    if valid_from > timezone.localdate():
        raise InvalidInputError(
            {"valid_from": _("Ngày áp dụng chưa đến; hãy ghi thao tác khi quyết định có hiệu lực.")}
        )
    with as_system("calibrations of a road that is changed"):
        since = RouteVersion.objects.filter(
            road__in=[road.pk for road in roads], valid_to=None
        ).values_list("valid_from", flat=True)
        latest = max(since, default=None)
    if latest is not None and valid_from < latest:
        raise InvalidInputError(
            {
                "valid_from": _(
                    "Tuyến đã được hiệu chỉnh từ ngày %(day)s; hãy chọn ngày áp dụng không sớm hơn."
                )
                % {"day": latest.strftime("%d/%m/%Y")}
            }
        )


def run(work: Work) -> RoadOperation:
    """Do it; returns the operation with its report.

    Raises:
        InvalidInputError: posts or lines contradict each other; nothing is written.
    """
    with as_system("what lies on a road follows it whoever owns it"):
        return _run(work)


def _run(work: Work) -> RoadOperation:
    operation = _begin(work)
    changes = [_of(change, operation) for change in work.changes]
    detail: dict[str, Any] = {
        "before": _pictures(work.touched),
        "pieces": [_piece_rows(change) for change in changes],
    }
    planned = [(change, records.detach(change)) for change in changes]
    roads = list(work.reshape())
    wrong = calibrate(
        [road.pk for road in roads], work.valid_from, note=work.title[:200], tell=False
    )
    if wrong:
        codes = {road.pk: road.label for road in roads}
        raise InvalidInputError(
            {"road": [f"{codes[pk]}: {text}" for pk, text in wrong.items()]},
            hint=_("Hãy sửa cọc hoặc hình tuyến rồi thực hiện lại."),
        )
    touched = [*work.touched, *(road for road in roads if road not in work.touched)]
    for road in touched:
        road.refresh_from_db()
    spread_road([road.pk for road in touched])
    _carry_all(work, changes, planned, detail)
    count_lengths([road.pk for road in touched])
    detail["after"] = _pictures(touched)
    detail["remarks"] = work.remarks
    detail["questions"] = _ask(operation, work)
    operation.detail = detail
    operation.save()
    _tell(work, operation, changes, touched)
    return operation


def _begin(work: Work) -> RoadOperation:
    road = work.road
    operation = RoadOperation(
        road=road,
        kind=work.kind.value,
        title=work.title[:300],
        valid_from=work.valid_from,
        basis=work.basis,
        owner_org_id=road.owner_org_id,
        area_id=road.area_id,
        data_class=max(road.data_class, 1),
        is_demo=road.is_demo,
    )
    operation.save()
    return operation


def _of(change: RoadChange, operation: RoadOperation) -> RoadChange:
    return RoadChange(
        operation_id=operation.pk,
        kind=change.kind,
        road_id=change.road_id,
        road=change.road,
        valid_from=change.valid_from,
        pieces=change.pieces,
        owner_from=change.owner_from,
        owner_to=change.owner_to,
        is_abolished=change.is_abolished,
    )


def _carry_all(
    work: Work,
    changes: Sequence[RoadChange],
    planned: Sequence[tuple[RoadChange, list[records.Planned]]],
    detail: dict[str, Any],
) -> None:
    """Records, concurrency and the things of other domains, in this order."""
    lines: list[dict[str, Any]] = []
    for change, plans in planned:
        done = records.attach(change, plans)
        lines += done.lines
        work.questions += [(records.SUBJECT, question) for question in done.questions]
        targets = {change.road_id} | {piece.road_id for piece in change.pieces}
        for road_id in targets if done.kinds else ():
            publish(
                RouteEventsChanged(road_id=road_id, kinds=tuple(sorted(done.kinds))),
                key=road_id,
                on=work.road,
            )
    roads = {piece.road_id for change in changes for piece in change.pieces}
    stretched = [] if any(change.is_abolished for change in changes) else records.close_gaps(roads)
    shared_count = 0
    followed: dict[str, int] = {}
    for change in changes:
        moved, questions = shared.carry_shared(change)
        shared_count += moved
        work.questions += [(shared.SUBJECT, question) for question in questions]
        for name in road_followers.names():
            result = road_followers[name].follow(actor=work.actor, change=change)
            followed[name] = followed.get(name, 0) + result.carried
            work.questions += [(name, question) for question in result.questions]
    detail["records"] = lines
    detail["stretched"] = stretched
    detail["shared"] = shared_count
    detail["followed"] = [
        {"title": str(road_followers[name].title), "count": count}
        for name, count in followed.items()
    ]


def _ask(operation: RoadOperation, work: Work) -> list[dict[str, Any]]:
    rows = [
        Decision(
            operation=operation,
            road_id=question.road_id,
            subject=subject,
            subject_id=question.subject_id,
            title=question.title[:300],
            url=question.url,
            reason=question.reason[:400],
            choices=dict(question.choices),
            payload=dict(question.payload),
            owner_org_id=operation.owner_org_id,
            area_id=operation.area_id,
            data_class=operation.data_class,
            is_demo=operation.is_demo,
        )
        for subject, question in work.questions
    ]
    Decision.objects.bulk_create(rows)
    return [
        {"title": row.title, "reason": row.reason, "choices": list(row.choices.values())}
        for row in rows
    ]


def _tell(
    work: Work,
    operation: RoadOperation,
    changes: Sequence[RoadChange],
    touched: Sequence[Road],
) -> None:
    for change in changes:
        publish(
            RoadReshaped(
                operation_id=operation.pk,
                operation=work.kind.value,
                road_id=change.road_id,
                valid_from=change.valid_from,
                pieces=tuple(
                    (p.from_m, p.to_m, p.road_id, p.new_from, p.new_to, p.settled)
                    for p in change.pieces
                ),
            ),
            key=change.road_id,
            on=work.road,
        )
    for road in touched:
        publish(RoadChanged(road_id=road.pk, code=road.code, created=False), key=road.pk, on=road)


def _pictures(roads: Iterable[Road]) -> list[dict[str, Any]]:
    """Roads as they are now: name, ends, length, and the line for the eye."""
    shown: list[dict[str, Any]] = []
    for road in roads:
        shape = None if road.geom is None else road.geom.simplify(_PICTURE_DEG)
        line = list(shape.coords) if isinstance(shape, LineString) else []
        shown.append(
            {
                "id": road.pk,
                "name": str(road),
                "label": road.label,
                "status": road.status,
                "owner": road.owner_org.name,
                "start": None if road.start_m is None else label(float(road.start_m)),
                "end": None if road.end_m is None else label(float(road.end_m)),
                "length_m": None if road.length_m is None else float(road.length_m),
                "line": [[round(x, 6), round(y, 6)] for x, y in line],
            }
        )
    return shown


def _piece_rows(change: RoadChange) -> dict[str, Any]:
    return {
        "road": change.road,
        "rows": [
            {
                "from": label(piece.from_m),
                "to": label(piece.to_m),
                "road_id": piece.road_id,
                "new_from": label(piece.new_from),
                "new_to": label(piece.new_to),
                "settled": piece.settled,
            }
            for piece in change.pieces
        ],
    }


class _Undo(Exception):  # noqa: N818  no error: the way back out of a preview
    def __init__(self, operation: RoadOperation) -> None:
        self.operation = operation


def preview(operation: Callable[..., RoadOperation], values: Mapping[str, Any]) -> RoadOperation:
    """Run an operation to its end, and undo it: what is shown is what would be.

    Raises:
        SenError: the operation would be refused.
    """
    try:
        with transaction.atomic():
            raise _Undo(operation(**values))
    except _Undo as undone:
        return undone.operation
