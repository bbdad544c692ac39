"""The standard of a data set: its fields as people, programs and spreadsheets need them.

Nothing is written down twice: an importer says which fields a file may have, and that is the
standard. What a person may send, a page can show, a schema can check and a template can hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.db import models
from django.utils.translation import gettext as _

from sen.kernel.access.scope import ANONYMOUS
from sen.kernel.errors import NotFoundError
from sen.kernel.imports.importer import FieldKind, Importer, ImportField, importers
from sen.kernel.web.register.resource import Resource, resources

VERSION: Final = "1.0"


@dataclass(frozen=True, slots=True)
class StandardField:
    """One field. ``codes``: what is stored → what people write."""

    name: str
    label: str
    kind: FieldKind
    required: bool
    unit: str
    help: str
    longest: int
    codes: dict[str, str]
    example: str

    @property
    def header(self) -> str:
        """The column's heading in a file, which the import knows again."""
        return f"{self.label} ({self.unit})" if self.unit else self.label


@dataclass(frozen=True, slots=True)
class Standard:
    """A data set. ``shapes``: what its geometry may be; empty: a table without places."""

    kind: str
    title: str
    help: str
    key: str
    shapes: tuple[str, ...]
    shape_required: bool
    fields: tuple[StandardField, ...]


def standards() -> list[Standard]:
    """All of them, in the order of their domains."""
    return [standard_of(importer) for importer in importers]


def standard(kind: str) -> Standard:
    """One of them.

    Raises:
        NotFoundError: no data set is called so.
    """
    importer = importers.get(kind)
    if importer is None:
        raise NotFoundError(_("chuẩn dữ liệu"), kind)
    return standard_of(importer)


def standard_of(importer: Importer) -> Standard:
    """The standard that an importer accepts."""
    sample = _sample(importer)
    return Standard(
        kind=importer.kind,
        title=str(importer.title),
        help=str(importer.help),
        key=importer.key,
        shapes=tuple(sorted(importer.shapes)),
        shape_required=bool(importer.shapes) and importer.shape_required,
        fields=tuple(_field(item, sample) for item in importer.fields),
    )


def _field(item: ImportField, sample: dict[str, Any]) -> StandardField:
    codes = {value: str(label) for value, label in item.choices.items()}
    return StandardField(
        name=item.name,
        label=str(item.label),
        kind=item.kind,
        required=item.required,
        unit=item.unit,
        help=str(item.help),
        longest=item.longest,
        codes=codes,
        example=_example(item, codes, sample),
    )


def _example(item: ImportField, codes: dict[str, str], sample: dict[str, Any]) -> str:
    if codes:
        return next(iter(codes.values()))
    known = sample.get(item.name)
    if item.kind is FieldKind.TEXT:
        return str(known) if known not in (None, "") else ""
    return _EXAMPLES[item.kind]


_EXAMPLES: Final = {
    FieldKind.INTEGER: "2018",
    FieldKind.NUMBER: "12,5",
    FieldKind.DATE: "24/11/2026",
    FieldKind.MOMENT: "24/11/2026 13:30",
    FieldKind.BOOLEAN: "có",
    FieldKind.CHOICE: "",
    FieldKind.KM: "Km12+500",
    FieldKind.LIST: "a, b",
}


def _sample(importer: Importer) -> dict[str, Any]:
    """Texts of one row that everybody may see, as an example."""
    resource = next((found for found in resources if found.importer == importer.kind), None)
    if resource is None:
        return {}
    paths = {item.name: path for item in importer.fields if (path := _path(resource, item))}
    row = resource.rows(ANONYMOUS).order_by("pk").values(*paths.values()).first()
    return {name: row[path] for name, path in paths.items()} if row else {}


def _path(resource: Resource[Any], item: ImportField) -> str:
    """The path of a field's words; a reference is named by its code or number."""
    if item.kind is not FieldKind.TEXT or item.name in resource.rule.masks:
        return ""
    field = resource.model_field(item.name)
    if isinstance(field, models.CharField | models.TextField):
        return item.name
    if isinstance(field, models.ForeignKey):
        target: type[models.Model] = field.related_model
        has_code = any(column.name == "code" for column in target._meta.concrete_fields)
        return f"{item.name}__code" if has_code else ""
    return ""
