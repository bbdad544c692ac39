"""Rules as programs ask for them: the table in force on a date, and what it says in a case."""

from datetime import date

from django.http import HttpRequest

from sen.domains.norms.data import Table
from sen.domains.norms.ports import uses_of
from sen.domains.norms.rules import CellError, parse_case
from sen.domains.norms.selectors import layout_of, norm, ruling, table_on
from sen.kernel.errors import InvalidInputError
from sen.kernel.rest.api import Audience, Schema, router


class RowOut(Schema):
    """One row: the first whose conditions all hold decides."""

    when: dict[str, object]
    value: object


class TableOut(Schema):
    """A rule on a date, with what must be cited."""

    code: str
    name: str
    unit: str
    legal_ref: str
    document: str
    effective_from: date
    effective_to: date | None = None
    verification: str
    rows: list[RowOut]
    uses: list[str]


class RulingOut(Schema):
    """What a rule says in one case on a date."""

    code: str
    value: object
    unit: str
    legal_ref: str
    document: str
    effective_from: date
    effective_to: date | None = None
    verification: str


public = router(Audience.PUBLIC, "norms")


@public.get("/tables/{code}", response=TableOut, operation_id="norms_table_on")
def table(request: HttpRequest, code: str, on: date) -> TableOut:
    """The table of a rule in force on a date."""
    found: Table = table_on(code, on)
    return TableOut(
        code=found.code,
        name=found.name,
        unit=found.unit,
        legal_ref=found.legal_ref,
        document=found.document,
        effective_from=found.effective_from,
        effective_to=found.effective_to,
        verification=found.verification.value,
        rows=[RowOut(when=row.when, value=row.value) for row in found.rows],
        uses=[str(use.title) for use in uses_of(code)],
    )


@public.get("/rulings/{code}", response=RulingOut, operation_id="norms_ruling_on")
def ask(request: HttpRequest, code: str, on: date, case: str = "") -> RulingOut:
    """What a rule says on a date in a case: ``case=length_m=250;object=ferry``."""
    try:
        given = parse_case(case, layout_of(norm(code)).columns)
    except CellError as error:
        raise InvalidInputError.of("case", error) from error
    found = ruling(code, on=on, **given)
    return RulingOut(
        code=found.code,
        value=found.value,
        unit=found.unit,
        legal_ref=found.legal_ref,
        document=found.document,
        effective_from=found.effective_from,
        effective_to=found.effective_to,
        verification=found.verification.value,
    )
