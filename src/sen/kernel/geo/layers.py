"""The registry of map layers: one declaration gives tiles, OGC collections, legend and exports.

A domain declares its layers in ``web/layers.py``::

    layers.add("bridges", Layer(
        name="bridges", title=_("Cầu"), category="structures", model=Bridge,
        geometry_kind=GeometryKind.POINT,
        tile_fields=("name", "condition"),
        fields={"code": "code", "name": "name", "manager": "owner_org__name"},
        minzoom=9, zoom_rule={11: Q(length_m__gte=100)},
        style=Style(color="#7c3aed", radius=5, label_field="name"),
        detail_url="/ql/assets/bridges/{id}/",
    ))
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, Final, Protocol

from django.db.models import Field, Q
from django.http import QueryDict
from django.utils.functional import Promise

from sen.kernel.access.models import ScopedModel
from sen.kernel.access.scope import ANONYMOUS, AccessRule, Actor, Scope
from sen.kernel.registry import Store

Label = str | Promise
MAX_TILE_FIELDS: Final = 4
MAX_ZOOM: Final = 22
#: Parameters of the OGC API, which no field may be called.
RESERVED: Final = frozenset(
    {"f", "limit", "after", "bbox", "bbox-crs", "datetime", "crs"}
    | {"filter", "filter-lang", "filter-crs"}
)
#: All layers that draw the ground, in one tile: a map asks once instead of for each.
GROUND: Final = "ground"
NAME: Final = re.compile(r"[a-z][a-z0-9_-]{1,60}")


class GeometryKind(StrEnum):
    POINT = "point"
    LINE = "line"
    POLYGON = "polygon"


class LayerError(ValueError):
    """A layer is declared wrongly; the text says which one and how to mend it."""


@dataclass(frozen=True, slots=True)
class Look:
    """How features with one value of a field are drawn and named in the legend."""

    color: str
    label: Label = ""
    width: float | None = None


@dataclass(frozen=True, slots=True)
class By:
    """Looks by the value of a tile field; ``default`` is the colour of every other value."""

    field: str
    values: Mapping[str | int, Look]
    default: str


@dataclass(frozen=True, slots=True)
class Style:
    """How ``<sen-map>`` draws a layer.

    Units:
        ``width`` and ``radius``: pixels. ``opacity``: 0 to 1.
    """

    color: str
    width: float | None = None
    radius: float | None = None
    opacity: float | None = None
    label_field: str = ""
    by: By | None = None


@dataclass(frozen=True, slots=True)
class Category:
    """A heading of the layer list, in the order of registration."""

    id: str
    title: Label


@dataclass(frozen=True, slots=True)
class LayerFilter:
    """The filters of a register as one condition, so that map and list show the same rows."""

    model: type[ScopedModel]
    condition: Callable[[QueryDict], Q]


class LayerEditor(Protocol):
    """How the rows of a layer are written: through the services of their domain.

    ``values`` are properties by the names of the layer's fields or of the register's form, and
    ``geom``; what an editor cannot write it refuses by name.
    """

    def may(self, actor: Actor, act: str) -> bool:
        """Whether the actor may add, change or delete some row here."""
        ...

    def offers(self, actor: Actor) -> Mapping[str, Any]:
        """What the map offers to the actor for rows of the layer: addresses by act."""
        ...

    def writable(self) -> Mapping[str, Label]:
        """Names that may be written, with what people call them."""
        ...

    def create(self, *, actor: Actor, values: Mapping[str, Any]) -> int: ...

    def change(
        self,
        *,
        actor: Actor,
        row_id: int,
        version: int,
        values: Mapping[str, Any],
        is_whole: bool,
        reason: str,
    ) -> None: ...

    def delete(self, *, actor: Actor, row_id: int, version: int, reason: str) -> None: ...


@dataclass(frozen=True, kw_only=True, eq=False)
class Layer:
    """Rows of one model on the map.

    ``where`` keeps some rows (a kind) for good. ``zoom_rule`` keeps fewer when zoomed out: the
    condition of the smallest key that is not below the zoom holds. ``tile_fields`` are what
    styling and labels need; ``fields`` (name → ORM path) is what OGC, popups and exports carry.
    ``time_fields`` are the start and end of validity, or one instant twice.
    """

    name: str
    title: Label
    category: str
    model: type[ScopedModel]
    geometry_kind: GeometryKind
    fields: Mapping[str, str]
    style: Style
    tile_fields: tuple[str, ...] = ()
    where: Q | None = None
    zoom_rule: Mapping[int, Q] = field(default_factory=dict)
    minzoom: int = 5
    maxzoom: int = 16
    order: int = 100
    detail_url: str = ""
    visible: bool = True
    public_title: Label = ""
    description: Label = ""
    attribution: Label = ""
    time_fields: tuple[str, str] = ("updated_at", "updated_at")
    basemap: bool = False
    #: Whatever is drawn anywhere may be snapped to it (roads).
    snaps: bool = False

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name) or self.name == GROUND:
            raise LayerError(f"layer {self.name!r}: must match {NAME.pattern}, not be {GROUND!r}")
        if len(self.tile_fields) > MAX_TILE_FIELDS:
            raise LayerError(
                f"layer {self.name}: {len(self.tile_fields)} tile fields, at most "
                f"{MAX_TILE_FIELDS}; tiles carry what styling needs, details come by id"
            )
        if not 0 <= self.minzoom <= self.maxzoom <= MAX_ZOOM:
            raise LayerError(f"layer {self.name}: zooms must satisfy 0 ≤ min ≤ max ≤ {MAX_ZOOM}")
        if not self.fields or RESERVED & self.fields.keys():
            raise LayerError(
                f"layer {self.name}: fields must not be empty or be {sorted(RESERVED)}"
            )
        needed = {self.style.label_field} | ({self.style.by.field} if self.style.by else set())
        if missing := sorted(needed - {""} - set(self.tile_fields)):
            raise LayerError(f"layer {self.name}: the style reads {missing}: add to tile_fields")

    @property
    def rule(self) -> AccessRule:
        return self.model.access

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    @cached_property
    def related(self) -> tuple[type[Any], ...]:
        """Other models whose values appear in tiles."""
        return tuple(
            dict.fromkeys(m for path in self.tile_fields for m in related_models(self.model, path))
        )

    @cached_property
    def rules(self) -> tuple[AccessRule, ...]:
        """Access rules that decide what a tile or an item shows: the model's, then related ones."""
        models = [
            m
            for path in (*self.tile_fields, *self.fields.values())
            for m in related_models(self.model, path)
        ]
        guarded = [m.access for m in models if issubclass(m, ScopedModel)]
        return tuple(dict.fromkeys([self.rule, *guarded]))

    @cached_property
    def digest(self) -> str:
        """Changes with the declaration, so a new release draws its tiles anew."""
        said = (
            self.table,
            self.tile_fields,
            str(self.where),
            self.minzoom,
            self.maxzoom,
            sorted((zoom, str(q)) for zoom, q in self.zoom_rule.items()),
            TILE_FORMAT,
        )
        return hashlib.sha256(repr(said).encode()).hexdigest()[:6]

    def zoom_condition(self, zoom: int) -> tuple[int, Q | None]:
        """The key and the condition of the rule that holds at a zoom; the key is -1 for none."""
        for limit in sorted(self.zoom_rule):
            if zoom <= limit:
                return limit, self.zoom_rule[limit]
        return -1, None

    def filter_query(self, query: QueryDict) -> Q | None:
        """The condition that ``ids-of=<register>`` and the register's parameters ask for.

        Raises:
            LayerError: no such register, or it shows another model.
        """
        name = query.get("ids-of")
        if not name:
            return None
        known = layer_filters.get(name)
        if known is None or known.model is not self.model:
            raise LayerError(f"ids-of={name}: no register of that name shows layer {self.name}")
        return known.condition(query)

    def access(self, actor: Actor) -> LayerAccess:
        """What the actor may see of the layer."""
        return LayerAccess(self, actor, {rule: actor.scope(rule) for rule in self.rules})


#: Counts up when the SQL of tiles changes its output.
TILE_FORMAT: Final = 1


@dataclass(frozen=True)
class LayerAccess:
    """One actor's scopes for a layer and for the models that its fields reach."""

    layer: Layer
    actor: Actor
    scopes: Mapping[AccessRule, Scope]

    @property
    def scope(self) -> Scope:
        return self.scopes[self.layer.rule]

    @property
    def is_empty(self) -> bool:
        """Whether the actor may see no row at all; the layer then does not exist for them."""
        return not self.scope.clauses

    @cached_property
    def is_public(self) -> bool:
        """Whether everybody would see the same."""
        return not self.is_empty and all(
            scope.clauses == ANONYMOUS.scope(rule).clauses for rule, scope in self.scopes.items()
        )

    @cached_property
    def digest(self) -> str:
        """Names the scopes together: ``p`` for what everybody sees. Part of every cache key."""
        if self.is_public:
            return PUBLIC
        parts = "".join(scope.digest for scope in self.scopes.values())
        return hashlib.sha256(parts.encode()).hexdigest()[:16]


PUBLIC: Final = "p"
layers: Store[Layer] = Store("layer")
categories: Store[Category] = Store("map category")
#: Filled by registers under their key (``assets.bridges``).
layer_filters: Store[LayerFilter] = Store("layer filter")
#: Filled by registers whose rows may be written, under the name of the layer.
layer_editors: Store[LayerEditor] = Store("layer editor")


def add_layer(layer: Layer) -> Layer:
    """Register a layer under its own name."""
    return layers.add(layer.name, layer)


def related_models(model: type[Any], path: str) -> list[type[Any]]:
    """Models behind the foreign keys of an ORM path, nearest first.

    Raises:
        FieldDoesNotExist: the path names no field.
    """
    found: list[type[Any]] = []
    parts = path.split("__")
    for position, part in enumerate(parts):
        item: Field[Any, Any] = model._meta.get_field(part)
        if not item.is_relation or position == len(parts) - 1:
            break
        model = item.related_model  # type: ignore[assignment]
        found.append(model)
    return found


def visible_layers(actor: Actor) -> list[Layer]:
    """Layers of which the actor may see rows, in drawing order."""
    seen = [layer for layer in layers if not layer.access(actor).is_empty]
    return sorted(seen, key=lambda layer: layer.order)
