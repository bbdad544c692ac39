"""Bringing a past version back: a new version with the old values, never a rewritten history."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import Any, Protocol

from django.contrib.gis.db.models import GeometryField
from django.contrib.gis.geos import GEOSGeometry
from django.db import models
from django.utils.translation import gettext as _

from sen.kernel.access.models import ScopedModel
from sen.kernel.access.scope import Actor
from sen.kernel.audit.history import state_at
from sen.kernel.audit.states import State, fields_of
from sen.kernel.audit.triggers import geometry_column
from sen.kernel.errors import InvalidInputError
from sen.kernel.registry import Store
from sen.kernel.usecase import check_version, use_case


class Restorer(Protocol):
    """A domain's own way to bring values back, when its rules must be asked.

    ``values`` maps field names to the values of the chosen version. It must be a use case.
    """

    def __call__(
        self, *, actor: Actor, row: Any, version: int, values: dict[str, Any], reason: str
    ) -> ScopedModel: ...


restorers: Store[Restorer] = Store("restorer")


def restores(model: type[ScopedModel]) -> Callable[[Restorer], Restorer]:
    """Register a domain's own restorer of ``model``: ``@restores(Bridge)`` over the use case."""

    def register(function: Restorer) -> Restorer:
        return restorers.add(model._meta.label_lower, function)

    return register


def restore(
    *, actor: Actor, row: ScopedModel, to_version: int, version: int, reason: str
) -> ScopedModel:
    """Give ``row`` the values of its ``to_version`` again, as a new version.

    ``version`` is the version that the person saw (optimistic lock). Fields that are masked for
    the actor keep their present values.

    Raises:
        InvalidInputError: the reason is missing, or the version is the present one.
        NotFoundError: there is no such version that the actor may see.
        ConflictError: somebody changed the row meanwhile.
        PermissionDeniedError: the actor may not change the row, or not as it would be then.
    """
    if not reason.strip():
        raise InvalidInputError({"reason": _("Hãy ghi lý do khôi phục.")})
    state = state_at(row, to_version, actor)
    if state.is_current:
        raise InvalidInputError({"to_version": _("Đây đang là phiên bản hiện tại.")})
    own = restorers.get(type(row)._meta.label_lower)
    values = values_of(state)
    if own is not None:
        return own(actor=actor, row=row, version=version, values=values, reason=reason)
    return _restorer(row.access.resource)(
        actor=actor, row=row, version=version, values=values, reason=reason
    )


@cache
def _restorer(resource: str) -> Restorer:
    """The use case that writes the values as they are, for models without a restorer."""

    @use_case(f"{resource}.change", act=f"{resource}.restore")
    def put_back(
        *, actor: Actor, row: Any, version: int, values: dict[str, Any], reason: str
    ) -> ScopedModel:
        check_version(row, version)
        for name, value in values.items():
            setattr(row, name, value)
        row.save()
        saved: ScopedModel = row
        return saved

    return put_back


def values_of(state: State) -> dict[str, Any]:
    """Attribute → value of a state, as the model's fields hold them; masked ones left out.

    A column that did not exist then is left out too.
    """
    geom = geometry_column(state.model)
    found: dict[str, Any] = {}
    for field in fields_of(state.model):
        if field.name in state.masked:
            continue
        if field.column == geom:
            found[field.name] = state.geom
        elif field.attname in state.image:
            found[field.attname] = _python(field, state.image[field.attname])
    return found


def _python(field: models.Field[Any, Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(field, GeometryField):  # a second geometry lies in the image as GeoJSON
        shape = GEOSGeometry(json.dumps(_floats(value)))
        shape.srid = field.srid
        return shape
    if isinstance(field, models.JSONField):
        return _floats(value)
    if isinstance(field, models.ForeignKey):
        field = field.target_field
    return field.to_python(value)


def _floats(value: Any) -> Any:
    """JSON as Python's own numbers hold it: images are read with exact decimals."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {key: _floats(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_floats(item) for item in value]
    return value
