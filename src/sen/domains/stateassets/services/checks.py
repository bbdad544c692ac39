"""What the services check and write alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from sen.domains.stateassets.models import Card, Kept
from sen.domains.stateassets.selectors import last_closed_year
from sen.kernel.access.context import as_system, current_actor
from sen.kernel.errors import InputCheck, PermissionDeniedError

#: Above this an amount is a slip of the keyboard: a thousand trillion đồng.
MOST_VND: Final = 10**15
PARTS: Final = ("construction_vnd", "equipment_vnd", "clearance_vnd", "other_vnd")
FIRST_DAY: Final = date(1900, 1, 1)


def join(row: Kept, card: Card) -> None:
    """What belongs to a card belongs to whom the card belongs.

    Raises:
        PermissionDeniedError: the actor may not write there.
    """
    row.owner_org_id, row.area_id = card.owner_org_id, card.area_id
    row.data_class, row.is_demo = card.data_class, card.is_demo
    if not current_actor().scope(row.access, "add").allows(row):
        raise PermissionDeniedError(
            row.access.permission("add"),
            _("Bạn không được ghi sổ tài sản cho đơn vị hoặc địa bàn này."),
        )


def need_day(check: InputCheck, name: str, value: date | None) -> None:
    """A day on which something happened is given and does not lie ahead."""
    if value is None:
        check.add(name, _("Hãy ghi ngày."))
    elif value > timezone.localdate():
        check.add(name, _("Ngày này không được ở tương lai."))
    elif value < FIRST_DAY:
        check.add(name, _("Ngày này quá xa trong quá khứ; hãy xem lại năm."))


def need_open_year(check: InputCheck, name: str, org_id: int | None, on: date | None) -> None:
    """A closed year takes nothing more; a year is written in only when those before are closed."""
    last = None if org_id is None or on is None else last_closed_year(org_id)
    if last is None or on is None or on.year == last + 1:
        return
    if on.year <= last:
        check.add(
            name,
            _("Sổ năm %(year)s của đơn vị đã khóa; hãy ghi điều chỉnh vào năm %(open)s.")
            % {"year": on.year, "open": last + 1},
        )
    else:
        check.add(
            name,
            _("Hãy khóa sổ năm %(open)s trước khi ghi biến động của năm %(year)s.")
            % {"year": on.year, "open": last + 1},
        )


def need_amounts(check: InputCheck, values: Mapping[str, Any], names: Iterable[str]) -> None:
    """Whole đồng within reason."""
    for name in names:
        value = values.get(name) or 0
        whole = isinstance(value, int) and not isinstance(value, bool)
        check.need(
            whole and abs(value) <= MOST_VND,
            name,
            _("Số tiền phải là số đồng tròn, không quá %(most)s.")
            % {"most": f"{MOST_VND:,}".replace(",", ".")},
        )


def code_taken(row: Card, code: str) -> bool:
    """Whether another row has the code, whoever may see it."""
    with as_system("a code is taken whoever may see its row"):
        return Card.objects.filter(code=code).exclude(pk=row.pk).exists()
