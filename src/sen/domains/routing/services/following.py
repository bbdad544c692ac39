"""Turn rules follow what is done to their roads."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from sen.domains.network import api as network
from sen.domains.network.ports import Followed, OpenQuestion, Piece, RoadChange
from sen.domains.routing.choices import Heading
from sen.domains.routing.models import TurnRule
from sen.domains.routing.services.turns import MEET_M, place_turn
from sen.kernel.access.context import as_system
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InvalidInputError


class TurnFollower:
    """Turn rules as the network knows them."""

    @property
    def title(self) -> str:
        return str(_("Cấm rẽ"))

    def follow(self, *, actor: Actor, change: RoadChange) -> Followed:
        """Carry the rules of a road over, in the transaction of the operation."""
        carried, questions = 0, []
        touched = Q(from_road_id=change.road_id) | Q(to_road_id=change.road_id)
        open_ones = Q(valid_to=None) | Q(valid_to__gt=change.valid_from)
        with as_system("turn rules follow their roads, whoever may see them"):
            for row in TurnRule.objects.filter(touched, open_ones):
                if self._carry(row, change):
                    carried += 1
                else:
                    questions.append(_question(row, change))
        return Followed(carried, questions)

    def _carry(self, row: TurnRule, change: RoadChange) -> bool:
        if change.is_abolished or not all(piece.settled for piece in _pieces(row, change)):
            return False
        if row.from_road_id == change.road_id:
            piece = change.piece_at(float(row.at_m))
            row.at_m = Decimal(f"{piece.at(float(row.at_m)):.3f}")
            row.from_road_id = piece.road_id
            if piece.turned:
                row.heading = Heading(row.heading).other.value
        if row.to_road_id == change.road_id:
            # A cut at the junction leaves the turn on the half into which one drives.
            ahead = 1.0 if row.to_heading == Heading.UP else -1.0
            row.to_road_id = change.piece_at(float(row.to_m) + ahead).road_id
        try:
            place_turn(row)
        except InvalidInputError:
            return False
        row.save()
        return True

    def decide(
        self, *, actor: Actor, subject_id: int, choice: str, payload: Mapping[str, Any]
    ) -> None:
        """End a rule, or leave it to whoever enters it anew.

        Raises:
            InvalidInputError: never.
        """
        with as_system("a turn rule is ended as was decided"):
            row = TurnRule.objects.filter(pk=subject_id).first()
            if row is not None and choice == "END":
                today = timezone.localdate()
                if row.valid_from >= today:
                    row.delete()
                else:
                    row.valid_to = today
                    row.save()


def _pieces(row: TurnRule, change: RoadChange) -> list[Piece]:
    places = [(row.from_road_id, row.at_m), (row.to_road_id, row.to_m)]
    return [change.piece_at(float(m)) for road, m in places if road == change.road_id]


def _question(row: TurnRule, change: RoadChange) -> OpenQuestion:
    return OpenQuestion(
        subject_id=row.pk,
        title=row.title,
        reason=_("Nút giao của chỉ dẫn này không còn ở chỗ cũ từ ngày %(day)s.")
        % {"day": change.valid_from.strftime("%d/%m/%Y")},
        choices={
            "EDIT": _("Còn áp dụng: sẽ ghi lại vị trí nút giao"),
            "END": _("Không còn áp dụng: kết thúc hôm nay"),
        },
        road_id=change.pieces[0].road_id,
        url=f"/ql/routing/turns/{row.pk}/sua/",
    )


def follow_calibration(*, road_id: int) -> None:
    """The junctions of a road stay where they are when its chainage is measured anew."""
    with as_system("turn rules keep their junctions"):
        for row in TurnRule.objects.filter(Q(from_road_id=road_id) | Q(to_road_id=road_id)):
            lon, lat = list(row.geom.coords)[1]
            found = network.chainage_of(lon=lon, lat=lat, road=row.from_road_id, within_m=MEET_M)
            if found is None:
                continue
            row.at_m = Decimal(f"{found.chainage_m:.3f}")
            try:
                place_turn(row)
            except InvalidInputError:
                continue  # the rule stays as it was; the graph no longer finds its junction
            row.save()
