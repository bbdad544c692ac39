"""The rules that the platform ships; a version that exists is never overwritten."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final

from sen.domains.norms.models import Document, Norm, NormCase, NormVersion
from sen.domains.norms.selectors import owners
from sen.domains.norms.services import put_case, put_document, put_norm, put_version
from sen.kernel.access.scope import Actor
from sen.kernel.seeds import seed

FOLDER: Final = Path(__file__).with_name("seed")


@seed("norms")
def seed_norms(actor: Actor) -> int:
    """Load documents, rules and versions that are not there yet."""
    state, country = owners()
    owner = {"owner_org": state, "area": country}
    return _documents(actor, owner) + _norms(actor, owner) + _cases(actor)


def _documents(actor: Actor, owner: dict[str, Any]) -> int:
    known = set(Document.objects.values_list("code", flat=True))
    said = tomllib.loads((FOLDER / "documents.toml").read_text(encoding="utf-8"))
    new = {code: fields for code, fields in said.items() if code not in known}
    for code, fields in new.items():
        put_document(actor=actor, code=code, **owner, **fields)
    return len(new)


def _norms(actor: Actor, owner: dict[str, Any]) -> int:
    written = 0
    have = set(NormVersion.objects.values_list("norm__code", "effective_from"))
    for code, said in seeded_norms():
        norm = Norm.objects.filter(code=code).first() or put_norm(
            actor=actor,
            code=code,
            name=said["name"],
            topic=said["topic"],
            unit=said.get("unit", ""),
            keys=said.get("keys", []),
            **owner,
        )
        for version in said["versions"]:
            if (code, version["effective_from"]) in have:
                continue
            put_version(actor=actor, norm=norm, **_version(version))
            written += 1
    return written


def _cases(actor: Actor) -> int:
    """Tests of the shipped rules; a rule whose tests somebody changed gets none again."""
    written = 0
    said = tomllib.loads((FOLDER / "cases.toml").read_text(encoding="utf-8"))
    tested = set(NormCase.objects.values_list("norm__code", flat=True))
    norms = {norm.code: norm for norm in Norm.objects.filter(code__in=set(said) - tested)}
    for code, norm in norms.items():
        for item in said[code]:
            put_case(
                actor=actor,
                norm=norm,
                inputs=item.get("case", {}),
                expected=item["value"],
                effective_from=item["from"],
                effective_to=item.get("to"),
                reason=item.get("reason", ""),
            )
            written += 1
    return written


def seeded_norms() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every shipped rule by its code."""
    for path in sorted(FOLDER.glob("*.toml")):
        if path.name not in ("documents.toml", "cases.toml"):
            yield from tomllib.loads(path.read_text(encoding="utf-8"))["norms"].items()


def _version(said: dict[str, Any]) -> dict[str, Any]:
    """A shipped version as arguments; a single ``value`` is a table of one row."""
    rows = said.get("rows") or [{"value": said["value"]}]
    return {
        "document": said["document"],
        "legal_ref": said["legal_ref"],
        "effective_from": said["effective_from"],
        "effective_to": said.get("effective_to"),
        "verification": said.get("verification", "UNVERIFIED"),
        "rows": [{"when": row.get("when", {}), "value": _plain(row["value"])} for row in rows],
        "note": said.get("note", ""),
    }


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value
