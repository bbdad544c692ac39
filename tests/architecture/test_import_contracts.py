"""The layering rule holds, and the contract of the walls catches what it must."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from grimp import ImportGraph
from tools.import_contracts import crossing_imports, judge

ROOT = Path(__file__).resolve().parents[2]


def test_all_import_contracts_are_kept() -> None:
    result = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout[result.stdout.find("Broken contracts") :]


def test_no_contract_has_exceptions() -> None:
    assert "ignore_imports" not in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


MANIFESTS = {
    "low": {"tier": 0, "depends_on": []},
    "mid": {"tier": 1, "depends_on": ["low", "high"]},
    "high": {"tier": 2, "depends_on": ["mid"]},
}


@pytest.mark.parametrize(
    ("importer", "imported", "problem"),
    [
        ("house.mid.services", "house.low.api", None),
        ("house.mid.services", "house.low.events", None),
        ("house.high.web.panels", "house.mid.choices", None),
        ("house.mid.models", "house.low.models", "only api"),
        ("house.mid.models", "house.low", "only api"),
        ("house.low.services", "house.mid.api", "not in depends_on"),
        ("house.high.services", "house.low.api", "not in depends_on"),
        ("house.mid.services", "house.high.api", "higher tier"),
        ("house.mid.services", "house.stray.api", "without manifest"),
    ],
)
def test_the_contract_of_the_walls(importer: str, imported: str, problem: str | None) -> None:
    found = judge(MANIFESTS, "house", importer, imported)
    assert (found is None) if problem is None else (problem in (found or ""))


def test_only_imports_between_domains_cross_a_wall() -> None:
    graph = ImportGraph()
    for importer, imported in (
        ("house.mid.services", "house.low.api"),
        ("house.mid.services", "house.mid.models"),
        ("house.mid.services", "kernel.web"),
        ("project", "house.low.models"),
    ):
        graph.add_import(importer=importer, imported=imported)
    assert crossing_imports(graph, "house") == [("house.mid.services", "house.low.api")]
