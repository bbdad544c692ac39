"""Use cases on the tests of rules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from sen.domains.norms.models import Norm, NormCase
from sen.domains.norms.rules import CellError, parse_case, value_from
from sen.domains.norms.selectors import layout_of
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InputCheck, InvalidInputError
from sen.kernel.usecase import check_version, use_case
from sen.lib.text import nfc


@use_case("norms.case.add")
def put_case(
    *,
    actor: Actor,
    norm: Norm,
    inputs: Mapping[str, Any],
    expected: Any,
    effective_from: date,
    effective_to: date | None = None,
    reason: str = "",
) -> NormCase:
    """Attach a test to a rule; one that exists for the case and the day is given back."""
    rows = NormCase.objects.unscoped("tests of one rule")
    known = rows.filter(norm=norm, inputs=dict(inputs), effective_from=effective_from).first()
    if known is not None:
        return known
    row = NormCase(
        norm=norm,
        inputs=dict(inputs),
        expected=expected,
        effective_from=effective_from,
        effective_to=effective_to,
        reason=nfc(reason),
        owner_org=norm.owner_org,
        area=norm.area,
    )
    row.save()
    return row


@use_case("norms.case.add", act="norms.case.write")
def create_case(
    *,
    actor: Actor,
    norm: Norm,
    inputs_text: str,
    expected_text: str,
    effective_from: date,
    effective_to: date | None = None,
    reason: str = "",
) -> NormCase:
    """Attach a test as a person writes it: ``length_m=250`` → ``100``.

    Raises:
        InvalidInputError: an input cannot be read, or the span is empty.
    """
    inputs, expected = read_case(norm, inputs_text, expected_text)
    check = InputCheck()
    check.need(
        effective_to is None or effective_to > effective_from,
        "effective_to",
        _("Ngày hết hiệu lực phải sau ngày có hiệu lực."),
    )
    check.done()
    return put_case(
        actor=actor,
        norm=norm,
        inputs=inputs,
        expected=expected,
        effective_from=effective_from,
        effective_to=effective_to,
        reason=reason,
    )


@use_case("norms.case.delete")
def delete_case(*, actor: Actor, row: NormCase, version: int | None, reason: str) -> None:
    """Take a test away; the reason stays in the log.

    Raises:
        ConflictError: somebody changed it meanwhile.
    """
    check_version(row, version)
    row.delete()


def read_case(norm: Norm, inputs_text: str, expected_text: str) -> tuple[dict[str, Any], Any]:
    """A test as a person writes it.

    Raises:
        InvalidInputError: an input cannot be read.
    """
    layout = layout_of(norm)
    check = InputCheck()
    inputs: dict[str, Any] = {}
    expected: Any = None
    try:
        inputs = parse_case(inputs_text, layout.columns)
    except CellError as error:
        check.add("inputs_text", _(error.template) % error.params)
    try:
        expected = value_from(layout.value, expected_text)
    except CellError as error:
        check.add("expected_text", _(error.template) % error.params)
    check.done()
    return inputs, expected


def read_expected(norm: Norm, text: str) -> Any:
    """The result of a test as a person writes it.

    Raises:
        InvalidInputError: it cannot be read.
    """
    try:
        return value_from(layout_of(norm).value, text)
    except CellError as error:
        raise InvalidInputError.of("expected", error) from error
