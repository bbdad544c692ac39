"""A contract for import-linter: what one domain may import of another.

Every import that crosses a domain's wall must hit one of its public modules, must be listed in
the importer's ``manifest.toml``, and must not point to a higher tier.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output

#: What a domain shows to others; ``wire`` is how its messages lie in a stream of the broker.
PUBLIC = ("api", "data", "events", "choices", "ports", "wire")


class WallsContract(Contract):
    """Domains reach each other only through public modules, downwards, and as declared."""

    type_name = "walls"

    package = fields.StringField()

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        package = str(self.package)
        manifests = read_manifests(graph, package)
        problems = [
            problem
            for importer, imported in crossing_imports(graph, package)
            if (problem := judge(manifests, package, importer, imported))
        ]
        return ContractCheck(kept=not problems, metadata={"problems": sorted(problems)})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for problem in check.metadata["problems"]:
            output.print_error(problem, bold=False)


def read_manifests(graph: ImportGraph, package: str) -> dict[str, dict[str, Any]]:
    """Manifest by domain, read from beside the packages of the graph."""
    import importlib.util

    spec = importlib.util.find_spec(package)
    folder = Path((spec.submodule_search_locations or [""])[0]) if spec else Path()
    return {
        path.parent.name: tomllib.loads(path.read_text(encoding="utf-8"))
        for path in folder.glob("*/manifest.toml")
    }


def crossing_imports(graph: ImportGraph, package: str) -> list[tuple[str, str]]:
    """Every direct import from one domain into another."""
    found: list[tuple[str, str]] = []
    for importer in graph.modules:
        if domain_of(package, importer) is None:
            continue
        for imported in graph.find_modules_directly_imported_by(importer):
            target = domain_of(package, imported)
            if target is not None and target != domain_of(package, importer):
                found.append((importer, imported))
    return found


def domain_of(package: str, module: str) -> str | None:
    parts = module.removeprefix(f"{package}.").split(".")
    return parts[0] if module.startswith(f"{package}.") else None


def judge(
    manifests: dict[str, dict[str, Any]], package: str, importer: str, imported: str
) -> str | None:
    """What is wrong with one import, in a sentence; None when nothing is."""
    source = domain_of(package, importer) or ""
    target = domain_of(package, imported) or ""
    rest = imported.removeprefix(f"{package}.{target}").lstrip(".").split(".")
    if source not in manifests or target not in manifests:
        return f"{importer} imports {imported}: a domain without manifest.toml"
    if rest[0] not in PUBLIC:
        return f"{importer} imports {imported}: only {', '.join(PUBLIC)} of {target} may be used"
    if target not in manifests[source].get("depends_on", []):
        return f"{importer} imports {imported}: {target} is not in depends_on of {source}"
    if manifests[target]["tier"] > manifests[source]["tier"]:
        return f"{importer} imports {imported}: {target} lies on a higher tier than {source}"
    return None
