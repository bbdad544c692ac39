"""What `norms` tells other domains."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sen.domains.norms.choices import Verification


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a rule says in one case, with everything that a decision must be able to cite.

    Units:
        ``value`` is in ``unit``, as the rule itself writes it.
    """

    code: str
    value: Any
    unit: str
    legal_ref: str
    document: str
    effective_from: date
    effective_to: date | None
    verification: Verification

    @property
    def needs_verification(self) -> bool:
        return self.verification is not Verification.VERIFIED


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a rule: ``when`` maps a key to a value, a list of values, or a range.

    A range is ``{"min": a, "max": b, "min_open": bool, "max_open": bool}``; a missing bound is
    unbounded, a bound belongs to the range unless it is open.
    """

    when: dict[str, Any]
    value: Any


@dataclass(frozen=True, slots=True)
class Table:
    """A rule's whole table on a date, for those who ask it in many cases at once."""

    code: str
    name: str
    unit: str
    rows: tuple[Row, ...]
    legal_ref: str
    document: str
    effective_from: date
    effective_to: date | None
    verification: Verification

    @property
    def citation(self) -> str:
        return f"{self.legal_ref}, {self.document}"
