"""Kinds of records that must reach over their whole road."""

from __future__ import annotations

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from sen.domains.network.selectors.coverage import gaps_and_overlaps
from sen.domains.network.selectors.lrs import label
from sen.kernel.access.context import as_system
from sen.kernel.errors import InvalidInputError

_NAMED = 5


def cover_fault(road_id: int, kind: str) -> str:
    """The gaps of a kind that must cover its road, in words; empty when there are none."""
    with as_system("a gap is a gap whoever may see its neighbours"):
        found = gaps_and_overlaps(
            on=timezone.localdate(), road_ids=[road_id], kinds=[kind], unheld=False
        )
    gaps = [gap for reach in found for gap in reach.gaps]
    if not gaps:
        return ""
    named = ", ".join(f"{label(start)}–{label(end)}" for start, end in gaps[:_NAMED])
    return _("Nội dung này phải phủ kín tuyến; còn hở: %(gaps)s.") % {"gaps": named}


def check_cover(road_id: int, kind: str) -> None:
    """Say in words what the database would refuse at the end of the transaction.

    Raises:
        InvalidInputError: the records leave a gap.
    """
    if text := cover_fault(road_id, kind):
        raise InvalidInputError(
            {"from_m": text},
            hint=_("Hãy kéo dài bản ghi bên cạnh, hoặc ghi giá trị mới đè lên đoạn đó."),
        )
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS network_event_cover IMMEDIATE")
        cursor.execute("SET CONSTRAINTS network_event_cover DEFERRED")
