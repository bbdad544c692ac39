"""Use cases on playbooks."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from sen.domains.incidents.models import Playbook
from sen.domains.incidents.rules import read_steps
from sen.kernel.access.context import as_system
from sen.kernel.access.models import Area, Organisation
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InputCheck, InvalidInputError
from sen.kernel.usecase import check_version, use_case
from sen.lib.errors import InputError
from sen.lib.text import nfc


@use_case("incidents.playbook.add")
def create_playbook(
    *,
    actor: Actor,
    code: str,
    name: str,
    kind: str,
    steps: str,
    owner_org: Organisation,
    area: Area,
    basis: str = "",
    is_demo: bool = False,
) -> Playbook:
    """Write a playbook; its steps are lines ``việc | bộ phận | phút``.

    Raises:
        InvalidInputError: the code is taken, or a line cannot be read.
    """
    with as_system("whether a code is taken"):
        taken = Playbook.objects.filter(code=nfc(code).strip()).exists()
    check = InputCheck()
    check.need(not taken, "code", _("Mã này đã có; hãy sửa kịch bản đó."))
    check.done()
    row = Playbook(code=nfc(code).strip(), owner_org=owner_org, area=area, is_demo=is_demo)
    return _fill(row, name=name, kind=kind, steps=steps, basis=basis)


@use_case("incidents.playbook.change")
def update_playbook(
    *,
    actor: Actor,
    row: Playbook,
    version: int | None,
    reason: str = "",
    name: str,
    kind: str,
    steps: str,
    basis: str = "",
    **place: Any,
) -> Playbook:
    """Issue the next revision; incidents keep the one they began with.

    Raises:
        InvalidInputError: a line cannot be read.
    """
    check_version(row, version)
    fresh = Playbook(
        code=row.code,
        revision=row.revision + 1,
        owner_org=place.get("owner_org", row.owner_org),
        area=place.get("area", row.area),
        is_demo=row.is_demo,
    )
    row.is_current = False
    row.save()
    return _fill(fresh, name=name, kind=kind, steps=steps, basis=basis)


def _fill(row: Playbook, *, name: str, kind: str, steps: str, basis: str) -> Playbook:
    row.name, row.kind, row.basis = nfc(name).strip(), kind, nfc(basis).strip()
    check = InputCheck()
    check.need(row.code, "code", _("Hãy ghi mã kịch bản."))
    check.need(row.name, "name", _("Hãy ghi tên kịch bản."))
    check.done()
    try:
        row.steps = read_steps(nfc(steps))
    except InputError as error:
        raise InvalidInputError({"steps": [_(error.template) % error.params]}) from error
    row.save()
    return row
