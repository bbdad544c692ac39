"""Reading, comparing and typing the tables of rules: pure, no clock, no database."""

from sen.domains.norms.rules.cells import (
    HIGH_WORDS,
    LOW_WORDS,
    CellError,
    Column,
    ColumnKind,
    ValueKind,
    columns_of,
    condition_from,
    inputs_of,
    parse_case,
    parse_number,
    value_from,
    value_kind_of,
)
from sen.domains.norms.rules.comparing import Difference, RowDifference, compare_tables
from sen.domains.norms.rules.deciding import NoRowError, decide, faults, holds
from sen.domains.norms.rules.spans import Span, is_in, pieces_of

__all__ = [
    "HIGH_WORDS",
    "LOW_WORDS",
    "CellError",
    "Column",
    "ColumnKind",
    "Difference",
    "NoRowError",
    "RowDifference",
    "Span",
    "ValueKind",
    "columns_of",
    "compare_tables",
    "condition_from",
    "decide",
    "faults",
    "holds",
    "inputs_of",
    "is_in",
    "parse_case",
    "parse_number",
    "pieces_of",
    "value_from",
    "value_kind_of",
]
