"""Named schemas of results that are more than a number: positions, counts, passages. No Django.

They are data (``results.toml``). The doors check a result against the schema of its stream, field
by field, so that a sender is told which field is wrong and what it should be. What identifies a
person is marked ``personal``; a stream of such a schema is never less than restricted.
"""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

_FILE: Final = Path(__file__).with_name("results.toml")
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
ADDRESS: Final = "urn:sen:telemetry:result:"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultField:
    """A member of a result.

    Units:
        ``min`` and ``max`` in ``unit`` (UCUM; ``VND`` for money).
    """

    name: str
    type: str
    title_vi: str
    title_en: str
    required: bool = False
    personal: bool = False
    unit: str = ""
    min: float | None = None
    max: float | None = None
    longest: int = 200
    fewest: int = 0
    most: int = 100
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultSchema:
    """What a result of one kind consists of; ``source`` is the document that it follows."""

    code: str
    title_vi: str
    title_en: str
    retention: str
    source: str
    fields: dict[str, ResultField] = field(default_factory=dict)

    @property
    def personal(self) -> bool:
        """Whether a result may identify a person."""
        return any(one.personal for one in self.fields.values())


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a result does not follow its schema; never tells the value, which may be personal."""

    code: str
    given: dict[str, Any]


@cache
def result_schemas() -> dict[str, ResultSchema]:
    """All schemas by code, in the order of the file."""
    with _FILE.open("rb") as file:
        read = tomllib.load(file)["schema"]
    return {item["code"]: _schema(item) for item in read}


def _schema(item: dict[str, Any]) -> ResultSchema:
    fields = [
        ResultField(**{**one, "choices": tuple(one.get("choices", ()))})
        for one in item.pop("field")
    ]
    return ResultSchema(**item, fields={one.name: one for one in fields})


def fault_of(schema: ResultSchema, result: Any) -> Fault | None:
    """The first thing that is wrong with a result, None when it is right."""
    if not isinstance(result, dict):
        return Fault("result-object", {})
    for name in result:
        if name not in schema.fields:
            return Fault("result-unknown", {"field": str(name)[:60]})
    for name, wanted in schema.fields.items():
        value = result.get(name)
        if value is None:
            if wanted.required:
                return Fault("result-missing", {"field": name})
        elif (fault := _field_fault(wanted, value)) is not None:
            return fault
    return None


def _field_fault(wanted: ResultField, value: Any) -> Fault | None:
    if wanted.type in ("number", "integer"):
        return _number_fault(wanted, value)
    if wanted.type == "numbers":
        return _numbers_fault(wanted, value)
    if wanted.type == "choice":
        if value in wanted.choices:
            return None
        return Fault("result-choice", {"field": wanted.name, "wanted": ", ".join(wanted.choices)})
    is_right = (
        isinstance(value, bool)
        if wanted.type == "boolean"
        else isinstance(value, str) and value.strip() != "" and len(value) <= wanted.longest
    )
    return None if is_right else _wrong_type(wanted)


def _number_fault(wanted: ResultField, value: Any) -> Fault | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _wrong_type(wanted)
    if isinstance(value, float) and (
        not math.isfinite(value) or (wanted.type == "integer" and not value.is_integer())
    ):
        return _wrong_type(wanted)
    low = -math.inf if wanted.min is None else wanted.min
    high = math.inf if wanted.max is None else wanted.max
    if low <= value <= high:
        return None
    unit = f" {wanted.unit}" if wanted.unit else ""
    given = {"field": wanted.name, "low": f"{low:g}", "high": f"{high:g}{unit}"}
    return Fault("result-range", given)


def _numbers_fault(wanted: ResultField, value: Any) -> Fault | None:
    if not isinstance(value, list):
        return _wrong_type(wanted)
    if not wanted.fewest <= len(value) <= wanted.most:
        given = {"field": wanted.name, "low": wanted.fewest, "high": wanted.most}
        return Fault("result-length", given)
    return next((found for one in value if (found := _number_fault(wanted, one))), None)


def _wrong_type(wanted: ResultField) -> Fault:
    kind = f"text (1–{wanted.longest})" if wanted.type == "text" else wanted.type
    return Fault("result-type", {"field": wanted.name, "wanted": kind})


_JSON_TYPES: Final = {"number": "number", "integer": "integer", "boolean": "boolean"}


def json_schema(schema: ResultSchema) -> dict[str, Any]:
    """The schema in the words of JSON Schema, with units and what is personal beside them."""
    return {
        "$schema": DIALECT,
        "$id": f"{ADDRESS}{schema.code}",
        "title": schema.title_en,
        "description": f"{schema.title_vi} ({schema.source})",
        "type": "object",
        "additionalProperties": False,
        "required": [one.name for one in schema.fields.values() if one.required],
        "properties": {name: _property(one) for name, one in schema.fields.items()},
        "x-data-class": "RESTRICTED" if schema.personal else "INTERNAL",
        "x-retention": schema.retention,
    }


def _property(one: ResultField) -> dict[str, Any]:
    said: dict[str, Any] = {"title": one.title_en, "description": one.title_vi}
    limits = {"minimum": one.min, "maximum": one.max}
    limits = {name: value for name, value in limits.items() if value is not None}
    if one.type == "numbers":
        said |= {"type": "array", "minItems": one.fewest, "maxItems": one.most}
        said["items"] = {"type": "number", **limits}
    elif one.type == "choice":
        said["enum"] = list(one.choices)
    elif one.type == "text":
        said |= {"type": "string", "minLength": 1, "maxLength": one.longest}
    else:
        said |= {"type": _JSON_TYPES[one.type], **limits}
    if one.unit:
        said["x-unit"] = one.unit
    if one.personal:
        said["x-personal"] = True
    return said
