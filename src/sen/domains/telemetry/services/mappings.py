"""Mappings of foreign payloads: tried before they are kept."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext as _

from sen.domains.telemetry.mapping import MappingError, parse_rules
from sen.domains.telemetry.models import Device, PayloadMapping
from sen.domains.telemetry.services.writing import (
    KEEPING,
    belong,
    check_code,
    check_name,
    put_values,
)
from sen.kernel.access.context import as_system
from sen.kernel.access.scope import Actor
from sen.kernel.errors import ConflictError, InputCheck
from sen.kernel.usecase import check_version, use_case

_MAPPING: Final = ("code", "name", "rules", "sample", *KEEPING)


@use_case("telemetry.mapping.add", act="telemetry.create_mapping")
def create_mapping(*, actor: Actor, **values: Any) -> PayloadMapping:
    """Keep a mapping whose rules can be read.

    Raises:
        InvalidInputError: by field.
    """
    return _put_mapping(PayloadMapping(), actor, values)


@use_case("telemetry.mapping.change", act="telemetry.update_mapping")
def update_mapping(
    *, actor: Actor, row: PayloadMapping, version: int | None, reason: str = "", **values: Any
) -> PayloadMapping:
    """Change a mapping; devices that use it are read by the new rules from then on.

    Raises:
        ConflictError: somebody changed it meanwhile.
        InvalidInputError: by field.
    """
    check_version(row, version)
    return _put_mapping(row, actor, values)


@use_case("telemetry.mapping.delete", act="telemetry.delete_mapping")
def delete_mapping(*, actor: Actor, row: PayloadMapping, version: int | None, reason: str) -> None:
    """Take out a mapping that no device uses.

    Raises:
        ConflictError: devices use it.
    """
    check_version(row, version)
    with as_system("a mapping is in use whoever may see its devices"):
        used = Device.objects.filter(mapping=row).exists()
    if used:
        raise ConflictError(
            _("Ánh xạ này đang có thiết bị dùng nên không xóa được."),
            hint=_("Hãy chọn ánh xạ khác cho các thiết bị đó trước."),
        )
    row.delete()


def _put_mapping(row: PayloadMapping, actor: Actor, values: dict[str, Any]) -> PayloadMapping:
    check = InputCheck()
    put_values(row, _MAPPING, values)
    check_name(row, check)
    check_code(row, "AX", check)
    try:
        parse_rules(row.rules)
    except MappingError as error:
        check.add("rules", _(error.template) % error.params)
    belong(row=row, actor=actor, check=check)
    check.done()
    row.save()
    return row
