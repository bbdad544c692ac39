"""Entering cards, confirming and dropping proposals, changing what describes an asset."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext as _

from sen.domains.assets import api as assets
from sen.domains.network import api as network
from sen.domains.projects import api as projects
from sen.domains.stateassets.choices import KIND_OF_TYPE, CardStatus, MovementKind, Origin
from sen.domains.stateassets.events import CardOpened
from sen.domains.stateassets.models import Card, Charge, KindChoices
from sen.domains.stateassets.services.checks import (
    PARTS,
    code_taken,
    need_amounts,
    need_day,
    need_open_year,
)
from sen.domains.stateassets.services.movements import write_movement
from sen.kernel.access.context import as_system
from sen.kernel.access.filling import fill
from sen.kernel.access.models import ScopedModel
from sen.kernel.access.scope import Actor
from sen.kernel.access.tracking import is_new
from sen.kernel.errors import ConflictError, InputCheck
from sen.kernel.events import publish
from sen.kernel.usecase import check_version, use_case
from sen.lib.chainage import format_chainage

#: What describes the asset; amounts come by movements alone.
DESCRIBING: Final = (
    "code",
    "name",
    "kind",
    "origin",
    "from_m",
    "to_m",
    "quantity",
    "unit",
    "in_use_at",
    "recorded_at",
    "charged_through",
    "owner_org",
    "area",
    "data_class",
    "note",
    "is_demo",
)
OPENING: Final = (*PARTS, "accumulated_vnd", "document", "document_date")
#: What the day of a later entry may no longer change.
_FIXED_ON_BOOKS: Final = ("in_use_at", "recorded_at", "charged_through", "kind", "owner_org")


@use_case("stateassets.card.add", act="stateassets.create_card")
def create_card(*, actor: Actor, asset_code: str = "", road_code: str = "", **values: Any) -> Card:
    """Put a state asset on the books with its original cost and what it had lost before.

    Raises:
        InvalidInputError: by field.
    """
    opening: dict[str, Any] = {name: values.pop(name) for name in OPENING if name in values}
    row = Card(status=CardStatus.ACTIVE.value)
    check = InputCheck()
    _put_subject(row, actor, asset_code, road_code, check)
    _describe(row, values, check)
    need_open_year(check, "recorded_at", row.owner_org_id, row.recorded_at)
    need_amounts(check, opening, (*PARTS, "accumulated_vnd"))
    check.need(
        sum(opening.get(name) or 0 for name in PARTS) > 0,
        "construction_vnd",
        _("Hãy ghi nguyên giá: ít nhất một khoản chi phí."),
    )
    check.need(
        str(opening.get("document") or "").strip(), "document", _("Hãy ghi số chứng từ ghi sổ.")
    )
    check.done()
    row.save()
    write_movement(row, kind=MovementKind.OPENING.value, on=row.recorded_at, values=opening)
    _tell(row)
    return row


@use_case("stateassets.card.change", act="stateassets.update_card")
def update_card(
    *, actor: Actor, row: Card, version: int | None, reason: str = "", **values: Any
) -> Card:
    """Change what describes an asset; dates and kind only before its first charge.

    Raises:
        ConflictError: somebody changed it after the form was opened.
        InvalidInputError: by field.
    """
    check_version(row, version)
    check = InputCheck()
    before = {name: getattr(row, name) for name in _FIXED_ON_BOOKS}
    if {"asset_code", "road_code"} & values.keys():
        asset_code, road_code = values.pop("asset_code", ""), values.pop("road_code", "")
        _put_subject(row, actor, asset_code or "", road_code or "", check)
    _describe(row, values, check)
    changed = [name for name in _FIXED_ON_BOOKS if getattr(row, name) != before[name]]
    if changed and row.status != CardStatus.PROPOSED and _is_charged(row):
        for name in changed:
            check.add(name, _("Thẻ đã tính hao mòn theo giá trị này; hãy ghi điều chỉnh."))
    check.done()
    row.save()
    return row


@use_case("stateassets.card.add", act="stateassets.propose_card")
def propose_card(*, actor: Actor, work_id: int, asset_id: int | None) -> Card | None:
    """Propose a card for a work that was handed over, with the value of the work as its cost.

    Nothing is proposed for what is on the books already: its upgrade is a movement that a person
    records.
    """
    work = projects.work_by_id(actor=actor, work_id=work_id)
    asset = assets.assets(actor).filter(pk=asset_id).first() if asset_id else None
    if work is None or (asset is not None and _has_card(asset.pk)):
        return None
    kind = KIND_OF_TYPE.get(asset.type) if asset is not None else None
    day = work.handed_over_at or work.finished_at
    if kind is None or day is None or asset is None:
        return None
    row = Card(
        status=CardStatus.PROPOSED.value,
        code=f"TS-{asset.code}"[:60],
        name=asset.name,
        kind=kind.value,
        origin=Origin.INVESTMENT.value,
        asset=asset,
        work=work,
        road_id=asset.road_id,
        in_use_at=day,
        recorded_at=day,
        owner_org_id=asset.owner_org_id,
        area_id=asset.area_id,
        is_demo=asset.is_demo,
    )
    if code_taken(row, row.code):
        row.code = f"{row.code[:50]}-{work.pk}"
    row.save()
    value = work.value_vnd or 0
    if value > 0:
        write_movement(
            row,
            kind=MovementKind.OPENING.value,
            on=day,
            values={
                "construction_vnd": value,
                "document": _("Bàn giao công trình %(code)s") % {"code": work.code},
                "document_date": day,
            },
        )
    _tell(row)
    return row


@use_case("stateassets.card.change", act="stateassets.confirm_card")
def confirm_card(*, actor: Actor, row: Card, version: int | None, reason: str = "") -> Card:
    """Put a proposed card on the books.

    Raises:
        ConflictError: it is no proposal, has no cost, or somebody changed it.
    """
    check_version(row, version)
    if row.status != CardStatus.PROPOSED:
        raise ConflictError(_("Thẻ này không còn là đề xuất."))
    if row.original_vnd <= 0:
        raise ConflictError(
            _("Thẻ chưa có nguyên giá."),
            hint=_("Hãy ghi biến động “Ghi tăng ban đầu” với chi phí đã quyết toán trước."),
        )
    check = InputCheck()
    need_open_year(check, "recorded_at", row.owner_org_id, row.recorded_at)
    check.done()
    row.status = CardStatus.ACTIVE.value
    row.save()
    _tell(row)
    return row


@use_case("stateassets.card.change", act="stateassets.drop_proposal")
def drop_proposal(*, actor: Actor, row: Card, version: int | None, reason: str) -> Card:
    """Decide that a proposed card does not come onto the books; it stays with the reason.

    Raises:
        ConflictError: it is no proposal, or somebody changed it.
        InvalidInputError: no reason.
    """
    check_version(row, version)
    check = InputCheck()
    check.need(reason.strip(), "reason", _("Hãy ghi lý do không ghi sổ."))
    check.done()
    if row.status != CardStatus.PROPOSED:
        raise ConflictError(_("Thẻ này không còn là đề xuất."))
    if row.original_vnd:
        write_movement(
            row,
            kind=MovementKind.CORRECTION.value,
            on=row.recorded_at,
            values={"construction_vnd": -row.original_vnd, "document": reason},
        )
    row.status, row.closed_at = CardStatus.CLOSED.value, row.recorded_at
    row.save()
    return row


def _tell(row: Card) -> None:
    publish(
        CardOpened(
            card_id=row.pk,
            code=row.code,
            asset_id=row.asset_id,
            proposed=row.status == CardStatus.PROPOSED,
        ),
        key=row.pk,
        on=row,
    )


def _has_card(asset_id: int) -> bool:
    with as_system("an asset is on the books once, whoever may see the card"):
        rows = Card.objects.filter(asset_id=asset_id).exclude(status=CardStatus.CLOSED.value)
        return rows.exists()


def _is_charged(row: Card) -> bool:
    with as_system("a card is charged whoever may see it"):
        return Charge.objects.filter(card=row).exists()


def _put_subject(
    row: Card, actor: Actor, asset_code: str, road_code: str, check: InputCheck
) -> None:
    """The asset or the road that the card stands for; what is not given follows from it."""
    row.asset, row.road = None, None
    if asset_code.strip():
        found = assets.assets(actor).filter(code=asset_code.strip()).first()
        check.need(found, "asset_code", _("Không có tài sản mã “%(code)s”.") % {"code": asset_code})
        _follow(row, found)
        if found is not None:
            row.asset, row.road_id = found, found.road_id
            kind = KIND_OF_TYPE.get(found.type)
            row.kind = row.kind or (kind.value if kind else "")
        taken = found is not None and is_new(row) and _has_card(found.pk)
        check.need(not taken, "asset_code", _("Tài sản này đã có thẻ."))
    if road_code.strip():
        road = network.find_roads(actor, road_code.strip())
        first = road[0] if road else None
        check.need(first, "road_code", _("Không có tuyến đường “%(code)s”.") % {"code": road_code})
        if first is not None and row.asset is None:
            row.road_id = first.pk
            _follow(row, first)


def _follow(row: Card, subject: ScopedModel | None) -> None:
    """What is not said of a new card is as of what it stands for."""
    if subject is None or not is_new(row):
        return
    row.name = str(getattr(subject, "name", ""))
    row.owner_org_id, row.area_id = subject.owner_org_id, subject.area_id


def _describe(row: Card, values: dict[str, Any], check: InputCheck) -> None:
    given = {name: value for name, value in values.items() if value is not None or row.pk}
    fill(row, given, DESCRIBING)
    check.need(row.code, "code", _("Hãy ghi số thẻ."))
    if row.code and code_taken(row, row.code):
        check.add("code", _("Số thẻ này đã có; hãy chọn số khác."))
    check.need(row.name, "name", _("Hãy ghi tên tài sản."))
    check.need(
        row.kind in KindChoices.values, "kind", _("Hãy chọn loại tài sản theo bảng hao mòn.")
    )
    check.need(row.owner_org_id, "owner_org", _("Hãy chọn đơn vị quản lý."))
    check.need(row.area_id, "area", _("Hãy chọn địa bàn."))
    need_day(check, "in_use_at", row.in_use_at)
    need_day(check, "recorded_at", row.recorded_at)
    if row.in_use_at and row.recorded_at and row.recorded_at < row.in_use_at:
        check.add("recorded_at", _("Ngày ghi sổ không được trước ngày đưa vào sử dụng."))
    if row.from_m is not None and row.to_m is not None and row.to_m <= row.from_m:
        check.add(
            "to_m",
            _("Phải lớn hơn điểm đầu %(start)s.") % {"start": format_chainage(float(row.from_m))},
        )
    if row.charged_through is not None and row.recorded_at:
        check.need(
            row.in_use_at is None
            or row.in_use_at.year - 1 <= row.charged_through <= row.recorded_at.year,
            "charged_through",
            _("Phải từ năm trước năm đưa vào sử dụng đến năm ghi sổ."),
        )
