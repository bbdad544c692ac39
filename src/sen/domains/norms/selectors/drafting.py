"""Reading drafts: what they change, whether the tests hold, and what rests on the rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from sen.domains.norms.choices import DraftStatus
from sen.domains.norms.data import Row
from sen.domains.norms.models import (
    CaseChange,
    Document,
    DraftTable,
    Norm,
    NormCase,
    NormDraft,
    NormVersion,
)
from sen.domains.norms.ports import Change, Decide, Effect, RuleUse, uses_of
from sen.domains.norms.rules import (
    Column,
    NoRowError,
    RowDifference,
    Span,
    ValueKind,
    columns_of,
    compare_tables,
    decide,
    is_in,
    pieces_of,
    value_kind_of,
)
from sen.domains.norms.selectors.asking import rows_of, version_on
from sen.kernel.access.scope import Actor
from sen.kernel.errors import RuleNotInForceError
from sen.kernel.memo import remembered


@dataclass(frozen=True, slots=True)
class Layout:
    """The typed columns of a rule's table."""

    columns: tuple[Column, ...]
    value: ValueKind


@dataclass(frozen=True, slots=True)
class CaseRun:
    """A test against the table of a draft: what was expected and what came out."""

    norm: Norm
    inputs: Mapping[str, Any]
    expected: Any
    actual: Any
    change: CaseChange | None = None
    case: NormCase | None = None

    @property
    def passes(self) -> bool:
        return bool(self.actual == self.expected)

    @property
    def old_expected(self) -> Any:
        """What the test expected before the draft; None of a new test."""
        return self.case.expected if self.case else None


@dataclass(frozen=True, slots=True)
class UseEffect:
    """What rests on a rule, and what of it changes; ``effect`` is None where it is not counted."""

    use: RuleUse
    effect: Effect | None


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of time with the version that holds now and the one that would hold."""

    span: Span
    before: NormVersion | None
    is_drafted: bool


def version_or_none(code: str, on: date) -> NormVersion | None:
    """The version in force on a date, or None."""
    try:
        return version_on(code, on)
    except RuleNotInForceError:
        return None


def held_on(norm: Norm, on: date) -> NormVersion | None:
    """The version of a rule in force on a date, out of all of them."""
    held = [v for v in tables_of(norm) if is_in(Span(v.effective_from, v.effective_to), on)]
    return max(held, key=lambda version: version.created_at, default=None)


@remembered
def tables_of(norm: Norm) -> list[NormVersion]:
    """Versions of a rule that nothing superseded, the newest first."""
    rows = NormVersion.objects.unscoped("law is the same for everybody")
    found = rows.filter(norm=norm, superseded_at=None).select_related("document")
    return list(found.order_by("-effective_from"))


def layout_of(norm: Norm, extra: Sequence[Row] = ()) -> Layout:
    """The columns of a rule, typed by what stands in its tables."""
    rows = [row for version in tables_of(norm) for row in rows_of(version)]
    rows += extra
    return Layout(tuple(columns_of(norm.keys, rows)), value_kind_of(rows))


def norms_resting_on(document: Document, on: date) -> list[Norm]:
    """Rules whose version in force on a date, or later, cites a document."""
    rows = NormVersion.objects.unscoped("law is the same for everybody")
    resting = rows.filter(document=document, superseded_at=None).filter(
        Q(effective_to=None) | Q(effective_to__gt=on)
    )
    norms = Norm.objects.unscoped("law is the same for everybody")
    return list(norms.filter(pk__in=resting.values("norm_id")).order_by("name"))


@remembered
def tables_of_draft(draft: NormDraft) -> list[DraftTable]:
    """The tables of a draft that its reader sees."""
    rows = DraftTable.objects.unscoped("whoever sees a draft sees its tables").filter(draft=draft)
    tables = list(rows.select_related("norm", "taken_from__document").order_by("norm__name", "id"))
    for table in tables:
        table.draft = draft
    return tables


def draft_rows(table: DraftTable) -> list[Row]:
    """The rows of a drafted table."""
    return [Row(dict(row.get("when", {})), row["value"]) for row in table.rows]


def base_rows(table: DraftTable) -> list[Row]:
    """The rows from which a drafted table was taken."""
    return rows_of(table.taken_from) if table.taken_from else []


def differences(table: DraftTable) -> list[RowDifference]:
    """Old and new, row by row."""
    return compare_tables(base_rows(table), draft_rows(table))


def run_cases(table: DraftTable) -> list[CaseRun]:
    """Every test that holds on the day of the table, and those that the draft adds."""
    norm, rows = table.norm, draft_rows(table)
    own = [change for change in changes_of(table.draft_id) if change.norm_id == norm.pk]
    by_case = {change.case_id: change for change in own if change.case_id}
    runs = []
    for case in cases_on(norm, table.effective_from):
        change = by_case.get(case.pk)
        if change is None and case.draft_id == table.draft_id and table.before:
            continue  # of this very draft, once published: it is listed by its change below
        expected = change.expected if change else case.expected
        runs.append(CaseRun(norm, case.inputs, expected, _ask(rows, case.inputs), change, case))
    shown = {run.change.pk for run in runs if run.change}
    runs += [
        CaseRun(norm, item.inputs, item.expected, _ask(rows, item.inputs), item, item.case)
        for item in own
        if item.pk not in shown
    ]
    return runs


@remembered
def changes_of(draft_id: int) -> list[CaseChange]:
    """The tests that a draft adds, changes and gives up, of all its rules."""
    rows = CaseChange.objects.unscoped("whoever sees a draft sees its changes")
    return list(rows.filter(draft=draft_id).order_by("id"))


def cases_on(norm: Norm, on: date) -> QuerySet[NormCase]:
    """Tests of a rule that hold on a date."""
    rows = NormCase.objects.unscoped("tests of law are for everybody").filter(norm=norm)
    found: QuerySet[NormCase] = rows.filter(effective_from__lte=on).filter(
        Q(effective_to=None) | Q(effective_to__gt=on)
    )
    return found.order_by("id")


def _ask(rows: Sequence[Row], case: Mapping[str, Any]) -> Any:
    try:
        return decide(rows, case)
    except NoRowError:
        return None


def change_on(table: DraftTable, on: date) -> Change:
    """What a drafted table changes on a date; nothing outside its span."""
    version = held_on(table.norm, on)
    if table.draft.status == DraftStatus.PUBLISHED and table.taken_from is not None:
        version = table.taken_from
    before = rows_of(version) if version else []
    holds = is_in(Span(table.effective_from, table.effective_to), on)
    after = draft_rows(table) if holds else before
    return Change(table.norm.code, on, _answer(before), _answer(after))


def _answer(rows: Sequence[Row]) -> Decide:
    return lambda case: _ask(rows, case)


def effects_on(actor: Actor, table: DraftTable, on: date) -> list[UseEffect]:
    """What rests on a rule: how much, and what of it changes on a date."""
    change = change_on(table, on)
    return [
        UseEffect(use, use.reckon(actor, change) if use.reckon else None)
        for use in uses_of(table.norm.code)
    ]


def timeline(table: DraftTable) -> list[Piece]:
    """Effect by date: what holds in each stretch of time, and where the draft takes over."""
    own = Span(table.effective_from, table.effective_to)
    known = [(Span(v.effective_from, v.effective_to), v) for v in tables_of(table.norm)]
    if table.draft.status == DraftStatus.PUBLISHED:
        known = [(span, v) for span, v in known if v.draft_id != table.draft_id]
    return [
        Piece(
            span,
            next((v for s, v in known if is_in(s, span.start)), None),
            is_in(own, span.start),
        )
        for span in pieces_of([own, *(span for span, _v in known)])
    ]


def open_drafts_of(norm: Norm) -> list[NormDraft]:
    """Drafts in preparation that touch a rule."""
    tables = DraftTable.objects.unscoped("drafts that touch a rule").filter(norm=norm)
    drafts = NormDraft.objects.unscoped("drafts that touch a rule")
    waiting = (DraftStatus.EDITING.value, DraftStatus.REVIEW.value)
    return list(drafts.filter(pk__in=tables.values("draft_id"), status__in=waiting))
