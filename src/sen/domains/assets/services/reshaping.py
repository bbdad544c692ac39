"""Assets follow what is done to their road as a whole: re-aligned, split, joined, turned, closed.

An asset does not move because its road is called otherwise: it keeps its point and gets its new
road and chainage. Where the road itself lies elsewhere now, a person says what becomes of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from sen.domains.assets.choices import LocatedBy, Status
from sen.domains.assets.events import AssetMoved
from sen.domains.assets.models import Asset
from sen.domains.assets.selectors import roads_by_id
from sen.domains.assets.services.assets import refresh_keys, take_place
from sen.domains.assets.services.placing import Wanted, place_all
from sen.domains.network.choices import Side
from sen.domains.network.ports import Followed, OpenQuestion, Piece, RoadChange
from sen.kernel.access.context import as_system
from sen.kernel.access.scope import Actor, system
from sen.kernel.errors import InvalidInputError
from sen.kernel.events import publish

_TURNED: Final = {Side.LEFT.value: Side.RIGHT.value, Side.RIGHT.value: Side.LEFT.value}
_BATCH: Final = 1000
_FIELDS: Final = (
    "road",
    "chainage_m",
    "to_chainage_m",
    "side",
    "owner_org",
    "located_by",
    "location_key",
    "keywords",
)


def follow_change(change: RoadChange) -> Followed:
    """Carry the assets of a road over to what their places are called now."""
    with as_system("assets follow their road, whoever owns them") as actor:
        rows = list(
            Asset.objects.filter(road_id=change.road_id).exclude(status=Status.REMOVED.value)
        )
        roads = roads_by_id(actor, {piece.road_id for piece in change.pieces} | {change.road_id})
        questions: list[OpenQuestion] = []
        moved: list[Asset] = []
        for row in rows:
            question = _question(change, row)
            if question is not None:
                questions.append(question)
            if _hand_over(row, change) | (question is None and _carry(row, change)):
                refresh_keys(row, roads.get(row.road_id or 0))
                moved.append(row)
        Asset.objects.bulk_update(moved, _FIELDS, batch_size=_BATCH)
        for row in moved:
            _tell(row)
    return Followed(len(moved), questions)


def _hand_over(row: Asset, change: RoadChange) -> bool:
    if change.owner_to is None or row.owner_org_id != change.owner_from:
        return False
    row.owner_org_id = change.owner_to
    return True


def _carry(row: Asset, change: RoadChange) -> bool:
    """Give an asset its new road and chainage; whether anything changed."""
    if row.chainage_m is None:
        return False
    piece = change.piece_at(float(row.chainage_m))
    if piece.is_same(change.road_id):
        return False
    row.road_id = piece.road_id
    first = _tenths(piece.at(float(row.chainage_m)))
    last = None if row.to_chainage_m is None else _tenths(piece.at(float(row.to_chainage_m)))
    if piece.turned:
        row.side = _TURNED.get(row.side, row.side)
        if last is not None:
            first, last = last, first
    row.chainage_m, row.to_chainage_m = first, last
    return True


def _tenths(value: float) -> Decimal:
    return Decimal(f"{value:.1f}")


def _question(change: RoadChange, row: Asset) -> OpenQuestion | None:
    if row.chainage_m is None:
        return None
    piece = change.piece_at(float(row.chainage_m))
    if change.is_abolished:
        return _ask(
            change,
            row,
            piece,
            _("Tuyến bị bãi bỏ từ ngày %(day)s.") % {"day": f"{change.valid_from:%d/%m/%Y}"},
            {"STAY": _("Giữ gắn với tuyến đã bãi bỏ"), "OFF": _("Tách khỏi tuyến, giữ vị trí")},
        )
    last = piece if row.to_chainage_m is None else change.piece_at(float(row.to_chainage_m))
    if piece.settled and last is piece:
        return None
    choices = {
        "STAY": _("Ở nguyên vị trí, tính lại lý trình theo tuyến mới"),
        "OFF": _("Tách khỏi tuyến: nằm trên đoạn đường cũ"),
    }
    if not piece.settled:
        choices["MOVE"] = _("Dời theo tuyến mới đến lý trình tương ứng")
    return _ask(
        change, row, piece, _("Công trình đứng ở đoạn mà tuyến nay đi hướng khác."), choices
    )


def _ask(
    change: RoadChange, row: Asset, piece: Piece, reason: str, choices: Mapping[str, str]
) -> OpenQuestion:
    return OpenQuestion(
        subject_id=row.pk,
        title=f"{row.name or row.code} ({row.code})",
        reason=reason,
        choices=choices,
        road_id=piece.road_id,
        url=f"/ql/assets/all/{row.pk}/",
        payload={"road_id": piece.road_id, "chainage_m": piece.at(float(row.chainage_m or 0))},
    )


def decide_asset(*, asset_id: int, choice: str, payload: Mapping[str, Any]) -> None:
    """Do with an asset what was chosen for it.

    Raises:
        InvalidInputError: it cannot be placed so.
    """
    with as_system("an asset is placed as was decided"):
        row = Asset.objects.filter(pk=asset_id).first()
        if row is None:
            return
        if choice == "OFF":
            row.road_id = row.chainage_m = row.to_chainage_m = None
            row.located_by = LocatedBy.SURVEY.value
            refresh_keys(row, None)
        elif choice == "STAY" and row.geom is not None:
            _place(row, payload, by_point=True)
        elif choice == "MOVE":
            _place(row, payload, by_point=False)
        row.save()
        _tell(row)


def _place(row: Asset, payload: Mapping[str, Any], *, by_point: bool) -> None:
    actor = system("place an asset anew")
    road = roads_by_id(actor, [int(payload["road_id"])]).get(int(payload["road_id"]))
    wanted = Wanted(
        kind=row.kind,
        road=road,
        chainage_m=None if by_point else float(payload["chainage_m"]),
        side="" if by_point else row.side,
        shape=row.geom if by_point else None,
        area_id=row.area_id if by_point else None,
    )
    placed = place_all(actor=actor, wanted=[wanted])[0]
    if placed.faults:
        raise InvalidInputError(
            {"choice": list(placed.faults.values())},
            hint=_("Hãy chọn phương án khác, hoặc sửa vị trí của công trình trước."),
        )
    take_place(row, placed)


def _tell(row: Asset) -> None:
    chainage = None if row.chainage_m is None else float(row.chainage_m)
    publish(
        AssetMoved(
            asset_id=row.pk,
            asset_type=row.type,
            code=row.code,
            road_id=row.road_id,
            chainage_m=chainage,
        ),
        key=row.pk,
        on=row,
    )


class AssetFollower:
    """Assets as the network knows them."""

    @property
    def title(self) -> str:
        return str(_("Công trình, tài sản"))

    def follow(self, *, actor: Actor, change: RoadChange) -> Followed:
        """Carry the assets of a road over, in the transaction of the operation."""
        return follow_change(change)

    def decide(
        self, *, actor: Actor, subject_id: int, choice: str, payload: Mapping[str, Any]
    ) -> None:
        """Do with an asset what was chosen for it."""
        decide_asset(asset_id=subject_id, choice=choice, payload=payload)
