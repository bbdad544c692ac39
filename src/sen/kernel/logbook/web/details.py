"""What one entry says, as a person reads it: facts, and fields before and after."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from sen.kernel.access.models import ScopedModel
from sen.kernel.access.rls import guarded_models
from sen.kernel.access.scope import Actor
from sen.kernel.audit.history import shown_value, versions_of, withhold
from sen.kernel.audit.models import AuditEntry
from sen.kernel.logbook.selectors import Line
from sen.kernel.logbook.words import resource_words
from sen.kernel.numbers import number_text

#: Parts of ``detail`` that have a place of their own on the page.
APART = frozenset({"changes", "version", "created"})


def facts_shown(line: Line, who: str) -> list[tuple[str, Any]]:
    """Everything that an entry says beside its changes."""
    entry = line.entry
    withheld = _("(ngoài phạm vi được xem)")
    facts: list[tuple[str, Any]] = [
        (_("Thời điểm"), timezone.localtime(entry.at).strftime("%H:%M:%S %d/%m/%Y")),
        (_("Người thực hiện"), who if who == entry.actor_name else f"{who} ({entry.actor_name})"),
        (_("Loại"), entry.get_kind_display()),
        (_("Đối tượng"), resource_words(entry.resource) if entry.resource else ""),
        (_("Mã đối tượng"), entry.object_id),
        (_("Tên đối tượng"), withheld if line.is_withheld else entry.object_label),
        (_("Lý do"), entry.reason),
        (_("Địa chỉ IP"), entry.ip),
        (_("Mã yêu cầu"), entry.request_id),
        (_("Giao dịch"), entry.txid),
    ]
    return facts + [
        (name, _text(value)) for name, value in entry.detail.items() if name not in APART
    ]


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    if isinstance(value, dict):
        return "; ".join(f"{name}: {item}" for name, item in value.items())
    return str(value)


def changes_shown(actor: Actor, entry: AuditEntry) -> list[dict[str, Any]]:
    """Rows for the ``diff`` component; values that the actor may not see are left out."""
    model = _model_of(entry)
    if model is not None:
        states = {s.version: s for s in versions_of(model, int(entry.object_id), actor)}
        withhold(entry, states)
    changes = entry.detail.get("changes")
    if not isinstance(changes, Mapping):
        return []
    rows: list[dict[str, Any]] = []
    for name, (before, after) in changes.items():
        if before is None and after is None:
            continue
        rows += _rows(model, name, before, after)
    return rows


def _model_of(entry: AuditEntry) -> type[ScopedModel] | None:
    """The guarded model of an entry, when it is the only one of its resource."""
    found = [model for model in guarded_models() if model.access.resource == entry.resource]
    return found[0] if len(found) == 1 and entry.object_id.isdecimal() else None


def _rows(
    model: type[ScopedModel] | None, name: str, before: Any, after: Any
) -> list[dict[str, Any]]:
    if isinstance(before, dict | None) and isinstance(after, dict | None):
        old, new = before or {}, after or {}
        keys = [key for key in dict.fromkeys((*old, *new)) if old.get(key) != new.get(key)]
        label = _field_label(model, name)
        return [_row(f"{label}: {key}", old.get(key), new.get(key)) for key in keys]
    field = _field(model, name)
    if field is not None:
        before, after = _value(field, before), _value(field, after)
    return [_row(_field_label(model, name), before, after)]


def _value(field: models.Field[Any, Any], value: Any) -> Any:
    """The log keeps decimal numbers as text."""
    if isinstance(field, models.DecimalField) and isinstance(value, str):
        return field.to_python(value)
    return shown_value(field, value)


def _row(label: str, before: Any, after: Any) -> dict[str, Any]:
    return {"label": capfirst(label), "before": _number(before), "after": _number(after)}


def _number(value: Any) -> Any:
    return number_text(value) if isinstance(value, Decimal | float) else value


def _field(model: type[ScopedModel] | None, name: str) -> models.Field[Any, Any] | None:
    if model is None:
        return None
    try:
        found = model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    return found if isinstance(found, models.Field) else None


def _field_label(model: type[ScopedModel] | None, name: str) -> str:
    field = _field(model, name)
    return str(field.verbose_name) if field is not None else name
