"""Changes that are proposed instead of written: the form pages hand them to a book of proposals.

A domain above keeps the book (drafts, checks, approvals); this module knows how a change of any
register is put down as plain values, shown before and after, and written later through the
register's own services. So every register that has a form and services takes part without a line.

Values are kept as a form would send them, in the formats of one language, whatever language the
screen of their author had.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, Protocol

from django import forms
from django.db import models
from django.forms import ModelChoiceField
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import override

from sen.kernel.access.models import Area, Organisation, ScopedModel
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InvalidInputError, SenError
from sen.kernel.numbers import number_text
from sen.kernel.registry import Store
from sen.kernel.web.register.forms import RegisterForm
from sen.kernel.web.register.resource import Resource

#: The language in whose formats values are kept.
KEPT_IN: Final = "vi"
#: Fields of the form that are no values of the row.
BESIDE: Final = frozenset({"version", "reason"})
#: Name of the button that proposes instead of saving.
BUTTON: Final = "propose"
#: Name of the choice of the set that takes the proposal.
INTO: Final = "propose_into"

Posted = dict[str, list[str]]


class Act(StrEnum):
    """What is proposed; the values are acts of permissions."""

    ADD = "add"
    CHANGE = "change"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Shown:
    """One field before and after, as a person reads it."""

    name: str
    label: str
    before: str
    after: str

    def plain(self) -> dict[str, str]:
        """As JSON holds it."""
        return {
            "name": self.name,
            "label": self.label,
            "before": self.before,
            "after": self.after,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One change of one row. ``values`` and ``before`` hold the fields that change."""

    resource: Resource[Any]
    act: Act
    row: ScopedModel | None
    values: Posted = field(default_factory=dict)
    before: Posted = field(default_factory=dict)
    shown: tuple[Shown, ...] = ()
    reason: str = ""
    #: For a new row: who will own it, where it will lie, and its class.
    cleaned: Mapping[str, Any] = field(default_factory=dict)


class Book(Protocol):
    """Where proposals go; one domain keeps it."""

    def offered(self, actor: Actor, resource: Resource[Any]) -> bool:
        """Whether this person may propose changes of a register."""

    def open_sets(self, actor: Actor) -> Sequence[tuple[str, str]]:
        """The sets that a proposal may join: key and title."""

    def take(
        self, *, actor: Actor, proposals: Sequence[Proposal], into: str, tried: bool = False
    ) -> str:
        """Keep proposals in a set (``into`` empty: a new one) and say its address.

        ``tried``: they are tried out first, and none is kept when one of them fails.

        Raises:
            SenError: they cannot be kept; it says why.
        """


#: Holds one book, or none when the domain that keeps it is left out.
books: Store[Book] = Store("book of proposals")


def book_for(actor: Actor, resource: Resource[Any], act: str) -> Book | None:
    """The book, if this person may propose ``act`` in the register and it can be carried out."""
    service = {"add": resource.create, "change": resource.update, "delete": resource.delete}
    if service.get(act) is None or not resource.may(actor, "view"):
        return None
    return next((book for book in books if book.offered(actor, resource)), None)


def proposed(form: ProposalForm) -> Proposal:
    """What a valid form would change.

    Raises:
        InvalidInputError: nothing differs from what is stored.
    """
    act = Act.ADD if form.row is None else Act.CHANGE
    reason = str(form.cleaned_data.get("reason") or "")
    found = difference(form, act, form.initial, form.cleaned_data, reason=reason)
    if found is None:
        raise InvalidInputError(message=_("Bạn chưa thay đổi trường nào."))
    return found


def difference(
    form: ProposalForm,
    act: Act,
    old_values: Mapping[str, Any],
    new_values: Mapping[str, Any],
    *,
    reason: str = "",
) -> Proposal | None:
    """What differs between two states of a record, of the fields that ``new_values`` names.

    None when nothing does.
    """
    values: Posted = {}
    before: Posted = {}
    shown: list[Shown] = []
    with override(KEPT_IN):
        for name, item in form.fields.items():
            if name in BESIDE or name not in new_values:
                continue
            old = old_values.get(name) if act is not Act.ADD else None
            new = new_values[name]
            was, now = posted_value(item, old), posted_value(item, new)
            if _bare(was) == _bare(now):
                continue
            values[name], before[name] = now, was
            shown.append(Shown(name, str(item.label), said(item, old), said(item, new)))
    if not values:
        return None
    return Proposal(
        resource=form.resource,
        act=act,
        row=form.row if act is not Act.ADD else None,
        values=values,
        before=before,
        shown=tuple(shown),
        reason=reason,
        cleaned=new_values,
    )


def proposed_deletion(
    resource: Resource[Any], actor: Actor, row: ScopedModel, reason: str
) -> Proposal:
    """The deletion of a row; all its values are kept, so that it can be made again."""
    form = ProposalForm(resource, actor, row)
    before: Posted = {}
    shown: list[Shown] = []
    with override(KEPT_IN):
        for name, item in form.fields.items():
            value = form.initial.get(name)
            if name in BESIDE or value in (None, ""):
                continue
            before[name] = posted_value(item, value)
            shown.append(Shown(name, str(item.label), said(item, value), ""))
    return Proposal(
        resource=resource,
        act=Act.DELETE,
        row=row,
        before=before,
        shown=tuple(shown),
        reason=reason,
    )


def _bare(posted: list[str]) -> list[str]:
    """Nothing sent and an empty text sent are the same nothing."""
    return [text for text in posted if text != ""]


def posted_value(item: forms.Field, value: Any) -> list[str]:
    """A value of a field as a form sends it."""
    if value is None:
        return [""]
    if isinstance(value, datetime):
        return [value.isoformat(sep=" ")]
    if isinstance(value, date):
        return [value.isoformat()]
    if isinstance(item, forms.FloatField | forms.DecimalField) and not isinstance(value, str):
        return [number_plain(value, "," if item.localize else ".")]
    made = item.widget.format_value(_prepared(item, value))
    if isinstance(made, list | tuple):
        return [str(one) for one in made if one not in (None, "")]
    return ["" if made is None else str(made).strip()]


def _prepared(item: forms.Field, value: Any) -> Any:
    if isinstance(value, models.Model):
        return value.pk
    return item.prepare_value(value)


def number_plain(value: Any, point: str = ".") -> str:
    """A number without needless zeros; ``point`` as the field reads it in the kept language."""
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    text = text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text
    return text.replace(".", point)


def said(item: forms.Field, value: Any) -> str:
    """A value of a field as a person reads it."""
    if value in (None, ""):
        return ""
    if isinstance(value, bool | str | models.Model) and not _is_chosen(item, value):
        return _said_plainly(value)
    if isinstance(item, ModelChoiceField):
        row = item.queryset.filter(pk=value).first() if item.queryset is not None else None
        return str(row) if row is not None else f"#{value}"
    if isinstance(item, forms.ChoiceField):
        return ", ".join(_chosen(item, value))
    if isinstance(value, datetime | date):
        return value.strftime("%d/%m/%Y")
    if isinstance(item, forms.FloatField | forms.DecimalField):
        return number_text(value)
    return str(item.prepare_value(value))[:300]


def _is_chosen(item: forms.Field, value: Any) -> bool:
    return isinstance(item, forms.ChoiceField) and not isinstance(value, bool | models.Model)


def _said_plainly(value: Any) -> str:
    if isinstance(value, bool):
        return _("Có") if value else _("Không")
    return str(value)


def _chosen(item: forms.ChoiceField, value: Any) -> list[str]:
    named: dict[str, str] = {}
    choices: Any = item.choices
    for key, label in choices:
        if isinstance(label, list | tuple):
            named |= {str(inner): str(text) for inner, text in label}
        else:
            named[str(key)] = str(label)
    wanted = value if isinstance(value, list | tuple) else [value]
    return [named.get(str(one), str(one)) for one in wanted]


class ProposalForm(RegisterForm):
    """The form of a register for somebody who proposes: any owner and any place may be named."""

    def __init__(
        self,
        resource: Resource[Any],
        actor: Actor,
        row: ScopedModel | None,
        data: Mapping[str, Any] | None = None,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(resource, actor, row, data, initial)
        for item in self.fields.values():
            if isinstance(item, ModelChoiceField) and item.queryset is not None:
                model = item.queryset.model
                if issubclass(model, (Organisation, Area)):
                    item.queryset = model._default_manager.filter(is_active=True)


class KeptForm(ProposalForm):
    """The form of a register filled with kept values; the other fields hold what is stored."""

    def __init__(
        self,
        resource: Resource[Any],
        actor: Actor,
        row: ScopedModel | None,
        values: Mapping[str, Sequence[str]],
    ) -> None:
        data = QueryDict(mutable=True)
        for name, given in values.items():
            data.setlist(name, list(given))
        super().__init__(resource, actor, row, data)
        self.kept = frozenset(values)

    def problems(self) -> list[str]:
        """What is wrong with the kept values now, field by field."""
        with override(KEPT_IN):
            self.full_clean()
        found = [
            f"{self.fields[name].label}: {text}"
            for name, texts in self.errors.items()
            if name in self.kept and name in self.fields
            for text in texts
        ]
        gone = sorted(self.kept - set(self.fields))
        return found + [_("Không còn trường “%(name)s”.") % {"name": name} for name in gone]

    def changed_values(self) -> dict[str, Any]:
        """Every value of the form: the kept ones, and what is stored beside them."""
        stored = {name: self.initial.get(name) for name in self.fields if name not in BESIDE}
        if self.row is None:
            return {name: self.cleaned_data.get(name) for name in stored}
        kept = {name: self.cleaned_data.get(name) for name in self.kept if name in self.fields}
        return stored | kept


def write(
    resource: Resource[Any],
    actor: Actor,
    act: Act,
    row: ScopedModel | None,
    values: Mapping[str, Sequence[str]],
    *,
    reason: str,
) -> ScopedModel | None:
    """Carry out one proposal through the services of its register.

    ``row`` is as it stands now; whoever calls compared its version with the one proposed for.

    Raises:
        SenError: the values are not right any more, or the service refuses; it says why.
    """
    if act is Act.DELETE:
        if resource.delete is None or row is None:
            raise SenError(_("Danh mục này không xóa được."))
        resource.delete(actor=actor, row=row, version=row.version, reason=reason)
        return None
    form = KeptForm(resource, actor, row, values)
    if problems := form.problems():
        raise InvalidInputError(message=" ".join(problems))
    packed = resource.pack(form.changed_values())
    if row is None:
        if resource.create is None:
            raise SenError(_("Danh mục này không thêm được."))
        made: ScopedModel = resource.create(actor=actor, **packed)
        return made
    if resource.update is None:
        raise SenError(_("Danh mục này không sửa được."))
    changed: ScopedModel = resource.update(
        actor=actor, row=row, version=row.version, reason=reason, **packed
    )
    return changed
