"""Works, groups and parts of dossiers, as ``parts.toml`` declares them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.utils.translation import get_language

FOLDER: Final = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Name:
    """A name in both languages."""

    vi: str
    en: str

    def __str__(self) -> str:
        return self.en if (get_language() or "vi").startswith("en") else self.vi


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a dossier: offered for ``works`` (all when empty), usually of ``kinds``."""

    code: str
    name: Name
    group: str
    kinds: tuple[str, ...]
    works: tuple[str, ...]

    def belongs_to(self, work: str) -> bool:
        return not self.works or work in self.works


def _name(said: dict[str, Any]) -> Name:
    return Name(said["vi"], said["en"])


_SAID: Final = tomllib.loads((FOLDER / "parts.toml").read_text(encoding="utf-8"))
works: Final = {code: _name(said) for code, said in _SAID["works"].items()}
#: Register → kind of work of its rows.
work_of_register: Final = {
    register: code
    for code, said in _SAID["works"].items()
    for register in said.get("registers", ())
}
groups: Final = {code: _name(said) for code, said in _SAID["groups"].items()}
parts: Final = {
    code: Part(
        code,
        _name(said),
        said["group"],
        tuple(said.get("kinds", ())),
        tuple(said.get("works", ())),
    )
    for code, said in _SAID["parts"].items()
}


def parts_of(work: str) -> list[Part]:
    """The parts that are offered for a kind of work, in order."""
    return [part for part in parts.values() if part.belongs_to(work)]


def work_choices() -> list[tuple[str, Name]]:
    return list(works.items())


def part_label(code: str) -> str:
    """The name of a part; the code of one that is no longer in the catalogue."""
    return str(parts[code].name) if code in parts else code
