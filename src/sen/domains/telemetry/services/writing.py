"""What every service of telemetry does with the values that it is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import ForeignKey, Model
from django.utils.translation import gettext as _

from sen.kernel.access.context import as_system
from sen.kernel.access.models import Area, ScopedModel
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InputCheck
from sen.lib.text import nfc

KEEPING = ("owner_org", "area", "data_class", "is_demo")
DESCRIBED = ("name", "description", "properties")


def put_values(row: ScopedModel, names: Sequence[str], values: Mapping[str, Any]) -> None:
    """Write those of ``values`` that are named; None means the default of the field.

    Raises:
        TypeError: an unknown name.
    """
    if unknown := values.keys() - set(names):
        raise TypeError(f"{row._meta.model_name}: unknown values {sorted(unknown)}")
    for name in names:
        if name in values:
            _put(row, name, values[name])


def _put(row: ScopedModel, name: str, value: Any) -> None:
    field = row._meta.get_field(name)
    if isinstance(field, ForeignKey) and (value is None or isinstance(value, int)):
        setattr(row, field.attname, value)
        return
    if value is None and not getattr(field, "null", False):
        value = field.get_default() if hasattr(field, "get_default") else ""
    setattr(row, name, nfc(value).strip() if isinstance(value, str) else value)


def belong(*, row: Any, actor: Actor, check: InputCheck, parent: Any = None) -> None:
    """Owner and place: as given, else those of what the row hangs on, else the actor's own."""
    if not row.owner_org_id:
        row.owner_org_id = getattr(parent, "owner_org_id", None) or actor.organisation_id
    if not row.area_id:
        row.area_id = getattr(parent, "area_id", None) or _province()
    check.need(row.owner_org_id, "owner_org", _("Hãy chọn đơn vị quản lý."))
    check.need(row.area_id, "area", _("Hãy chọn địa bàn."))


def _province() -> int | None:
    root = Area.objects.filter(kind=Area.Kind.PROVINCE).order_by("id").first()
    return None if root is None else root.pk


def check_code(row: Any, prefix: str, check: InputCheck) -> None:
    """A code that nobody else bears; an empty one is made from a running number."""
    longest = row._meta.get_field("code").max_length
    if not row.code:
        row.code = _next_code(type(row), prefix)
        return
    check.need(len(row.code) <= longest, "code", _("Mã dài tối đa %(n)s ký tự.") % {"n": longest})
    with as_system("a code is taken whoever may see its row"):
        taken = type(row).objects.filter(code=row.code).exclude(pk=row.pk).exists()
    check.need(not taken, "code", _("Mã này đã được dùng; hãy chọn mã khác."))


def _next_code(model: type[Any], prefix: str) -> str:
    """``KD-00042``; numbers come from the table's own sequence, so no two writers meet."""
    with as_system("codes are counted over all rows"):
        while True:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [model._meta.db_table]
                )
                (number,) = cursor.fetchone()
            code = f"{prefix}-{number:05d}"
            if not model.objects.filter(code=code).exists():
                return code


def check_name(row: Any, check: InputCheck) -> None:
    longest = row._meta.get_field("name").max_length
    check.need(
        0 < len(row.name) <= longest,
        "name",
        _("Hãy ghi tên, tối đa %(n)s ký tự.") % {"n": longest},
    )


def check_object(row: Any, name: str, check: InputCheck) -> None:
    """A free field of JSON holds an object."""
    check.need(isinstance(getattr(row, name), dict), name, _("Hãy ghi một đối tượng JSON: {…}."))


def pk_of(value: Model | int | None) -> int | None:
    return value if value is None or isinstance(value, int) else int(value.pk)
