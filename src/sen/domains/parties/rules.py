"""Which identifiers are well formed, and what kind of party may bear them."""

from __future__ import annotations

from typing import Final

from sen.domains.parties.choices import PartyKind, Scheme
from sen.lib.errors import InputError, gettext_noop
from sen.lib.identifiers import parse_personal_id, parse_tax_code

ONLY_PEOPLE: Final = frozenset({Scheme.PERSONAL_ID})
NOT_PEOPLE: Final = frozenset({Scheme.BUSINESS, Scheme.AGENCY_CODE, Scheme.TRANSPORT})


class IdentifierKindError(InputError):
    """An identifier of a scheme that this kind of party does not have."""


def normalised(scheme: Scheme, value: str, kind: PartyKind) -> str:
    """The official form of an identifier.

    Raises:
        InputError: malformed, or not for this kind of party.

    Source:
        luat-can-cuoc-26-2023 (personal id); tt-86-2024-btc (tax code)
    """
    if kind is PartyKind.PERSON and scheme in NOT_PEOPLE:
        raise IdentifierKindError(gettext_noop("Cá nhân không có loại mã này."))
    if kind is not PartyKind.PERSON and scheme in ONLY_PEOPLE:
        raise IdentifierKindError(gettext_noop("Chỉ cá nhân có số định danh cá nhân."))
    if scheme is Scheme.PERSONAL_ID:
        return parse_personal_id(value).value
    if scheme in (Scheme.TAX_CODE, Scheme.BUSINESS):
        return parse_tax_code(value)
    text = " ".join(value.split())
    if not text:
        raise IdentifierKindError(gettext_noop("Hãy ghi giá trị của mã."))
    return text
