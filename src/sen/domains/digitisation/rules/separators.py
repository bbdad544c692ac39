"""What the code on a separator sheet says.

``SEN1|<dossier>|<kind>|<part>``: the dossier, the kind of the document that follows and the part
of the dossier into which it goes; each of them may be empty. Codes of other systems on the pages
themselves (invoices, signed decisions) are no separators.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MARK: Final = "SEN1"
FIELDS: Final = 3
MAX_LENGTH: Final = 160


@dataclass(frozen=True, slots=True)
class Separator:
    """What follows a separator sheet."""

    dossier: str = ""
    kind: str = ""
    part: str = ""


def write_code(separator: Separator) -> str:
    """The text of the code."""
    fields = (separator.dossier, separator.kind, separator.part)
    return "|".join([MARK, *(field.replace("|", "/") for field in fields)])


def read_code(text: str) -> Separator | None:
    """What a code says; None when it is none of ours."""
    mark, *fields = text.strip().split("|")
    if mark != MARK or len(text) > MAX_LENGTH or len(fields) > FIELDS:
        return None
    return Separator(*(field.strip() for field in fields))
