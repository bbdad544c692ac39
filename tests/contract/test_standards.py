"""Every importer has a published standard, schema and template that it accepts itself."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import jsonschema
import openpyxl
import pytest
from django.test import Client

from sen.kernel.imports.importer import FieldKind, Importer, importers
from sen.kernel.imports.values import convert, guess_mapping
from sen.kernel.standards.standard import Standard, standard_of

pytestmark = pytest.mark.django_db


@pytest.fixture(params=importers.names())
def importer(request: pytest.FixtureRequest) -> Importer:
    return importers[request.param]


def sheet_of(client: Client, kind: str) -> openpyxl.Workbook:
    answer = client.get(f"/chuan-du-lieu/{kind}/mau.xlsx")
    assert answer.status_code == 200
    return openpyxl.load_workbook(BytesIO(answer.content))


def test_everybody_may_read_a_standard(client: Client, importer: Importer) -> None:
    listed = client.get("/chuan-du-lieu/").content.decode()
    assert f"/chuan-du-lieu/{importer.kind}/" in listed
    page = client.get(f"/chuan-du-lieu/{importer.kind}/")
    assert page.status_code == 200
    assert all(f"<code>{field.name}</code>" in page.content.decode() for field in importer.fields)


def test_the_template_has_a_column_for_each_field(client: Client, importer: Importer) -> None:
    book = sheet_of(client, importer.kind)
    headers = [str(cell.value) for cell in next(iter(book.worksheets[0].iter_rows()))]
    mapping = guess_mapping(importer, headers)
    standard = standard_of(importer)
    assert mapping == {field.name: field.header for field in standard.fields}
    assert ("lon" in headers) == ("point" in importer.shapes)
    said = {row[0].value for row in book.worksheets[1].iter_rows(min_row=2)}
    assert said == {field.name for field in importer.fields}


def test_examples_and_codes_are_understood_by_the_import(importer: Importer) -> None:
    for item, field in zip(importer.fields, standard_of(importer).fields, strict=True):
        if field.example:
            convert(item, field.example)
        for code, said in field.codes.items():
            assert convert(item, said) == convert(item, code) == code


def test_the_schema_takes_what_the_standard_says(client: Client, importer: Importer) -> None:
    answer = client.get(f"/chuan-du-lieu/{importer.kind}/luoc-do.json")
    assert answer["Content-Type"] == "application/schema+json"
    schema = answer.json()
    checker = jsonschema.Draft202012Validator(schema)
    checker.check_schema(schema)
    standard = standard_of(importer)
    feature = {
        "type": "Feature",
        "geometry": _geometry(standard),
        "properties": {field.name: _value(field) for field in standard.fields if field.required},
    }
    assert not list(checker.iter_errors(feature))
    feature["properties"] = {"no-such-field": 1}
    assert list(checker.iter_errors(feature))


def _geometry(standard: Standard) -> dict[str, Any] | None:
    kinds = {"point": "Point", "line": "LineString", "polygon": "Polygon"}
    if not standard.shapes:
        return None
    return {"type": kinds[standard.shapes[0]], "coordinates": []}


def _value(field: Any) -> Any:
    plain = {FieldKind.INTEGER: 1, FieldKind.NUMBER: 1.5, FieldKind.BOOLEAN: True}
    texts = {FieldKind.DATE: "2026-11-24", FieldKind.KM: "Km12+500", FieldKind.LIST: []}
    if field.codes:
        return next(iter(field.codes))
    return plain.get(field.kind, texts.get(field.kind, "x"))


def test_an_unknown_standard_is_not_found(client: Client) -> None:
    for tail in ("", "mau.xlsx", "luoc-do.json"):
        assert client.get(f"/chuan-du-lieu/khong-co/{tail}").status_code == 404
