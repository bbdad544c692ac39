"""A register is one declaration: what its list, pages, files and REST show and accept.

    class CommuneResource(Resource[Commune]):
        model = Commune
        slug = "communes"
        title = _("Xã, phường")
        columns = (Column("code"), Column("name", link=True), Column("area_km2", unit="km²"))
        filters = (Filter("kind"), Filter("area_km2", kind=FilterKind.RANGE))

Everything else (list, search, map, detail, history, export, import, REST, deep links, contract
tests) is derived. Writing goes through the services named in ``create`` and ``update``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import Q
from django.http import QueryDict
from django.utils.functional import Promise, cached_property
from django.utils.text import capfirst

from sen.kernel.access.models import ScopedModel
from sen.kernel.access.querysets import ScopedQuerySet
from sen.kernel.access.scope import AccessRule, Actor
from sen.kernel.geo.layers import LayerFilter, layer_editors, layer_filters
from sen.kernel.registry import Store

M = TypeVar("M", bound=ScopedModel)
Label = str | Promise


class Kind(StrEnum):
    """How a value is written for people and typed in files and REST."""

    TEXT = "text"
    NUMBER = "number"
    KM = "km"
    DATE = "date"
    DATETIME = "datetime"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    REFERENCE = "reference"
    MONEY = "money"
    NUMBERS = "numbers"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Column:
    """One value of a row: an ORM path (``road__number``) with its label and kind.

    ``sort`` needs an index beginning with the path; the contract tests ask for it.
    ``link`` names the path of the id of the row that the value belongs to.
    """

    name: str
    path: str = ""
    label: Label = ""
    kind: Kind | None = None
    unit: str = ""
    sort: bool = False
    link: bool = False
    shown: bool = True
    badge: Mapping[str, str] = field(default_factory=dict)
    #: Writes the value for people where its kind does not: codes of another catalogue, JSON.
    write: Callable[[Any], str] | None = None

    @property
    def source(self) -> str:
        return self.path or self.name


class FilterKind(StrEnum):
    CHOICE = "choice"
    REFERENCE = "reference"
    RANGE = "range"
    DATES = "dates"
    BOOLEAN = "boolean"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Filter:
    """One question that a list can be asked; its name is its URL parameter."""

    name: str
    path: str = ""
    label: Label = ""
    kind: FilterKind | None = None
    unit: str = ""
    #: For a reference: the field of the other model that a person reads.
    title: str = "name"
    #: For a reference to a tree: take everything below the chosen node too.
    subtree: bool = False

    @property
    def source(self) -> str:
        return self.path or self.name


@dataclass(frozen=True, slots=True)
class Section:
    """A group of columns on the detail page and of fields on the form."""

    title: Label
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of the create and edit forms; derived from the model unless said otherwise."""

    name: str
    label: Label = ""
    kind: str = ""
    required: bool | None = None
    help: Label = ""
    unit: str = ""
    resource: str = ""
    choices: tuple[tuple[str, Label], ...] = ()


class Resource(Generic[M]):
    """The declaration of one register. Subclass, set the class attributes, register."""

    model: type[M]
    slug: ClassVar[str]
    title: ClassVar[Label]
    one: ClassVar[Label] = ""
    icon: ClassVar[str] = "table"
    where: ClassVar[Q | None] = None
    columns: ClassVar[tuple[Column, ...]]
    filters: ClassVar[tuple[Filter, ...]] = ()
    sections: ClassVar[tuple[Section, ...]] = ()
    form: ClassVar[tuple[FormField | str, ...]] = ()
    #: Columns whose values stand below the title of a row's page: where it is, how it is.
    glance: ClassVar[tuple[str, ...]] = ()
    #: What the form of a new row shows at first where that is not the default of the model.
    first_values: ClassVar[Mapping[str, Any]] = {}
    bulk: ClassVar[tuple[str, ...]] = ()
    order: ClassVar[str] = "code"
    search: ClassVar[bool] = True
    in_palette: ClassVar[bool] = True
    #: Rows bear the name of something else (its file, its card): the palette shows them after it.
    palette_derived: ClassVar[bool] = False
    #: What tells rows of one name apart in the palette, in place of the code: an expression.
    palette_hint: ClassVar[Any] = None
    label_path: ClassVar[str] = "name"
    code_path: ClassVar[str] = "code"
    layer: ClassVar[str] = ""
    #: Further layers that draw rows of this register, such as those with another kind of shape.
    more_layers: ClassVar[tuple[str, ...]] = ()
    #: How rows are split and merged (``register.shaping.Reshape``); None: they are not.
    reshape: ClassVar[Any] = None
    importer: ClassVar[str] = ""
    in_menu: ClassVar[bool] = True
    menu_order: ClassVar[int] = 100
    #: Heading under which the menu folds this register together with others of its domain.
    menu_group: ClassVar[Label] = ""
    #: Path of the choice that says what a row is, where one register holds several kinds.
    kind_path: ClassVar[str] = ""

    #: Use cases: ``create(*, actor, **values)``, ``update(*, actor, row, version, reason,
    #: **values)``, ``delete(*, actor, row, version, reason)``. None: the register cannot do it.
    #: Wrap them in ``staticmethod``.
    create: ClassVar[Callable[..., Any] | None] = None
    update: ClassVar[Callable[..., Any] | None] = None
    delete: ClassVar[Callable[..., Any] | None] = None

    @cached_property
    def domain(self) -> str:
        return self.model._meta.app_label

    @cached_property
    def key(self) -> str:
        """``<domain>.<slug>``: the name under which panels, layers and tests find it."""
        return f"{self.domain}.{self.slug}"

    @cached_property
    def rule(self) -> AccessRule:
        return self.model.access

    @cached_property
    def path(self) -> str:
        return f"{self.domain}/{self.slug}"

    def rows(self, actor: Actor, act: str = "view") -> ScopedQuerySet[M]:
        """The rows of this register on which ``actor`` may do ``act``."""
        rows: ScopedQuerySet[M] = self.model.objects.visible_to(actor, act)
        return rows.filter(self.where) if self.where is not None else rows

    def may(self, actor: Actor, act: str) -> bool:
        """Whether the actor may do ``act`` on some row here (menu entries, buttons)."""
        if act == "view" and self.rule.public:
            return True
        return actor.may(self.rule.permission(act))

    def takes(self, row: M, act: str) -> bool:
        """Whether a row as it stands lends itself to ``act``; override where its state decides.

        What a row does not take is not offered on its pages; the service refuses it as well.
        """
        return True

    def may_on(self, actor: Actor, act: str, row: M) -> bool:
        """Whether the actor may do ``act`` on this row, and the row takes it."""
        return (
            self.may(actor, act)
            and actor.scope(self.rule, act).allows(row)
            and self.takes(row, act)
        )

    @cached_property
    def columns_by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    @cached_property
    def filters_by_name(self) -> dict[str, Filter]:
        return {f.name: f for f in self.filters}

    def label_of(self, item: Column | Filter | FormField) -> str:
        """The declared label, or the model field's own, with a capital first letter."""
        if item.label:
            return str(item.label)
        source = item.name if isinstance(item, FormField) else item.source
        model_field = self.model_field(source)
        return capfirst(str(getattr(model_field, "verbose_name", item.name)))

    def model_field(self, path: str) -> models.Field[Any, Any] | None:
        """The model field at the end of an ORM path; None for a computed or JSON value."""
        model: type[models.Model] | None = self.model
        found: Any = None
        for part in path.split("__"):
            if model is None:
                return None
            try:
                found = model._meta.get_field(part)
            except FieldDoesNotExist:
                return None
            model = found.related_model if found.is_relation else None
        return found if isinstance(found, models.Field) else None

    def is_json(self, path: str) -> bool:
        """Whether an ORM path ends inside a JSON field."""
        head, _sep, rest = path.partition("__")
        return bool(rest) and isinstance(self.model_field(head), models.JSONField)

    def kind_of(self, column: Column) -> Kind:
        """The declared kind, or the one that follows from the model field."""
        if column.kind is not None:
            return column.kind
        if column.source.endswith("_year"):
            return Kind.TEXT  # a year has no thousands
        return _kind_of_field(self.model_field(column.source))

    def choices_of(self, path: str) -> dict[Any, str]:
        """Stored value → what a person reads, for a field with choices."""
        model_field = self.model_field(path)
        flat = getattr(model_field, "flatchoices", None) or ()
        return {value: str(label) for value, label in flat}

    @cached_property
    def detail_sections(self) -> tuple[Section, ...]:
        return self.sections or (Section("", tuple(c.name for c in self.columns)),)

    @cached_property
    def form_fields(self) -> tuple[FormField, ...]:
        return tuple(f if isinstance(f, FormField) else FormField(f) for f in self.form)

    def form_fields_for(self, actor: Actor, row: M | None) -> tuple[FormField, ...]:
        """Fields of the form for one row; override where they hang on its kind or the actor.

        A field that is masked for the actor is not offered.
        """
        if row is None:
            return self.form_fields
        masked = actor.scope(self.rule).masked(row)
        return tuple(f for f in self.form_fields if f.name not in masked)

    def initial_of(self, row: M) -> dict[str, Any]:
        """What the edit form shows at first."""
        values: dict[str, Any] = {}
        for item in self.form_fields:
            head, _sep, rest = item.name.partition("__")
            value = getattr(row, head, None)
            values[item.name] = value.get(rest) if rest and isinstance(value, dict) else value
        return values

    def map_acts(self, actor: Actor) -> Mapping[str, str]:
        """Pages of the domain's own for what the map offers: ``change``, ``split``, ``merge``."""
        return {}

    def map_condition(self, query: QueryDict) -> Q:
        """What the list shows under a query, for the layer of the same rows."""
        from sen.kernel.web.register.listing import query_q

        condition, _errors = query_q(self, query)
        return condition & self.where if self.where is not None else condition

    def pack(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Form values as the service's arguments: ``attributes__x`` to ``attributes["x"]``."""
        packed: dict[str, Any] = {}
        for name, value in values.items():
            head, _sep, rest = name.partition("__")
            if rest:
                packed.setdefault(head, {})[rest] = value
            else:
                packed[name] = value
        return packed

    def related_paths(self) -> list[str]:
        """ORM paths of everything that a row of the list shows, guards or links by."""
        rule = self.rule
        guards = [rule.class_field, rule.org_field, rule.area_field]
        if rule.subject_field:
            guards.append(rule.subject_field)
        order = self.order.lstrip("-")
        paths = ["id", *guards, order, *(column.source for column in self.columns)]
        return list(dict.fromkeys(paths))


def _kind_of_field(model_field: models.Field[Any, Any] | None) -> Kind:
    if model_field is None:
        return Kind.TEXT
    if model_field.choices:
        return Kind.CHOICE
    for cls, kind in _KINDS:
        if isinstance(model_field, cls):
            return kind
    return Kind.TEXT


_KINDS: tuple[tuple[type[models.Field[Any, Any]], Kind], ...] = (
    (models.BooleanField, Kind.BOOLEAN),
    (models.DateTimeField, Kind.DATETIME),
    (models.DateField, Kind.DATE),
    (models.IntegerField, Kind.NUMBER),
    (models.FloatField, Kind.NUMBER),
    (models.DecimalField, Kind.NUMBER),
    (models.ForeignKey, Kind.REFERENCE),
    (models.JSONField, Kind.JSON),
)

#: Every register of the house, by ``<domain>.<slug>``.
resources: Store[Resource[Any]] = Store("register")


def register(cls: type[Resource[Any]]) -> type[Resource[Any]]:
    """Class decorator for ``web/resources.py``."""
    resource = cls()
    resources.add(resource.key, resource)
    layer_filters.add(resource.key, LayerFilter(resource.model, resource.map_condition))
    _add_editors(resource)
    return cls


def _add_editors(resource: Resource[Any]) -> None:
    """What can be written here can be written where its rows lie on the map."""
    if resource.create is None and resource.update is None:
        return
    from sen.kernel.web.register.transactions import RegisterEditor

    for name in filter(None, (resource.layer, *resource.more_layers)):
        if name not in layer_editors:
            layer_editors.add(name, RegisterEditor(resource, name))


def resource_at(path: str) -> Resource[Any] | None:
    """The register at ``<domain>/<slug>`` of a URL."""
    return resources.get(path.replace("/", "."))
