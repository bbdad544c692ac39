"""Kinds of parties and of their identifiers."""

from __future__ import annotations

from enum import StrEnum


class PartyKind(StrEnum):
    AGENCY = "AGENCY"
    ENTERPRISE = "ENTERPRISE"
    COOPERATIVE = "COOPERATIVE"
    HOUSEHOLD = "HOUSEHOLD"
    PERSON = "PERSON"
    OTHER = "OTHER"


class Scheme(StrEnum):
    """By which register a party is identified.

    ``CONSTRUCTION`` is the national id of the construction database, which only
    csdlhdxd.gov.vn mints.

    Source:
        nd-212-2026
    """

    TAX_CODE = "TAX_CODE"
    PERSONAL_ID = "PERSONAL_ID"
    BUSINESS = "BUSINESS"
    AGENCY_CODE = "AGENCY_CODE"
    CONSTRUCTION = "CONSTRUCTION"
    TRANSPORT = "TRANSPORT"
    OTHER = "OTHER"


class SyncState(StrEnum):
    """Where an identifier stands towards the register that issued it."""

    LOCAL = "LOCAL"
    WAITING = "WAITING"
    MATCHED = "MATCHED"
    DIFFERS = "DIFFERS"
    REJECTED = "REJECTED"


#: Identifiers that are personal data: stored encrypted, shown masked.
PERSONAL_SCHEMES = frozenset({Scheme.PERSONAL_ID})
