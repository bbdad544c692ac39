"""Splitting a row of a register in two, and merging two, through the domain's own services.

A register that allows it says how its fields follow (``Resource.reshape``). What becomes of every
field is shown before anything is written; both acts are one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from django.contrib.gis.geos import GEOSGeometry
from django.db import models, transaction
from django.utils.translation import gettext as _

from sen.kernel.access.context import acting_as, as_system, current
from sen.kernel.access.models import ScopedModel
from sen.kernel.access.scope import Actor
from sen.kernel.audit.services import record
from sen.kernel.errors import ConflictError, InvalidInputError
from sen.kernel.files.models import Attachment
from sen.kernel.web.register.forms import RegisterForm
from sen.kernel.web.register.resource import Resource

SPLIT: Final = "split"
MERGE: Final = "merge"


@dataclass(frozen=True, slots=True)
class Reshape:
    """How the fields of a register follow when a row is split or merged.

    ``fresh`` must differ in every row (codes); ``shared`` are amounts that are divided by length
    or area and added up again; ``placed`` gives values that follow from the new shape.
    """

    fresh: tuple[str, ...] = ("code", "name")
    shared: tuple[str, ...] = ()
    placed: Callable[[ScopedModel, GEOSGeometry], Mapping[str, Any]] | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a split row: its shape, its share, the values that it gets."""

    shape: GEOSGeometry
    amount: float
    share: float
    values: dict[str, Any]


def reshape_of(resource: Resource[Any]) -> Reshape | None:
    """How the rows of a register are split and merged; None when they are not."""
    found: Reshape | None = resource.reshape
    return found


def parts_of(
    resource: Resource[Any], actor: Actor, row: ScopedModel, line: GEOSGeometry
) -> list[Part]:
    """What a split by a line would make; the first part is the row itself.

    Raises:
        InvalidInputError: the line does not cut the shape.
    """
    from sen.kernel.geo.editing.cutting import amount, cut

    rules = _rules(resource)
    shape = getattr(row, "geom", None)
    if not isinstance(shape, GEOSGeometry):
        raise InvalidInputError({"cut": _("Đối tượng chưa có hình nên không tách được.")})
    shapes = cut(shape, line)
    amounts = [amount(piece) for piece in shapes]
    whole = sum(amounts)
    given = values_of(resource, actor, row)
    shares = {name: _divided(given[name], amounts) for name in rules.shared if given.get(name)}
    found: list[Part] = []
    for number, piece in enumerate(shapes):
        values = dict(given) | {name: divided[number] for name, divided in shares.items()}
        if rules.placed is not None:
            values |= rules.placed(row, piece)
        if number:
            # What is asked for once only, such as the project of a work, is asked for again.
            values = entered_values(resource, actor, row) | values
            values |= {
                name: f"{given[name]}-{number + 1}" for name in rules.fresh if given.get(name)
            }
        found.append(Part(piece, amounts[number], amounts[number] / whole, values))
    return found


def split_row(
    *,
    actor: Actor,
    resource: Resource[Any],
    row: ScopedModel,
    version: int,
    line: GEOSGeometry,
    fresh: Sequence[Mapping[str, Any]],
    reason: str,
) -> list[ScopedModel]:
    """Cut a row: it keeps the first part, the others become rows of their own.

    ``fresh`` gives the values that must differ, for each of the other parts. Attachments stand
    with every part afterwards; what else refers to the row stays with it.

    Raises:
        InvalidInputError: the line does not cut the shape, or a service refuses a value.
        ConflictError: somebody changed the row meanwhile.
    """
    parts = parts_of(resource, actor, row, line)
    why = reason.strip() or _("Tách “%(name)s”") % {"name": row}
    if resource.create is None or resource.update is None:
        raise InvalidInputError({}, _("Danh mục này không tách được."))
    with _in_one_act(actor, why):
        kept = resource.update(
            actor=actor,
            row=row,
            version=version,
            reason=why,
            **resource.pack(parts[0].values | {"geom": parts[0].shape}),
        )
        made: list[ScopedModel] = []
        for number, part in enumerate(parts[1:]):
            values = part.values | dict(fresh[number]) | {"geom": part.shape}
            made.append(resource.create(actor=actor, **resource.pack(values)))
        for new in made:
            _share_files(resource, row, new)
            record(
                act=f"{resource.rule.resource}.{SPLIT}",
                on=new,
                reason=why,
                detail={"from": row.pk, "from_label": str(row), "register": resource.key},
            )
        record(
            act=f"{resource.rule.resource}.{SPLIT}",
            on=kept,
            reason=why,
            detail={"into": [[new.pk, str(new)] for new in made], "register": resource.key},
        )
    return [kept, *made]


def merged_values(
    resource: Resource[Any],
    actor: Actor,
    keep: ScopedModel,
    other: ScopedModel,
    chosen: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Values of two rows in one: amounts added, the rest as chosen (``other``) or as kept."""
    from sen.kernel.geo.editing.cutting import unite

    rules = _rules(resource)
    ours, theirs = values_of(resource, actor, keep), values_of(resource, actor, other)
    values = {
        name: theirs.get(name) if (chosen or {}).get(name) == "other" else value
        for name, value in ours.items()
    }
    for name in rules.shared:
        amounts = [v for v in (ours.get(name), theirs.get(name)) if v is not None]
        values[name] = sum(amounts[1:], amounts[0]) if amounts else None
    shape, more = getattr(keep, "geom", None), getattr(other, "geom", None)
    if not isinstance(shape, GEOSGeometry) or not isinstance(more, GEOSGeometry):
        raise InvalidInputError({"other": _("Cả hai đối tượng phải có hình.")})
    united = unite(shape, more)
    values["geom"] = united
    if rules.placed is not None:
        values |= rules.placed(keep, united)
    return values


def merge_rows(
    *,
    actor: Actor,
    resource: Resource[Any],
    keep: ScopedModel,
    other: ScopedModel,
    versions: tuple[int, int],
    chosen: Mapping[str, str],
    reason: str,
) -> ScopedModel:
    """Take a neighbour into a row; its attachments move along, its history stays readable.

    Raises:
        InvalidInputError: the two do not touch, or a service refuses a value.
        ConflictError: somebody changed one of them, or something refers to the neighbour.
    """
    if resource.update is None or resource.delete is None:
        raise InvalidInputError({}, _("Danh mục này không gộp được."))
    values = merged_values(resource, actor, keep, other, chosen)
    why = reason.strip() or _("Gộp “%(other)s” vào “%(name)s”") % {"other": other, "name": keep}
    if held := references(other):
        raise ConflictError(
            _("Chưa gộp được: “%(other)s” còn %(what)s.")
            % {"other": other, "what": ", ".join(f"{n} {name}" for name, n in held.items())},
            hint=_("Hãy chuyển chúng sang đối tượng được giữ lại trước, hoặc giữ đối tượng kia."),
        )
    with _in_one_act(actor, why):
        other_id, other_label = other.pk, str(other)
        _move_files(resource, other, keep)
        # The neighbour goes first: two rows may not hold the same place or code at once.
        resource.delete(actor=actor, row=other, version=versions[1], reason=why)
        kept: ScopedModel = resource.update(
            actor=actor, row=keep, version=versions[0], reason=why, **resource.pack(values)
        )
        record(
            act=f"{resource.rule.resource}.{MERGE}",
            on=kept,
            reason=why,
            detail={
                "absorbed": other_id,
                "absorbed_label": other_label,
                "register": resource.key,
            },
        )
    return kept


def values_of(resource: Resource[Any], actor: Actor, row: ScopedModel) -> dict[str, Any]:
    """What the form of a row holds, without its shape."""
    form = RegisterForm(resource, actor, row)
    names = [item.name for item in resource.form_fields_for(actor, row) if item.name != "geom"]
    return {name: form.initial.get(name) for name in names}


def entered_values(resource: Resource[Any], actor: Actor, row: ScopedModel) -> dict[str, Any]:
    """What the form of a new row would hold to be like this one, without its shape."""
    initial = resource.initial_of(row)
    names = [item.name for item in resource.form_fields_for(actor, None) if item.name != "geom"]
    return {name: initial.get(name) for name in names}


def references(row: ScopedModel) -> dict[str, int]:
    """How many rows of other tables point at a row, by what they are called."""
    found: dict[str, int] = {}
    with as_system("what refers to a row holds it, whoever may see it"):
        for relation in row._meta.get_fields(include_hidden=True):
            if not isinstance(relation, models.ManyToOneRel):
                continue
            rows = relation.related_model._base_manager.filter(**{relation.field.name: row.pk})
            if count := rows.count():
                name = str(relation.related_model._meta.verbose_name)
                found[name] = found.get(name, 0) + count
    return found


def _rules(resource: Resource[Any]) -> Reshape:
    rules = reshape_of(resource)
    if rules is None:
        raise InvalidInputError({}, _("Danh mục này không tách, gộp được."))
    return rules


def _divided(value: Any, amounts: Sequence[float]) -> list[Any]:
    """An amount in shares that add up to it exactly; the first takes what rounding leaves."""
    whole = sum(amounts)
    if isinstance(value, int):
        parts: list[Any] = [round(value * one / whole) for one in amounts]
    else:
        step = Decimal(1).scaleb(int(Decimal(str(value)).as_tuple().exponent))
        parts = [
            (Decimal(str(value)) * Decimal(one / whole)).quantize(step, ROUND_HALF_UP)
            for one in amounts
        ]
        value = Decimal(str(value))
    return [value - sum(parts[1:]), *parts[1:]]


def _in_one_act(actor: Actor, reason: str) -> Any:
    """All or nothing, under one reason."""
    acting = current()
    if acting.actor == actor:
        return acting_as(actor, reason=reason, request_id=acting.request_id, ip=acting.ip)
    return transaction.atomic()


def _share_files(resource: Resource[Any], row: ScopedModel, new: ScopedModel) -> None:
    """Photos and papers of the whole are those of every part: the content is kept once."""
    for one in Attachment.objects.filter(
        register=resource.key, object_id=row.pk, removed_at=None
    ).order_by("id"):
        Attachment.objects.create(
            register=one.register,
            object_id=new.pk,
            file=one.file,
            name=one.name,
            title=one.title,
            data_class=one.data_class,
            added_by=one.added_by,
            added_by_name=one.added_by_name,
            is_demo=one.is_demo,
        )


def _move_files(resource: Resource[Any], other: ScopedModel, keep: ScopedModel) -> None:
    Attachment.objects.filter(register=resource.key, object_id=other.pk).update(object_id=keep.pk)
