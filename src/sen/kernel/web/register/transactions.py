"""Rows written by programs through the map's API: properties become the register's own form.

So a program is judged by the same form, permissions and services as a person. Properties are
named as the collection shows them, or as the form names its fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.gis.geos import GEOSGeometry
from django.db import models
from django.utils.translation import gettext as _

from sen.kernel.access.models import ScopedModel
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InvalidInputError, NotFoundError, PermissionDeniedError
from sen.kernel.geo.layers import Label, Layer, layers
from sen.kernel.web.register.forms import RegisterForm, given_values
from sen.kernel.web.register.resource import FormField, Resource

_ACTS = {"add": "create", "change": "update", "delete": "delete"}


class RegisterEditor:
    """The writing side of a layer (``sen.kernel.geo.layers.LayerEditor``)."""

    def __init__(self, resource: Resource[Any], layer_name: str) -> None:
        self.resource, self.layer_name = resource, layer_name

    @property
    def layer(self) -> Layer:
        return layers[self.layer_name]

    def may(self, actor: Actor, act: str) -> bool:
        """Whether there is a service for it, and the actor has the permission somewhere."""
        service = getattr(self.resource, _ACTS[act])
        asked_by_form = act == "delete" or bool(self.resource.form)
        return service is not None and asked_by_form and self.resource.may(actor, act)

    def offers(self, actor: Actor) -> Mapping[str, Any]:
        """Addresses below the register of what the actor may do with rows on the map."""
        found: dict[str, Any] = {}
        base = f"/ql/{self.resource.path}/"
        has_shape = any(item.name == "geom" for item in self.resource.form_fields)
        if self.may(actor, "add") and has_shape:
            found["add"] = f"{base}them/"
        if self.may(actor, "change"):
            if self.resource.bulk:
                found["bulk"] = f"{base}hang-loat/"
            if has_shape:
                found["change"] = f"{base}{{id}}/sua/"
            if self.resource.reshape is not None:
                found |= {"split": f"{base}{{id}}/tach/", "merge": f"{base}{{id}}/gop/"}
        return found | dict(self.resource.map_acts(actor))

    def writable(self) -> Mapping[str, Label]:
        """Names that may be written, with what people call them."""
        fields = {item.name: item for item in self.resource.form_fields if item.name != "geom"}
        found: dict[str, Label] = {}
        for name, path in self.layer.fields.items():
            if (target := self._target(path, fields)) is not None:
                found[name] = self.resource.label_of(fields[target])
        shown = {self._target(path, fields) for path in self.layer.fields.values()}
        return found | {
            name: self.resource.label_of(item) for name, item in fields.items() if name not in shown
        }

    def create(self, *, actor: Actor, values: Mapping[str, Any]) -> int:
        """Enter a row; its id."""
        self._need(actor, "add")
        fields = {item.name: item for item in self.resource.form_fields_for(actor, None)}
        given = self._given(actor, values, fields, shown=None)
        return int(self._saved(RegisterForm(self.resource, actor, None, given)).pk)

    def change(
        self,
        *,
        actor: Actor,
        row_id: int,
        version: int,
        values: Mapping[str, Any],
        is_whole: bool,
        reason: str,
    ) -> None:
        """Write a row. A whole one empties what the collection shows and ``values`` lacks."""
        self._need(actor, "change")
        row = self._row(actor, row_id, "change")
        fields = {item.name: item for item in self.resource.form_fields_for(actor, row)}
        wanted = dict(values)
        if is_whole:
            wanted = dict.fromkeys(self._shown_fields(fields), None) | wanted
        shown = self._shown_row(actor, row)
        if wanted.get("geom") is not None and _is_same_place(wanted["geom"], shown["geom"]):
            del wanted["geom"]  # as it was read, rounded: the stored one stays
        given = self._given(actor, wanted, fields, shown=shown)
        given |= {"version": version, "reason": reason}
        form = RegisterForm(
            self.resource, actor, row, given_values(self.resource, actor, row, given)
        )
        self._saved(form)

    def delete(self, *, actor: Actor, row_id: int, version: int, reason: str) -> None:
        """Take a row out; history keeps it."""
        self._need(actor, "delete")
        row = self._row(actor, row_id, "delete")
        if self.resource.delete is not None:
            self.resource.delete(actor=actor, row=row, version=version, reason=reason)

    def _need(self, actor: Actor, act: str) -> None:
        if not self.may(actor, act):
            raise PermissionDeniedError(self.resource.rule.permission(act))

    def _row(self, actor: Actor, row_id: int, act: str) -> ScopedModel:
        rows = self.resource.rows(actor)
        if self.layer.where is not None:
            rows = rows.filter(self.layer.where)
        row = rows.filter(pk=row_id).first()
        if not isinstance(row, ScopedModel):
            raise NotFoundError(_("đối tượng"), row_id)
        if not actor.scope(self.resource.rule, act).allows(row):
            raise PermissionDeniedError(self.resource.rule.permission(act))
        return row

    def _target(self, path: str, fields: Mapping[str, FormField]) -> str | None:
        """The form field that a shown path is written by: itself, or the reference it reads."""
        if path in fields:
            return path
        head, _sep, rest = path.partition("__")
        model_field = self.resource.model_field(head)
        is_reference = isinstance(model_field, models.ForeignKey) and "__" not in rest
        return head if head in fields and is_reference else None

    def _shown_fields(self, fields: Mapping[str, FormField]) -> list[str]:
        return [
            name
            for name, path in self.layer.fields.items()
            if self._target(path, fields) is not None
        ]

    def _shown_row(self, actor: Actor, row: ScopedModel) -> dict[str, Any]:
        """What the collection shows of the computed values, to tell them from wishes."""
        names = [f.name for f in row._meta.concrete_fields]
        found = {"geom": getattr(row, "geom", None)} | {
            name: getattr(row, path, None)
            for name, path in self.layer.fields.items()
            if path in names
        }
        for path in self.layer.fields.values():
            head, _sep, rest = path.partition("__")
            model_field = self.resource.model_field(head)
            if isinstance(model_field, models.ForeignKey) and rest and "__" not in rest:
                found[path] = getattr(getattr(row, head, None), rest, None)
        return found

    def _given(
        self,
        actor: Actor,
        values: Mapping[str, Any],
        fields: Mapping[str, FormField],
        *,
        shown: Mapping[str, Any] | None,
    ) -> dict[str, Any]:
        """Form data of properties.

        Raises:
            InvalidInputError: a property that is unknown or cannot be written, by name.
        """
        blank = RegisterForm(self.resource, actor, None)
        given: dict[str, Any] = {}
        faults: dict[str, str] = {}
        wanted = dict(values)
        if "geom" not in fields:
            faults |= _shape_faults(wanted.pop("geom", None), shown)
        for name, value in wanted.items():
            # As the collection shows it: a road by its number, though its field holds an id.
            path = self.layer.fields.get(name) or (name if name in fields else None)
            target = self._target(path, fields) if path is not None else None
            if path is None:
                faults[name] = _("Bộ dữ liệu không có thuộc tính này.")
            elif target is None:
                if not _is_kept(value, path if path in (shown or {}) else name, shown):
                    faults[name] = _("Thuộc tính này được tính ra, không ghi được.")
            elif target == path or value is None or isinstance(value, int):
                given[target] = _typed(blank, target, value)
            elif (shown or {}).get(path) != value:  # what came back as read may have namesakes
                given[target] = self._referred(actor, path, value)
                if given[target] is None:
                    faults[name] = _("Không tìm thấy, hoặc có nhiều “%(v)s”.") % {"v": value}
        if faults:
            raise InvalidInputError(faults)
        return given

    def _referred(self, actor: Actor, path: str, value: Any) -> int | None:
        """The id behind a shown name or number; none when it is missing or not the only one."""
        head, _sep, rest = path.partition("__")
        model_field = self.resource.model_field(head)
        if not isinstance(model_field, models.ForeignKey):
            return None
        related: type[models.Model] = model_field.related_model
        if issubclass(related, ScopedModel):
            rows: Any = related.objects.visible_to(actor)
        else:
            rows = related._default_manager.all()
        found = list(rows.filter(**{rest: value}).values_list("pk", flat=True)[:2])
        return int(found[0]) if len(found) == 1 else None

    def _saved(self, form: RegisterForm) -> ScopedModel:
        written = form.save() if form.is_valid() else None
        if written is None:
            raise InvalidInputError(
                {name: [str(text) for text in texts] for name, texts in form.errors.items()}
            )
        return written


def _is_kept(value: Any, name: str, shown: Mapping[str, Any] | None) -> bool:
    """Whether a computed value merely came back as it was read.

    Values that this side cannot compare (texts of related rows) are let through on a change.
    """
    if value is None:
        return True
    if shown is None:
        return False
    return name not in shown or str(shown[name]) == str(value) or _same_number(shown[name], value)


def _shape_faults(given: Any, shown: Mapping[str, Any] | None) -> dict[str, str]:
    """A computed shape may only come back as it was read."""
    if _is_same_place(given, (shown or {}).get("geom")):
        return {}
    return {"geometry": _("Hình của bộ dữ liệu này được tính ra, không ghi được.")}


def _is_same_place(given: Any, stored: Any) -> bool:
    """Whether a computed shape came back as it was read; files round to a centimetre."""
    if given is None:
        return True
    if not isinstance(given, GEOSGeometry) or not isinstance(stored, GEOSGeometry):
        return False
    return bool(given.equals_exact(stored, 1e-6))


def _same_number(a: Any, b: Any) -> bool:
    """Numbers up to rounding; of a time only that it is one, for it is written in many ways."""
    try:
        return abs(float(a) - float(b)) < 1e-6
    except (TypeError, ValueError):
        return isinstance(a, datetime)


def _typed(form: RegisterForm, name: str, value: Any) -> Any:
    """A value of JSON as a person would have typed it."""
    if isinstance(value, GEOSGeometry) or value is None:
        return value
    field = form.fields.get(name)
    return field.prepare_value(value) if field is not None else value
