"""Whose and where what the centre writes down is."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from sen.kernel.access.models import Area
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InvalidInputError


@dataclass(frozen=True, slots=True)
class Home:
    """Owner and place of a new row."""

    owner_org_id: int
    area_id: int


def home_of(*, actor: Actor, permission: str) -> Home:
    """The actor's own organisation, and the first place of the right, else the whole province.

    Raises:
        InvalidInputError: the account belongs to no organisation.
    """
    if actor.organisation_id is None:
        raise InvalidInputError({"": _("Tài khoản chưa thuộc đơn vị nào nên không ghi sổ được.")})
    held = [e.areas for e in actor.entitlements if e.grants(permission)]
    rows = Area.objects.order_by("path")
    if held and None not in held:
        rows = rows.filter(pk__in=sorted(set().union(*(areas or () for areas in held))))
    return Home(actor.organisation_id, rows.values_list("pk", flat=True)[0])
