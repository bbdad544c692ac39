"""Permits follow what is done to their roads, and routes are compared again with new limits."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from sen.domains.network.choices import Side
from sen.domains.network.ports import Followed, OpenQuestion, RoadChange
from sen.domains.permits.choices import Status
from sen.domains.permits.events import RouteObstructed
from sen.domains.permits.models import Permit, PermitLeg
from sen.domains.permits.selectors import check_route, in_force, legs_of, vehicle_of
from sen.domains.permits.services.placing import route_shape
from sen.kernel.access.context import as_system
from sen.kernel.access.scope import Actor
from sen.kernel.events import publish
from sen.kernel.usecase import use_case

_TURNED: Final = {Side.LEFT.value: Side.RIGHT.value, Side.RIGHT.value: Side.LEFT.value}
#: Permits in these states still mean a place on the road.
_LIVING: Final = (Status.RECEIVED.value, Status.ISSUED.value, Status.EXPIRED.value)


class PermitFollower:
    """Permits as the network knows them: re-aligned, split, joined, turned, closed roads."""

    @property
    def title(self) -> str:
        return str(_("Giấy phép"))

    def follow(self, *, actor: Actor, change: RoadChange) -> Followed:
        """Carry stretches over to what they are called now."""
        with as_system("permits follow their road, whoever owns them"):
            carried, questions = 0, []
            for row in Permit.objects.filter(road_id=change.road_id, status__in=_LIVING):
                if row.from_m is None:
                    continue
                if question := _question(change, row):
                    questions.append(question)
                elif _carry(row, change):
                    if change.piece_at(float(row.from_m)).turned:
                        row.side = _TURNED.get(row.side, row.side)
                    row.save()
                    carried += 1
            for leg in PermitLeg.objects.filter(road_id=change.road_id):
                if _carry(leg, change):
                    leg.save()
                    carried += 1
        return Followed(carried, questions)

    def decide(
        self, *, actor: Actor, subject_id: int, choice: str, payload: Mapping[str, Any]
    ) -> None:
        """Take a permit off its road, or leave it as it is."""
        if choice != "OFF":
            return
        with as_system("a permit is placed as was decided"):
            row = Permit.objects.filter(pk=subject_id).first()
            if row is not None:
                row.road_id = row.from_m = row.to_m = None
                row.save()


def _question(change: RoadChange, row: Permit) -> OpenQuestion | None:
    first = change.piece_at(float(row.from_m or 0))
    last = first if row.to_m is None else change.piece_at(float(row.to_m))
    if first.settled and last is first and not change.is_abolished:
        return None
    return OpenQuestion(
        subject_id=row.pk,
        title=str(row),
        reason=_("Đoạn đường của giấy phép nay đi hướng khác, bị cắt hoặc bị bãi bỏ."),
        choices={
            "STAY": _("Giữ nguyên lý trình ghi trên giấy phép"),
            "OFF": _("Tách khỏi tuyến, giữ vị trí trên bản đồ"),
        },
        road_id=first.road_id,
        url=f"/ql/permits/all/{row.pk}/",
    )


def _carry(row: Permit | PermitLeg, change: RoadChange) -> bool:
    """Give a stretch its new road and labels; whether anything changed."""
    if row.from_m is None:
        return False
    piece = change.piece_at(float(row.from_m))
    if piece.is_same(change.road_id) or not piece.settled:
        return False
    row.road_id = piece.road_id
    first = Decimal(f"{piece.at(float(row.from_m)):.1f}")
    last = None if row.to_m is None else Decimal(f"{piece.at(float(row.to_m)):.1f}")
    is_route = isinstance(row, PermitLeg)
    if last is not None and last < first and not is_route:
        first, last = last, first
    row.from_m, row.to_m = first, last
    return True


@use_case("permits.permit.change", act="permits.recheck_routes", check_result=False)
def recheck_routes(*, actor: Actor, road_ids: tuple[int, ...], reason: str = "") -> int:
    """Compare permits in force whose routes use some roads with what is posted there now.

    Returns:
        How many of them have more obstacles than they were issued with.
    """
    today = timezone.localdate()
    worse = 0
    with as_system("routes are compared again, whoever owns the permits"):
        through = PermitLeg.objects.filter(road_id__in=road_ids).values("permit_id")
        for row in Permit.objects.select_for_update(of=("self",)).filter(
            in_force(today), pk__in=through
        ):
            legs = legs_of(row)
            found = check_route(legs=legs, vehicle=vehicle_of(row), on=today)
            count = len(found.obstacles)
            if count == row.obstacles:
                continue
            is_worse = count > row.obstacles
            row.obstacles = count
            row.geom = route_shape(legs)
            row.save()
            if is_worse:
                worse += 1
                publish(
                    RouteObstructed(
                        permit_id=row.pk,
                        code=row.code,
                        number=row.number,
                        obstacles=tuple(item.title for item in found.obstacles[:20]),
                    ),
                    key=row.pk,
                    on=row,
                )
    return worse
