"""Use cases on data sets and duties: who owes what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from sen.domains.stewardship.choices import Recurrence, Slice
from sen.domains.stewardship.models import DataSet, Obligation
from sen.domains.stewardship.rules import is_day
from sen.kernel.access.context import as_system
from sen.kernel.access.models import Area, Organisation, User
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InputCheck, InvalidInputError
from sen.kernel.usecase import check_version, use_case
from sen.kernel.web.register.resource import resources
from sen.lib.text import nfc

#: Longest wait before a task opens, and most reminders and levels.
MOST_LEAD_DAYS = 365
MOST_STEPS = 6


@use_case("stewardship.dataset.add")
def create_data_set(
    *,
    actor: Actor,
    code: str,
    name: str,
    register_key: str,
    slice_by: str = Slice.WHOLE.value,
    owner_org: Organisation,
    area: Area,
    responsible: User | None = None,
    deputy: User | None = None,
    note: str = "",
    is_active: bool = True,
    is_demo: bool = False,
) -> DataSet:
    """Say who owes a register, or a slice of it.

    Raises:
        InvalidInputError: there is no such register, or the slice has an owner already.
    """
    row = DataSet(is_demo=is_demo)
    return _fill_set(
        row,
        code=code,
        name=name,
        register_key=register_key,
        slice_by=slice_by,
        owner_org=owner_org,
        area=area,
        responsible=responsible,
        deputy=deputy,
        note=note,
        is_active=is_active,
    )


@use_case("stewardship.dataset.change")
def update_data_set(
    *, actor: Actor, row: DataSet, version: int | None, reason: str = "", **values: Any
) -> DataSet:
    """Another owner, other people, another name.

    Raises:
        InvalidInputError: there is no such register, or the slice has an owner already.
    """
    check_version(row, version)
    return _fill_set(row, **values)


def _fill_set(row: DataSet, **values: Any) -> DataSet:
    check = InputCheck()
    for name, value in values.items():
        setattr(row, name, nfc(value).strip() if isinstance(value, str) else value)
    check.need(row.code, "code", _("Hãy ghi mã."))
    check.need(row.name, "name", _("Hãy ghi tên bộ dữ liệu."))
    check.need(row.register_key in resources, "register_key", _("Không có danh mục này."))
    check.done()
    with as_system("whether a slice has an owner"):
        others = DataSet.objects.exclude(pk=row.pk)
        taken = others.filter(code=row.code).exists()
        same = others.filter(
            register_key=row.register_key,
            slice_by=row.slice_by,
            owner_org=row.owner_org,
            area=row.area,
        ).exists()
    check.need(not taken, "code", _("Mã này đã có."))
    check.need(not same, "register_key", _("Phạm vi này của danh mục đã có bộ dữ liệu khác."))
    check.done()
    row.save()
    return row


@use_case("stewardship.dataset.add", act="stewardship.dataset.lay_out")
def lay_out_data_sets(
    *, actor: Actor, register_key: str, slice_by: str, is_demo: bool = False
) -> list[DataSet]:
    """Make the data sets of a register from its rows: one for each owner, or for each commune.

    Those that exist stay as they are. The set of a commune belongs to the people's committee
    that bears its name; a place whose committee is not found is left out.

    Raises:
        InvalidInputError: there is no such register.
    """
    resource = resources.get(register_key)
    if resource is None:
        raise InvalidInputError({"register_key": _("Không có danh mục này.")})
    with as_system("the owners and places of a register") as house:
        pairs = _slices(resource.rows(house).order_by(), Slice(slice_by))
        known = DataSet.objects.filter(register_key=register_key, slice_by=slice_by)
        have = set(known.values_list("owner_org_id", "area_id"))
    return [
        create_data_set(
            actor=actor,
            code=f"{register_key}-{owner.code if slice_by == Slice.OWNER else area.code}"[:80],
            name=_("%(register)s: %(unit)s")
            % {
                "register": resource.title,
                "unit": owner.name if slice_by == Slice.OWNER else area.name,
            },
            register_key=register_key,
            slice_by=slice_by,
            owner_org=owner,
            area=area,
            is_demo=is_demo,
        )
        for owner, area in pairs
        if (owner.pk, area.pk) not in have
    ]


def _slices(rows: Any, by: Slice) -> list[tuple[Organisation, Area]]:
    root = Area.objects.filter(parent=None).order_by("id")[0]
    if by is Slice.OWNER:
        owners = Organisation.objects.filter(pk__in=rows.values("owner_org_id"))
        return [(owner, root) for owner in owners.order_by("name")]
    areas = Area.objects.filter(pk__in=rows.values("area_id")).order_by("name")
    areas = areas.exclude(kind=Area.Kind.PROVINCE)
    committees = {
        org.name.casefold(): org
        for org in Organisation.objects.filter(kind=Organisation.Kind.COMMUNE, is_active=True)
    }
    found = []
    for area in areas:
        name = area.name.casefold()
        owner = next((org for key, org in committees.items() if key.endswith(f" {name}")), None)
        if owner is not None:
            found.append((owner, area))
    return found


@use_case("stewardship.obligation.add")
def create_obligation(
    *,
    actor: Actor,
    code: str,
    title: str,
    kind: str,
    owner_org: Organisation,
    area: Area,
    recurrence: str,
    due_days: Sequence[str] | str,
    starts_on: date,
    is_demo: bool = False,
    **values: Any,
) -> Obligation:
    """Something owed by a calendar.

    Raises:
        InvalidInputError: a day is none, numbers are out of order, or the code is taken.
    """
    row = Obligation(is_demo=is_demo)
    given = {
        "code": code,
        "title": title,
        "kind": kind,
        "owner_org": owner_org,
        "area": area,
        "recurrence": recurrence,
        "due_days": due_days,
        "starts_on": starts_on,
    }
    return _fill_duty(row, given | values)


@use_case("stewardship.obligation.change")
def update_obligation(
    *, actor: Actor, row: Obligation, version: int | None, reason: str = "", **values: Any
) -> Obligation:
    """Other days, other people; tasks that exist keep their days.

    Raises:
        InvalidInputError: a day is none, numbers are out of order, or the code is taken.
    """
    check_version(row, version)
    return _fill_duty(row, values)


def _fill_duty(row: Obligation, values: dict[str, Any]) -> Obligation:
    for name, value in values.items():
        setattr(row, name, nfc(value).strip() if isinstance(value, str) else value)
    check = InputCheck()
    row.due_days = _days(row.due_days)
    row.remind_days = sorted(_numbers(row.remind_days, check, "remind_days"), reverse=True)
    row.escalate_days = sorted(_numbers(row.escalate_days, check, "escalate_days"))
    check.need(row.code, "code", _("Hãy ghi mã."))
    check.need(row.title, "title", _("Hãy ghi nghĩa vụ."))
    check.need(
        not row.register_key or row.register_key in resources,
        "register_key",
        _("Không có danh mục này."),
    )
    again = Recurrence(row.recurrence)
    right = row.due_days and all(is_day(again, day) for day in row.due_days)
    check.need(
        right,
        "due_days",
        _("Hãy ghi hạn: hằng năm dạng 03-15, hằng tháng dạng 20, một lần dạng 2026-12-31."),
    )
    lead = row.lead_days if row.lead_days is not None else -1
    check.need(
        0 <= lead <= MOST_LEAD_DAYS,
        "lead_days",
        _("Số ngày mở trước hạn từ 0 đến %(n)s.") % {"n": MOST_LEAD_DAYS},
    )
    check.need(
        row.ends_on is None or row.ends_on > row.starts_on,
        "ends_on",
        _("Ngày kết thúc phải sau ngày bắt đầu."),
    )
    with as_system("whether a code is taken"):
        taken = Obligation.objects.exclude(pk=row.pk).filter(code=row.code).exists()
    check.need(not taken, "code", _("Mã này đã có."))
    check.done()
    row.save()
    return row


def _days(given: Sequence[str] | str) -> list[str]:
    """Days from a list, or as a person types them with commas."""
    texts = given.split(",") if isinstance(given, str) else given
    return [text.strip() for text in texts if text.strip()]


def _numbers(given: Any, check: InputCheck, name: str) -> list[int]:
    texts = [part.strip() for part in given.split(",")] if isinstance(given, str) else given or []
    texts = [str(text) for text in texts if str(text) != ""]
    if len(texts) > MOST_STEPS or not all(text.isdigit() and int(text) <= 365 for text in texts):
        check.add(name, _("Hãy ghi các số ngày cách nhau bằng dấu phẩy, như 14, 7, 1."))
        return []
    return sorted({int(text) for text in texts})
