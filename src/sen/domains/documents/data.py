"""What `documents` tells other domains."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Subject:
    """A row of any register: its register's key (``assets.bridges``) and its id."""

    register: str
    id: int

    @classmethod
    def parse(cls, text: str) -> Subject | None:
        """``assets.bridges/12`` as it stands in addresses and forms; None for nothing.

        Raises:
            ValueError: it is something else.
        """
        if not text:
            return None
        register, _slash, row_id = text.partition("/")
        return cls(register, int(row_id))


@dataclass(frozen=True, slots=True)
class VersionRef:
    """One version of a document as others may keep it; the bytes are asked for by ``id``.

    ``state`` is that of :class:`choices.FileState`; only a CLEAN version can be read.
    """

    id: int
    document_id: int
    number: int
    name: str
    mime: str
    size: int
    sha256: str
    state: str
    source: str
    pages: int | None


@dataclass(frozen=True, slots=True)
class RenditionRef:
    """A form of a version beside the original: ``kind`` is free, the known ones are in choices."""

    id: int
    version_id: int
    kind: str
    name: str
    mime: str
    size: int
    sha256: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DocumentRef:
    """A document by what other domains may keep of it."""

    id: int
    code: str
    number: str
    issued_on: date | None
    issuer: str
    kind: str
    abstract: str


@dataclass(frozen=True, slots=True)
class PartState:
    """One part of a dossier: asked for by law or not, there or not, or not applicable and why."""

    code: str
    name: str
    group: str
    is_required: bool
    count: int
    waived: str = ""

    @property
    def is_missing(self) -> bool:
        return self.is_required and not self.count and not self.waived


@dataclass(frozen=True, slots=True)
class Completeness:
    """How complete a dossier is, and by what rule."""

    parts: tuple[PartState, ...]
    legal_ref: str = ""
    needs_verification: bool = True
    missing: tuple[str, ...] = field(init=False)
    required: int = field(init=False)

    def __post_init__(self) -> None:
        missing = tuple(part.code for part in self.parts if part.is_missing)
        required = sum(part.is_required and not part.waived for part in self.parts)
        object.__setattr__(self, "missing", missing)
        object.__setattr__(self, "required", required)

    @property
    def present(self) -> int:
        return self.required - len(self.missing)

    @property
    def share(self) -> int:
        """Percent of the required parts that are there; 100 when none is required."""
        return 100 if not self.required else self.present * 100 // self.required
