"""Manifests: what a domain says about itself, and the order in which domains are loaded.

A domain is a folder with a ``manifest.toml``. Nothing else in the house names it.
This module is read before Django is set up and imports none of it.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field, fields
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any, Final

TIERS: Final = {
    0: "who, where, by what rule",
    1: "things and plans",
    2: "what happens",
    3: "what is shown, shared, governed",
}
LISTS: Final = ("depends_on", "legal", "plan", "extensions")
CODE: Final = re.compile(r"[a-z][a-z0-9]{2,30}")


class ManifestError(ValueError):
    """A manifest is wrong; the text says which one, which key, and what is expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One domain as it declares itself.

    ``legal`` are ids of ``docs/legal/sources.toml``; ``plan`` are lines of ``docs/plan597.md``;
    ``extensions`` are extensions of PostgreSQL without which a part of the domain does not work.
    """

    code: str
    tier: int
    name_vi: str
    name_en: str
    owner: str
    personal_data: bool
    security_level: int
    depends_on: tuple[str, ...] = ()
    icon: str = "layers"
    menu_order: int = 100
    legal: tuple[str, ...] = ()
    plan: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    path: Path = field(default=Path(), compare=False)

    @property
    def package(self) -> str:
        return f"sen.domains.{self.code}"


def parse_manifest(path: Path) -> Manifest:
    """Read and check one ``manifest.toml``.

    Raises:
        ManifestError: a key is missing, unknown or of the wrong kind.
    """
    try:
        raw: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ManifestError(f"{path}: not valid TOML: {error}") from error
    known = {f.name for f in fields(Manifest)} - {"path"}
    required = {"code", "tier", "name_vi", "name_en", "owner", "personal_data", "security_level"}
    if unknown := sorted(raw.keys() - known):
        raise ManifestError(f"{path}: unknown keys {unknown}; known are {sorted(known)}")
    if missing := sorted(required - raw.keys()):
        raise ManifestError(f"{path}: missing keys {missing}")
    for key, value in raw.items():
        _check_kind(path, key, value)
    for key in LISTS:
        raw[key] = tuple(raw.get(key, ()))
    manifest = Manifest(**raw, path=path.parent)
    _check(manifest, path)
    return manifest


def _check_kind(path: Path, key: str, value: object) -> None:
    if key in LISTS:
        right = isinstance(value, list) and all(isinstance(item, str) for item in value)
        expected = "a list of texts"
    else:
        kind = {"personal_data": bool, "tier": int, "security_level": int, "menu_order": int}
        right = type(value) is kind.get(key, str)
        expected = kind.get(key, str).__name__
    if not right:
        raise ManifestError(f"{path}: {key} must be {expected}, not {value!r}")


def _check(manifest: Manifest, path: Path) -> None:
    if manifest.code != path.parent.name or not CODE.fullmatch(manifest.code):
        raise ManifestError(f"{path}: code {manifest.code!r} must be the name of its folder")
    if manifest.tier not in TIERS:
        raise ManifestError(f"{path}: tier {manifest.tier} is none of {sorted(TIERS)}")
    if not 1 <= manifest.security_level <= 5:
        raise ManifestError(f"{path}: security_level is 1 to 5, not {manifest.security_level}")


def in_order(manifests: list[Manifest]) -> tuple[Manifest, ...]:
    """Domains so that each comes after all that it depends on; ties by tier, then code.

    Raises:
        ManifestError: an unknown or higher dependency, or a cycle.
    """
    by_code = {m.code: m for m in manifests}
    for manifest in manifests:
        for code in manifest.depends_on:
            if code not in by_code:
                raise ManifestError(f"{manifest.code}: depends on unknown domain {code!r}")
            if by_code[code].tier > manifest.tier:
                raise ManifestError(f"{manifest.code}: {code!r} lies on a higher tier")
    graph = TopologicalSorter({m.code: m.depends_on for m in manifests})
    try:
        graph.prepare()
    except CycleError as error:
        raise ManifestError(f"domains depend on each other: {' → '.join(error.args[1])}") from error
    ordered: list[Manifest] = []
    while graph.is_active():
        ready = sorted(graph.get_ready(), key=lambda code: (by_code[code].tier, code))
        ordered.extend(by_code[code] for code in ready)
        graph.done(*ready)
    return tuple(ordered)


def discover(folder: Path, without: frozenset[str] = frozenset()) -> tuple[Manifest, ...]:
    """All domains below ``folder`` but those left out, in the order in which they are loaded."""
    paths = [p for p in sorted(folder.glob("*/manifest.toml")) if p.parent.name not in without]
    return in_order([parse_manifest(path) for path in paths])
