"""One page of a register: filters, search, order, keyset paging, formatted cells.

A page costs two statements whatever its position: the ids that match, up to ``COUNT_CAP`` (nobody
reads an exact count of a million rows, and it costs more than the page), and the rows. If there are
fewer, the rows are read by those ids: the database need not guess whether a filter is rare, and
never walks a million rows in their order to find three.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.lookups import IsNull
from django.http import QueryDict
from django.utils.translation import gettext as _

from sen.kernel.access.models import ScopedModel
from sen.kernel.access.querysets import ScopedQuerySet
from sen.kernel.access.scope import Actor, Scope
from sen.kernel.plans import planned_for_values
from sen.kernel.web.register.filters import (
    LARGEST_ID,
    FilterError,
    filter_q,
    kind_of_filter,
    narrowed,
    search_q,
)
from sen.kernel.web.register.resource import Column, FilterKind, Resource
from sen.lib.keyset import CursorError, CursorValue, decode_cursor, encode_cursor

PAGE_SIZE: Final = 50
PAGE_SIZES: Final = (25, 50, 100, 200)
COUNT_CAP: Final = 2_000
#: So many rows are faster read and looked at than found by the words of a search.
FEW_TO_SEARCH: Final = 20_000


@dataclass(frozen=True, slots=True)
class Order:
    """The order of a list: a column, a direction, and the id as tie-breaker."""

    path: str
    descending: bool

    @property
    def parameter(self) -> str:
        return ("-" if self.descending else "") + self.path


@dataclass(frozen=True, slots=True)
class Row:
    """One row as read: values by ORM path, with masked ones already taken out."""

    values: Mapping[str, Any]
    masked: frozenset[str]

    @property
    def id(self) -> int:
        return int(self.values["id"])

    def get(self, path: str) -> Any:
        return self.values.get(path)


@dataclass(frozen=True, slots=True)
class Page:
    """What one request for a list shows."""

    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    order: Order
    size: int
    count: int
    count_is_capped: bool
    next_cursor: str
    previous_cursor: str
    errors: Mapping[str, str]


def filtered(
    resource: Resource[Any], actor: Actor, query: QueryDict, act: str = "view"
) -> tuple[ScopedQuerySet[Any], dict[str, str]]:
    """Rows that the query's filters and search leave, and the parameters that made no sense."""
    rows = resource.rows(actor, act)
    condition, errors = query_q(resource, query)
    return rows.filter(condition), errors


def query_q(resource: Resource[Any], query: QueryDict) -> tuple[Q, dict[str, str]]:
    """Filters and search as one condition: shared by the list, the map, exports and REST."""
    asked = _asked(resource, query)
    return asked.filters & search_q(asked.words), asked.errors


@dataclass(frozen=True, slots=True)
class Asked:
    """What a query asks for; ``references`` is the part of ``filters`` that names other objects."""

    filters: Q
    references: Q
    words: str
    errors: dict[str, str]


def _asked(resource: Resource[Any], query: QueryDict) -> Asked:
    filters, errors = narrowed(resource, query)
    references = Q()
    for item in resource.filters:
        try:
            condition = filter_q(resource, item, query)
        except FilterError as error:
            errors[item.name] = str(error)
            continue
        filters &= condition
        if kind_of_filter(resource, item) is FilterKind.REFERENCE:
            references &= condition
    words = query.get("q", "").strip() if resource.search else ""
    return Asked(filters, references, words, errors)


def _few_to_search(resource: Resource[Any], actor: Actor, asked: Asked) -> bool:
    """Whether the other objects named, by which rows have an index, leave few rows to search in.

    PostgreSQL would fetch every row with a common word from the trigram index as well: it knows
    how many rows a word has, and thinks little of what it costs to fetch them.
    """
    if not (asked.words and asked.references):
        return False
    rows = resource.rows(actor).filter(asked.references).order_by()
    return rows[: FEW_TO_SEARCH + 1].count() <= FEW_TO_SEARCH


def order_of(resource: Resource[Any], query: QueryDict) -> Order:
    """The asked order if its column can be sorted, else the register's own."""
    asked = query.get("sort", "")
    column = resource.columns_by_name.get(asked.lstrip("-"))
    if column is not None and column.sort:
        return Order(column.source, asked.startswith("-"))
    return Order(resource.order.lstrip("-"), resource.order.startswith("-"))


def columns_of(resource: Resource[Any], query: QueryDict) -> tuple[Column, ...]:
    """The chosen columns in the chosen order, else those shown at first."""
    names = [name for name in query.get("cols", "").split(",") if name]
    chosen = tuple(resource.columns_by_name[n] for n in names if n in resource.columns_by_name)
    return chosen or tuple(column for column in resource.columns if column.shown)


def size_of(query: QueryDict) -> int:
    text = query.get("size", "")
    return int(text) if text.isdecimal() and int(text) in PAGE_SIZES else PAGE_SIZE


def page(resource: Resource[Any], actor: Actor, query: QueryDict) -> Page:
    """Read one page.

    A cursor that is garbage or belongs to another order shows the first page with an error.
    """
    with planned_for_values():
        return _page(resource, actor, query)


def _page(resource: Resource[Any], actor: Actor, query: QueryDict) -> Page:
    asked = _asked(resource, query)
    words = search_q(asked.words, by_index=not _few_to_search(resource, actor, asked))
    rows: ScopedQuerySet[Any] = resource.rows(actor).filter(asked.filters & words)
    errors = asked.errors
    order = order_of(resource, query)
    size = size_of(query)
    backwards = bool(query.get("before"))
    found = list(rows.order_by().values_list("pk", flat=True)[: COUNT_CAP + 1])
    if len(found) <= COUNT_CAP:
        rows = resource.rows(actor).filter(pk__in_array=found)
    ranges: tuple[ScopedQuerySet[Any], ...] = (rows,)
    try:
        ranges = _after(rows, order, query.get("before") or query.get("after") or "", backwards)
    except CursorError as error:
        errors["after"] = str(error)
        backwards = False
    read: list[Row] = []
    for part in ranges:
        if len(read) <= size:
            wanted = in_order(part, order, backwards)[: size + 1 - len(read)]
            read += read_rows(resource, actor, wanted)
    more = len(read) > size
    read = read[:size]
    if backwards:
        read.reverse()
    has_next = more if not backwards else True
    has_previous = more if backwards else bool(query.get("after")) and "after" not in errors
    return Page(
        rows=tuple(read),
        columns=columns_of(resource, query),
        order=order,
        size=size,
        count=min(len(found), COUNT_CAP),
        count_is_capped=len(found) > COUNT_CAP,
        next_cursor=cursor_of(read[-1], order) if read and has_next else "",
        previous_cursor=cursor_of(read[0], order) if read and has_previous else "",
        errors=errors,
    )


def read_rows(resource: Resource[Any], actor: Actor, rows: ScopedQuerySet[Any]) -> Iterator[Row]:
    """Rows as values, with the fields taken out that the actor is not cleared for."""
    scope = actor.scope(resource.rule)
    for values in rows.values(*resource.related_paths()):
        yield mask_row(scope, values)


def read_one(
    resource: Resource[Any], actor: Actor, row_id: int
) -> tuple[ScopedModel, Row] | tuple[None, None]:
    """One row as an object and as the values that its page shows, in one statement."""
    own = {item.name: item.attname for item in resource.model._meta.concrete_fields}
    paths = resource.related_paths()
    places = {path: f"sen_value_{place}" for place, path in enumerate(paths) if path not in own}
    rows = resource.rows(actor).filter(pk=row_id)
    row = rows.annotate(**{name: F(path) for path, name in places.items()}).order_by().first()
    if row is None:
        return None, None
    values = {path: getattr(row, places.get(path) or own[path]) for path in paths}
    return row, mask_row(actor.scope(resource.rule), values)


def mask_row(scope: Scope, values: Mapping[str, Any]) -> Row:
    masked = scope.masked(values) if scope.rule.masks else frozenset()
    if masked:
        values = {path: (None if _root(path) in masked else v) for path, v in values.items()}
    return Row(values, masked)


def _root(path: str) -> str:
    """A mask on ``owner`` also covers ``owner__name``; a JSON key is masked by its full path."""
    return path.split("__", 1)[0] if not path.startswith("attributes__") else path


def in_order(rows: ScopedQuerySet[Any], order: Order, backwards: bool) -> ScopedQuerySet[Any]:
    descending = order.descending != backwards
    tie = "-id" if descending else "id"
    if order.path == "id":
        return rows.order_by(tie)
    first = (
        F(order.path).desc(nulls_first=True) if descending else F(order.path).asc(nulls_last=True)
    )
    return rows.order_by(first, tie)


def _after(
    rows: ScopedQuerySet[Any], order: Order, cursor: str, backwards: bool
) -> tuple[ScopedQuerySet[Any], ...]:
    """Rows strictly behind the cursor in the direction of reading (NULL counts as the largest).

    Returns:
        Ranges to be read one after the other, each one range of the index: a single query with
        OR between them would read the index from its beginning.
    """
    if not cursor:
        return (rows,)
    name, value, row_id = decode_cursor(cursor, length=3)
    if name != order.parameter or type(row_id) is not int or abs(row_id) > LARGEST_ID:
        raise CursorError(_("Vị trí trang không thuộc thứ tự sắp xếp này; đã quay về trang đầu."))
    value = _checked(rows.model, order.path, value)
    descending = order.descending != backwards
    compare = "lt" if descending else "gt"
    if order.path == "id":
        return (rows.filter(**{f"id__{compare}": row_id}),)
    nulls = rows.filter(IsNull(F(order.path), True))
    if value is None:
        same = nulls.filter(**{f"id__{compare}": row_id})
        return (same, rows.filter(IsNull(F(order.path), False))) if descending else (same,)
    is_json = isinstance(_field_at(rows.model, order.path), models.JSONField)
    sought = models.Value(value, models.JSONField()) if is_json else models.Value(value)
    behind = rows.filter(RowCompare(order.path, sought, row_id, descending))
    return (behind,) if descending or not _may_be_null(rows.model, order.path) else (behind, nulls)


def _field_at(model: type[models.Model], path: str) -> Any:
    """The model field at the end of an ORM path; for a key in JSON the JSON field."""
    field: Any = None
    for part in path.split("__"):
        if isinstance(field, models.JSONField):
            break
        field = (field.related_model if field is not None else model)._meta.get_field(part)
    return field


def _may_be_null(model: type[models.Model], path: str) -> bool:
    return "__" in path or bool(_field_at(model, path).null)


def _checked(model: type[models.Model], path: str, value: CursorValue) -> Any:
    """The cursor's value as the column has it: a cursor can be written by anybody.

    Raises:
        CursorError: it is of another kind than the column.
    """
    field = _field_at(model, path)
    try:
        if value is None or isinstance(field, models.JSONField):
            checked = value
        else:
            checked = field.to_python(value)
        is_sound = not (isinstance(checked, str) and "\x00" in checked)
        is_sound &= not isinstance(checked, int) or abs(checked) <= LARGEST_ID
    except (ValidationError, TypeError, ValueError, ArithmeticError):
        is_sound = False
    if not is_sound:
        raise CursorError(_("Vị trí trang không thuộc thứ tự sắp xếp này; đã quay về trang đầu."))
    return checked


class RowCompare(models.Func):
    """``(column, id) > (value, id)``: one index range, which an OR of two conditions is not."""

    output_field = models.BooleanField()
    conditional = True

    def __init__(self, path: str, value: models.Value, row_id: int, descending: bool) -> None:
        ahead = models.Func(F(path), F("id"), function="ROW")
        behind = models.Func(value, models.Value(row_id), function="ROW")
        sign = "<" if descending else ">"
        super().__init__(ahead, behind, template="(%(expressions)s)", arg_joiner=f" {sign} ")


def cursor_of(row: Row, order: Order) -> str:
    value = row.get(order.path)
    return encode_cursor([order.parameter, _plain(value), row.id])


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, (str, int, float, bool)) else str(value)
