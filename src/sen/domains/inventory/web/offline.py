"""What phones send of their rounds."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from sen.domains.inventory.data import RecordInput
from sen.domains.inventory.services import receive_record
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InvalidInputError
from sen.kernel.offline.queues import Entry, queue


@queue("inventory.record")
def take(*, actor: Actor, entry: Entry) -> dict[str, Any]:
    """One record of a round."""
    row = receive_record(actor=actor, given=_given(entry))
    return {"state": row.state, "conflict": row.conflict, "record": row.pk}


def _given(entry: Entry) -> RecordInput:
    """The record in an entry.

    Raises:
        InvalidInputError: it is of another form.
    """
    body = entry.body
    base, values = body.get("base") or {}, body.get("values") or {}
    try:
        if not isinstance(base, dict) or not isinstance(values, dict):
            raise TypeError("values are named")
        return RecordInput(
            key=entry.id,
            campaign_id=int(body["campaign"]),
            visit_id=None if body.get("visit") is None else int(body["visit"]),
            outcome=str(body["outcome"]),
            recorded_at=entry.made_at,
            asset_type=str(body.get("type") or ""),
            base_version=_number(body.get("base_version"), int),
            base=base,
            values=values,
            note=str(body.get("note") or ""),
            lon=_number(body.get("lon"), float),
            lat=_number(body.get("lat"), float),
            accuracy_m=_number(body.get("accuracy_m"), float),
            photos=tuple(entry.files),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInputError({"body": _("Bản ghi từ thiết bị bị hỏng.")}) from error


def _number(value: Any, kind: type[Any]) -> Any:
    return None if value is None else kind(value)
