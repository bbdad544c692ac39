"""Handing contents to the programs that read them, each confined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sen.domains.documents.choices import SignatureState
from sen.domains.documents.models import Document
from sen.domains.documents.selectors import file_of, version_row
from sen.kernel.access.scope import Actor
from sen.kernel.files.backends import backend
from sen.kernel.files.confined import ConfinedError, run_confined

SIGNATURES: Final = "sen.domains.documents.adapters.signatures"


@dataclass(frozen=True, slots=True)
class ReadSignatures:
    """What was read of a version, and the document to which it belongs."""

    document: Document
    signatures: list[dict[str, Any]]


def read_signatures(*, actor: Actor, version_id: int, roots: Sequence[str]) -> ReadSignatures:
    """The signatures of a version, judged by the trusted roots (PEM).

    Raises:
        NotFoundError: there is no such version for the actor to see.
        ConflictError: it is not clean.
    """
    version = version_row(actor, version_id)
    file = file_of(actor, version_id)
    try:
        with backend().local(file.sha256) as path:
            found = run_confined(SIGNATURES, [str(path)], given={"roots": list(roots)})
    except ConfinedError as error:
        found = [{"state": SignatureState.UNREADABLE.value, "problem": str(error)[:300]}]
    return ReadSignatures(version.document, found)
