"""Use cases on inspections; the latest one decides the condition of its asset."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from sen.domains.assets.choices import Condition
from sen.domains.assets.data import InspectionInput
from sen.domains.assets.events import InspectionRecorded
from sen.domains.assets.models import Asset, Inspection
from sen.domains.assets.services.checks import Snapshot, events_of
from sen.kernel.access.context import as_system
from sen.kernel.access.scope import Actor, DataClass
from sen.kernel.audit.services import record
from sen.kernel.errors import InputCheck
from sen.kernel.events import publish
from sen.kernel.usecase import check_version, use_case
from sen.lib.bulk import BulkReport
from sen.lib.text import nfc

FIRST_DAY: Final = date(1900, 1, 1)


@use_case("assets.inspection.add", act="assets.record_inspection")
def record_inspection(
    *,
    actor: Actor,
    asset_code: str,
    inspected_at: date,
    inspector: str,
    condition: str,
    finding: str = "",
    data_class: int | None = None,
    code: str = "",
) -> Inspection:
    """Record an inspection; the asset takes over the condition unless a later one is known.

    Raises:
        InvalidInputError: by field.
    """
    asset = Asset.objects.visible_to(actor).filter(code=nfc(asset_code).strip()).first()
    check = InputCheck()
    check.need(
        asset,
        "asset_code",
        _("Không có tài sản mang mã “%(code)s” trong phạm vi bạn được xem.") % {"code": asset_code},
    )
    _check(check, inspected_at, inspector, condition)
    code = code.strip() or _made_code(asset_code, inspected_at)
    check.need(not _code_taken(code), "code", _("Mã lần kiểm tra này đã có; hãy ghi mã khác."))
    check.done()
    assert asset is not None
    row = Inspection(
        code=code,
        asset=asset,
        owner_org_id=asset.owner_org_id,
        area_id=asset.area_id,
        data_class=_level(asset, data_class),
        inspected_at=inspected_at,
        inspector=nfc(inspector).strip(),
        condition=condition,
        finding=nfc(finding).strip(),
    )
    row.save()
    publish(
        InspectionRecorded(
            inspection_id=row.pk, asset_id=asset.pk, condition=condition, inspected_at=inspected_at
        ),
        key=row.pk,
        on=row,
    )
    _take_over([asset.pk])
    return row


@use_case("assets.inspection.change", act="assets.update_inspection")
def update_inspection(
    *,
    actor: Actor,
    row: Inspection,
    version: int | None,
    reason: str = "",
    inspected_at: date,
    inspector: str,
    condition: str,
    finding: str | None = None,
    data_class: int | None = None,
) -> Inspection:
    """Correct an inspection.

    Raises:
        ConflictError: somebody changed it after the form was opened.
        InvalidInputError: by field.
    """
    check_version(row, version)
    check = InputCheck()
    _check(check, inspected_at, inspector, condition)
    check.done()
    row.inspected_at = inspected_at
    row.inspector = nfc(inspector).strip()
    row.condition = condition
    if finding is not None:
        row.finding = nfc(finding).strip()
    if data_class is not None:
        row.data_class = int(data_class)
    row.save()
    _take_over([row.asset_id])
    return row


@use_case("assets.inspection.delete", act="assets.delete_inspection")
def delete_inspection(*, actor: Actor, row: Inspection, version: int | None, reason: str) -> None:
    """Take out an inspection that was recorded by mistake; history keeps it."""
    check_version(row, version)
    asset_id = row.asset_id
    row.delete()
    _take_over([asset_id])


@use_case("assets.inspection.import", act="assets.bulk_put_inspections", audit=False)
def bulk_put_inspections(
    *, actor: Actor, rows: Sequence[InspectionInput], is_demo: bool = False
) -> BulkReport:
    """Enter or correct many inspections, found again by code; all of them or none.

    Raises:
        InvalidInputError: every faulty row with what is wrong.
    """
    codes = {row.asset for row in rows}
    assets = {a.code: a for a in Asset.objects.visible_to(actor).filter(code__in=codes)}
    with as_system("a code is taken whoever may see its inspection"):
        known = {i.code: i for i in Inspection.objects.filter(code__in=[row.code for row in rows])}
    scope = actor.scope(Inspection.access, "add")
    check = InputCheck()
    made: list[Inspection] = []
    changed: list[Inspection] = []
    for number, given in enumerate(rows, 1):
        where = _("Dòng %(row)s (%(code)s)") % {"row": given.row or number, "code": given.code}
        asset = assets.get(given.asset)
        faults = InputCheck()
        _check(faults, given.date, given.inspector, given.condition)
        faults.need(asset, "asset", _("không có tài sản mã “%(c)s”") % {"c": given.asset})
        for texts in faults.fields.values():
            check.add(where, " ".join(texts))
        if asset is None or faults.fields:
            continue
        row = known.get(given.code) or Inspection(code=given.code, is_demo=is_demo)
        values = _values(asset, given)
        if not all(getattr(row, name, None) == value for name, value in values.items()):
            (made if row.pk is None else changed).append(row)
        for name, value in values.items():
            setattr(row, name, value)
        check.need(scope.allows(row), where, _("bạn không có quyền ghi vào đơn vị, địa bàn này"))
    check.done()
    Inspection.objects.bulk_create(made)
    for row in changed:
        row.save()
    _take_over([row.asset_id for row in (*made, *changed)])
    record(
        act="assets.bulk_put_inspections",
        resource="assets.inspection",
        detail={"created": len(made), "updated": len(changed)},
    )
    untouched = len(rows) - len(made) - len(changed)
    ids = {row.code: row.pk for row in (*made, *known.values())}
    return BulkReport(len(made), len(changed), untouched, ids)


def _values(asset: Asset, given: InspectionInput) -> dict[str, Any]:
    return {
        "asset_id": asset.pk,
        "owner_org_id": asset.owner_org_id,
        "area_id": asset.area_id,
        "data_class": _level(asset, given.data_class),
        "inspected_at": given.date,
        "inspector": nfc(given.inspector).strip(),
        "condition": given.condition,
        "finding": nfc(given.finding).strip(),
    }


def _level(asset: Asset, asked: int | None) -> int:
    """An inspection is at least as closed as its asset, and internal unless said otherwise."""
    return max(asset.data_class, int(DataClass.INTERNAL) if asked is None else int(asked))


def _check(check: InputCheck, inspected_at: date | None, inspector: str, condition: str) -> None:
    today = timezone.localdate()
    check.need(
        inspected_at is not None and FIRST_DAY <= inspected_at <= today,
        "inspected_at",
        _("Hãy ghi ngày kiểm tra, không muộn hơn hôm nay."),
    )
    check.need(inspector.strip(), "inspector", _("Hãy ghi đơn vị kiểm tra."))
    check.need(
        condition in [item.value for item in Condition],
        "condition",
        _("Hãy chọn tình trạng kỹ thuật: tốt, trung bình, kém hoặc xấu."),
    )


def _made_code(asset_code: str, at: date | None) -> str:
    return f"KT-{asset_code.strip()}-{at:%Y%m%d}"[:80] if at else ""


def _code_taken(code: str) -> bool:
    with as_system("a code is taken whoever may see its inspection"):
        return Inspection.objects.filter(code=code).exists()


def _take_over(asset_ids: Sequence[int]) -> None:
    """Give assets the condition of their latest inspection, in the name of the house.

    Who inspects need not have the right to change the asset.
    """
    with as_system(_("Tình trạng kỹ thuật theo lần kiểm tra mới nhất")):
        latest = {
            row.asset_id: row
            for row in Inspection.objects.filter(asset_id__in_array=set(asset_ids))
            .order_by("asset_id", "-inspected_at", "-id")
            .distinct("asset_id")
        }
        for asset in Asset.objects.filter(pk__in_array=latest).select_for_update(of=("self",)):
            found = latest[asset.pk]
            if asset.condition_at and asset.condition_at > found.inspected_at:
                continue
            if (asset.condition, asset.condition_at) == (found.condition, found.inspected_at):
                continue
            before = Snapshot.of(asset)
            asset.condition = found.condition
            asset.condition_at = found.inspected_at
            asset.save(update_fields=["condition", "condition_at"])
            for event in events_of(asset, before):
                publish(event, key=asset.pk, on=asset)
