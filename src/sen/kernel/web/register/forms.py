"""The create and edit forms of a register, made from its declaration; saving is the services'."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.gis.db.models.fields import BaseSpatialField
from django.contrib.gis.geos import GEOSGeometry, Point
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sen.kernel.access.models import Area, Organisation, ScopedModel
from sen.kernel.access.scope import Actor
from sen.kernel.errors import ConflictError, InvalidInputError, SenError
from sen.kernel.web.register.resource import FormField, Resource
from sen.kernel.web.register.shapefield import KINDS, ShapeField
from sen.lib.chainage import Chainage, ChainageError, parse_chainage
from sen.lib.vn2000 import CoordinateError, parse_coordinate


class ChainageField(forms.CharField):
    """``Km12+500`` typed by a person, metres for the service."""

    def prepare_value(self, value: Any) -> Any:
        return str(Chainage(float(value))) if isinstance(value, (int, float, Decimal)) else value

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_chainage(text).metres
        except ChainageError as error:
            raise ValidationError(_(error.template) % error.params) from error


class PointField(forms.CharField):
    """A place: picked on the map, or typed in WGS 84 or VN-2000."""

    widget = forms.TextInput(attrs={"data-pick": "point"})

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, GEOSGeometry):
            centre = value if isinstance(value, Point) else value.centroid
            return f"{centre.y:.7f}, {centre.x:.7f}"
        return value

    def clean(self, value: Any) -> Any:
        if isinstance(value, Point):
            return value
        text = super().clean(value)
        if not text:
            return None
        try:
            candidates = parse_coordinate(text)
        except CoordinateError as error:
            raise ValidationError(_(error.template) % error.params) from error
        best = candidates[0]
        return Point(best.lon, best.lat, srid=4326)


class RegisterForm(forms.Form):
    """One form of one register for one actor."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    reason = forms.CharField(
        required=False,
        max_length=500,
        label=gettext_lazy("Lý do thay đổi"),
        help_text=gettext_lazy("Ghi vào nhật ký."),
    )

    def __init__(
        self,
        resource: Resource[Any],
        actor: Actor,
        row: ScopedModel | None,
        data: Mapping[str, Any] | None = None,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        self.resource, self.actor, self.row = resource, actor, row
        values = {**(resource.first_values if row is None else {}), **(initial or {})}
        if row is not None:
            values |= resource.initial_of(row) | {"version": row.version}
        super().__init__(data, initial=values)
        for item in resource.form_fields_for(actor, row):
            self.fields[item.name] = make_field(resource, item, actor, row)

    def save(self) -> ScopedModel | None:
        """Call the use case; its errors become the form's own.

        Returns:
            The written row, or None when the form now shows what is wrong.
        """
        values = dict(self.cleaned_data) | self._untouched_shapes()
        version, reason = values.pop("version", None), values.pop("reason", "")
        packed = self.resource.pack(values)
        try:
            if self.row is None:
                return self._created(packed)
            update = self.resource.update
            if update is None:
                return None
            written: ScopedModel = update(
                actor=self.actor, row=self.row, version=version, reason=reason, **packed
            )
        except InvalidInputError as error:
            self._take(error)
            return None
        except ConflictError:
            raise
        except SenError as error:
            self.add_error(None, str(error))
            return None
        return written

    def _untouched_shapes(self) -> dict[str, Any]:
        """Shapes that were sent back as shown, in the precision in which they are stored."""
        return {
            name: self.initial[name]
            for name, field in self.fields.items()
            if isinstance(field, ShapeField)
            and name not in self.changed_data
            and isinstance(self.initial.get(name), GEOSGeometry)
        }

    def _created(self, packed: Mapping[str, Any]) -> ScopedModel | None:
        create = self.resource.create
        if create is None:
            return None
        row: ScopedModel = create(actor=self.actor, **packed)
        return row

    def _take(self, error: InvalidInputError) -> None:
        for name, texts in error.fields.items():
            known = name if name in self.fields else None
            for text in texts:
                self.add_error(known, text if known or not name else f"{name}: {text}")
        if not error.fields:
            self.add_error(None, str(error))


def make_field(
    resource: Resource[Any], item: FormField, actor: Actor, row: ScopedModel | None
) -> forms.Field:
    """The form field of one declared field: by its own kind, else from the model field."""
    if item.kind in KINDS:
        field: forms.Field = shape_field(resource, item, row)
    else:
        maker = _BY_KIND.get(item.kind)
        field = maker(item) if maker else _from_model(resource, item, actor, row)
    if item.label or not field.label:
        field.label = resource.label_of(item)
    if item.help:
        field.help_text = str(item.help)
    if item.required is not None:
        field.required = item.required
    if item.unit:
        field.label = f"{field.label} ({item.unit})"
    return field


def shape_field(resource: Resource[Any], item: FormField, row: ScopedModel | None) -> ShapeField:
    """A field with the map of the register's own layer, so that neighbours can be snapped to."""
    model_field = resource.model_field(item.name)
    stored = model_field.geom_type if isinstance(model_field, BaseSpatialField) else "GEOMETRY"
    field = ShapeField(kinds=KINDS[item.kind], stored=stored, required=bool(item.required))
    if resource.layer:
        field.widget.attrs["data-pick-layer"] = resource.layer
    if row is not None and row.pk:
        field.widget.attrs["data-pick-row"] = str(row.pk)
    return field


def given_values(
    resource: Resource[Any], actor: Actor, row: ScopedModel | None, given: Mapping[str, Any]
) -> dict[str, Any]:
    """Form data of a program: a change may name some fields, the others keep what they have."""
    if row is None:
        return dict(given)
    blank = RegisterForm(resource, actor, row)
    kept = {
        name: blank.fields[name].prepare_value(blank.initial.get(name)) for name in blank.fields
    }
    return {name: "" if value is None else value for name, value in {**kept, **given}.items()}


def _from_model(
    resource: Resource[Any], item: FormField, actor: Actor, row: ScopedModel | None
) -> forms.Field:
    model_field = resource.model_field(item.name)
    if model_field is None:
        raise TypeError(f"{resource.key}: form field {item.name!r} needs a kind")
    if isinstance(model_field, models.ForeignKey):
        return _reference(resource, item, model_field, actor, row)
    if isinstance(model_field, models.DateField) and not isinstance(
        model_field, models.DateTimeField
    ):
        return forms.DateField(required=not model_field.blank, widget=forms.DateInput())
    made = model_field.formfield()
    if made is None:
        raise TypeError(f"{resource.key}: {item.name!r} cannot be typed in")
    made.label = ""
    return made


def _reference(
    resource: Resource[Any],
    item: FormField,
    model_field: models.ForeignKey[Any, Any],
    actor: Actor,
    row: ScopedModel | None,
) -> forms.ModelChoiceField[Any]:
    related: type[models.Model] = model_field.related_model
    act = "add" if row is None else "change"
    if issubclass(related, ScopedModel):
        rows: Any = related.objects.visible_to(actor)
    else:
        rows = related._default_manager.all()
    if issubclass(related, (Organisation, Area)):
        rows = _within(resource, rows, related, actor, act)
    # A list of names needs no geometry, and lines of roads are long.
    shapes = [f.name for f in related._meta.concrete_fields if isinstance(f, BaseSpatialField)]
    if shapes:
        rows = rows.defer(*shapes)
    return forms.ModelChoiceField(rows, required=not model_field.blank)


def _within(
    resource: Resource[Any], rows: Any, related: type[models.Model], actor: Actor, act: str
) -> Any:
    """Only organisations and places in which the actor may do it at all."""
    allowed: set[int] = set()
    for clause in actor.scope(resource.rule, act).clauses:
        ids = clause.orgs if related is Organisation else clause.areas
        if ids is None:
            return rows
        allowed |= ids
    return rows.filter(pk__in=allowed)


def _choice(item: FormField) -> forms.Field:
    choices = [("", "—"), *((value, str(label)) for value, label in item.choices)]
    return forms.ChoiceField(choices=choices, required=False)


def _multi(item: FormField) -> forms.Field:
    return forms.MultipleChoiceField(
        choices=[(value, str(label)) for value, label in item.choices], required=False
    )


_BY_KIND: dict[str, Callable[[FormField], forms.Field]] = {
    "text": lambda item: forms.CharField(required=False),
    "longtext": lambda item: forms.CharField(required=False, widget=forms.Textarea),
    "number": lambda item: forms.DecimalField(required=False, localize=True),
    "integer": lambda item: forms.IntegerField(required=False),
    "date": lambda item: forms.DateField(required=False, widget=forms.DateInput()),
    "boolean": lambda item: forms.NullBooleanField(required=False),
    "choice": _choice,
    "multichoice": _multi,
    "km": lambda item: ChainageField(required=False),
    "point": lambda item: PointField(required=False),
}
