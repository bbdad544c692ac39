"""What changes the value of an asset on the books: written once, never rewritten."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from sen.domains.stateassets.choices import LEAVING, CardStatus, MovementKind
from sen.domains.stateassets.events import MovementRecorded
from sen.domains.stateassets.models import Card, Movement
from sen.domains.stateassets.rules import BooksFault, Standing, share_lost
from sen.domains.stateassets.selectors import cards
from sen.domains.stateassets.services.checks import (
    PARTS,
    join,
    need_amounts,
    need_day,
    need_open_year,
)
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InputCheck, InvalidInputError
from sen.kernel.events import publish
from sen.kernel.usecase import check_version, use_case
from sen.lib.text import nfc


@use_case("stateassets.movement.add", act="stateassets.record_movement")
def record_movement(
    *,
    actor: Actor,
    card: Card | None = None,
    card_code: str = "",
    kind: str,
    on: date,
    **values: Any,
) -> Movement:
    """Record what changed the value of an asset, with its document.

    What leaves the books takes its whole cost along; what is torn down in part takes along what
    that part had lost, unless it is said.

    Raises:
        InvalidInputError: by field: a closed year, an amount that the books cannot hold.
    """
    if card is None:
        card = cards(actor).filter(code=card_code.strip()).first()
    if card is None:
        raise InvalidInputError(
            {"card_code": _("Không có thẻ số “%(code)s”.") % {"code": card_code}}
        )
    check_version(card, None)
    check = InputCheck()
    if kind not in Movement.MovementKind.values:
        check.add("kind", _("Hãy chọn loại biến động."))
    check.need(
        card.status != CardStatus.CLOSED,
        "card_code",
        _("Tài sản đã ra khỏi sổ."),
    )
    need_day(check, "on", on)
    need_open_year(check, "on", card.owner_org_id, on)
    if on is not None and on < card.in_use_at:
        check.add("on", _("Ngày biến động không được trước ngày đưa vào sử dụng."))
    need_amounts(check, values, (*PARTS, "accumulated_vnd"))
    check.need(str(values.get("document") or "").strip(), "document", _("Hãy ghi số chứng từ."))
    _check_corrects(check, card, kind, values.get("corrects"))
    if not check.fields:
        _check_amounts(check, kind, values)
    check.done()
    return write_movement(card, kind=kind, on=on, values=_completed(card, kind, values))


def write_movement(card: Card, *, kind: str, on: date, values: Mapping[str, Any]) -> Movement:
    """Write a checked movement and carry it into the card.

    Raises:
        InvalidInputError: the books cannot hold it.
    """
    parts = {name: int(values.get(name) or 0) for name in PARTS}
    original, lost = sum(parts.values()), int(values.get("accumulated_vnd") or 0)
    try:
        new = Standing(card.original_vnd, card.accumulated_vnd).moved(original, lost)
    except BooksFault as fault:
        raise InvalidInputError.of("construction_vnd", fault) from fault
    row = Movement(
        card=card,
        kind=kind,
        on=on,
        original_vnd=original,
        accumulated_vnd=lost,
        document=nfc(str(values.get("document") or "")).strip()[:120],
        document_date=values.get("document_date"),
        corrects=values.get("corrects"),
        note=nfc(str(values.get("note") or "")).strip()[:500],
        **parts,
    )
    join(row, card)
    row.save()
    card.original_vnd, card.accumulated_vnd = new.original_vnd, new.accumulated_vnd
    if kind in LEAVING:
        card.status, card.closed_at = CardStatus.CLOSED.value, on
    card.save()
    publish(
        MovementRecorded(
            card_id=card.pk,
            movement_id=row.pk,
            kind=kind,
            original_vnd=original,
            accumulated_vnd=lost,
        ),
        key=card.pk,
        on=row,
    )
    return row


def _check_corrects(check: InputCheck, card: Card, kind: str, corrects: Movement | None) -> None:
    if corrects is not None and corrects.card_id != card.pk:
        check.add("corrects", _("Biến động được điều chỉnh thuộc thẻ khác."))
    if corrects is not None and kind != MovementKind.CORRECTION:
        check.add("corrects", _("Chỉ biến động “Điều chỉnh sai sót” mới trỏ đến biến động khác."))


def _check_amounts(check: InputCheck, kind: str, values: Mapping[str, Any]) -> None:
    original = sum(int(values.get(name) or 0) for name in PARTS)
    lost = int(values.get("accumulated_vnd") or 0)
    if kind in (MovementKind.OPENING, MovementKind.UPGRADE):
        check.need(original > 0, "construction_vnd", _("Nguyên giá tăng phải lớn hơn 0."))
        check.need(
            kind == MovementKind.OPENING or lost == 0,
            "accumulated_vnd",
            _("Nâng cấp không làm đổi hao mòn lũy kế; hãy để trống."),
        )
    elif kind == MovementKind.REMOVAL:
        check.need(
            original < 0, "construction_vnd", _("Hãy ghi số âm: phần nguyên giá bị tháo dỡ.")
        )
        check.need(lost <= 0, "accumulated_vnd", _("Hãy ghi số âm hoặc để trống."))
    elif kind in LEAVING:
        check.need(
            original == 0 and lost == 0,
            "construction_vnd",
            _("Tài sản ra khỏi sổ với toàn bộ giá trị; hãy để trống các số tiền."),
        )
    else:
        check.need(original or lost, "construction_vnd", _("Hãy ghi số tiền tăng hoặc giảm."))


def _completed(card: Card, kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The amounts that follow from the kind."""
    found = dict(values)
    standing = Standing(card.original_vnd, card.accumulated_vnd)
    if kind in LEAVING:
        found |= dict.fromkeys(PARTS, 0)
        found |= {"other_vnd": -card.original_vnd, "accumulated_vnd": -card.accumulated_vnd}
    elif kind == MovementKind.REMOVAL and not found.get("accumulated_vnd"):
        torn = -sum(int(found.get(name) or 0) for name in PARTS)
        found["accumulated_vnd"] = -share_lost(standing, min(torn, card.original_vnd))
    return found
