"""Stretches that two roads share, under an operation on one of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from django.db.models import Q
from django.utils.translation import gettext as _

from sen.domains.network.models import Concurrency
from sen.domains.network.ports import OpenQuestion, RoadChange
from sen.domains.network.services.concurrency import concurrency_title
from sen.domains.network.services.operations.pieces import Part, carry, is_untouched

SUBJECT: Final = "network.concurrency"


def carry_shared(change: RoadChange) -> tuple[int, list[OpenQuestion]]:
    """Carry declared concurrency over; what does not lie in one piece is asked about."""
    day = change.valid_from
    rows = Concurrency.objects.filter(
        Q(bearing_id=change.road_id) | Q(borne_id=change.road_id),
        Q(valid_to=None) | Q(valid_to__gt=day),
    ).select_related("bearing", "borne")
    moved = 0
    questions: list[OpenQuestion] = []
    for row in rows:
        parts = _parts(change, row)
        if is_untouched(parts, change.road_id):
            continue
        if len(parts) == 1 and parts[0].settled and not change.is_abolished:
            _move(row, change, parts[0], day)
            moved += 1
        else:
            _end(row, day)
            questions.append(_question(change, row))
    return moved, questions


def _parts(change: RoadChange, row: Concurrency) -> list[Part]:
    if row.bearing_id == change.road_id:
        return carry(change.pieces, float(row.from_m), float(row.to_m))
    low, high = sorted((float(row.borne_from_m), float(row.borne_to_m)))
    return carry(change.pieces, low, high)


def _end(row: Concurrency, day: date) -> None:
    if row.valid_from >= day:
        row.delete()
        return
    row.valid_to = day
    row.save()


def _move(row: Concurrency, change: RoadChange, part: Part, day: date) -> None:
    """The same stretch under its new labels, from the day on."""
    low, high = Decimal(f"{part.from_m:.3f}"), Decimal(f"{part.to_m:.3f}")
    borne_ends: Sequence[Decimal] = (row.borne_from_m, row.borne_to_m)
    new = Concurrency(
        bearing_id=row.bearing_id,
        borne_id=row.borne_id,
        from_m=row.from_m,
        to_m=row.to_m,
        valid_from=max(day, row.valid_from),
        valid_to=row.valid_to,
        note=row.note,
        owner_org_id=row.owner_org_id,
        area_id=row.area_id,
        data_class=row.data_class,
        is_demo=row.is_demo,
    )
    _end(row, day)
    if row.bearing_id == change.road_id:
        new.bearing_id, new.from_m, new.to_m = part.road_id, low, high
        flipped = part.turned
    else:
        new.borne_id = part.road_id
        falls = borne_ends[1] < borne_ends[0]
        borne_ends = (high, low) if falls != part.turned else (low, high)
        flipped = False
    new.borne_from_m, new.borne_to_m = reversed(borne_ends) if flipped else borne_ends
    new.title = concurrency_title(new)
    new.save()


def _question(change: RoadChange, row: Concurrency) -> OpenQuestion:
    return OpenQuestion(
        subject_id=row.pk,
        title=row.title,
        reason=_(
            "Đoạn đi trùng bị cắt hoặc nằm ở vị trí mới từ ngày %(day)s; khai báo cũ đã được kết "
            "thúc vào ngày đó."
        )
        % {"day": change.valid_from.strftime("%d/%m/%Y")},
        choices={
            "DECLARED": _("Đã khai báo lại đoạn đi trùng"),
            "NONE": _("Không còn đi trùng"),
        },
        road_id=change.pieces[0].road_id,
    )
