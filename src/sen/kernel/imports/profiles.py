"""Named ways to read files of one origin, recognised again by their columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from sen.kernel.access.models import Organisation
from sen.kernel.access.scope import Actor
from sen.kernel.audit.services import record
from sen.kernel.errors import InvalidInputError, PermissionDeniedError
from sen.kernel.imports.importer import Importer
from sen.kernel.imports.models import ImportProfile
from sen.kernel.imports.values import header_key

#: What a profile keeps of the choices; rows and repairs are of one file alone.
KEPT: Final = (
    *("srid", "swapped", "outside", "x", "y", "mapping", "encodings", "values"),
    *("match", "within_m", "options"),
)
#: A file is of the same origin when it has this share of the columns.
ALIKE: Final = 0.9


def profiles_for(actor: Actor, importer: Importer) -> QuerySet[ImportProfile]:
    """The profiles of the actor's organisation, and those of nobody in particular."""
    rows = ImportProfile.objects.filter(kind=importer.kind)
    if not actor.is_system:
        rows = rows.filter(Q(organisation=None) | Q(organisation_id=actor.organisation_id or 0))
    return rows.order_by("name")


def recognised(actor: Actor, importer: Importer, columns: Sequence[str]) -> ImportProfile | None:
    """The profile whose columns a file has, the closest one."""
    here = {header_key(column) for column in columns}
    best, score = None, ALIKE
    for profile in profiles_for(actor, importer):
        there = {header_key(column) for column in profile.columns}
        share = len(here & there) / len(here | there) if here | there else 0.0
        if share >= score:
            best, score = profile, share
    return best


@transaction.atomic
def save_profile(
    *,
    actor: Actor,
    importer: Importer,
    name: str,
    columns: Sequence[str],
    chosen: dict[str, Any],
) -> ImportProfile:
    """Keep the choices under a name for the actor's organisation; the name's former ones go.

    Raises:
        InvalidInputError: the name is missing or too long.
        PermissionDeniedError: the actor may not import this kind.
    """
    if not actor.may(importer.permission):
        raise PermissionDeniedError(importer.permission)
    name = " ".join(name.split())
    if not 0 < len(name) <= 120:
        raise InvalidInputError({"name": _("Hãy đặt tên cấu hình, tối đa 120 ký tự.")})
    owner = Organisation.objects.filter(pk=actor.organisation_id or 0).first()
    profile, _made = ImportProfile.objects.update_or_create(
        kind=importer.kind,
        organisation=owner,
        name=name,
        defaults={
            "columns": [column[:250] for column in columns],
            "settings": {key: chosen[key] for key in KEPT if key in chosen},
            "saved_by_name": (actor.name or actor.username)[:120],
        },
    )
    record(act=importer.permission, on=profile, detail={"profile": name})
    return profile
