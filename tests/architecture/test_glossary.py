"""The glossary: every term once, in both languages, and as the screens say it."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.utils import translation

DOCS = Path(__file__).resolve().parents[2] / "docs"
TERMS: dict[str, dict[str, Any]] = tomllib.loads((DOCS / "glossary.toml").read_text("utf-8"))
LAWS = tomllib.loads((DOCS / "legal" / "sources.toml").read_text("utf-8"))
TYPES = Path(__file__).resolve().parents[2] / "src" / "sen" / "domains" / "assets" / "types"
#: Models of the kernel that people meet by name.
MET_BY_NAME = {
    "kernel_access.Organisation",
    "kernel_access.Area",
    "kernel_access.Role",
    "kernel_access.User",
    "kernel_access.Grant",
    "kernel_audit.AuditEntry",
    "kernel_audit.Seal",
    "kernel_jobs.JobRun",
    "kernel_imports.ImportRun",
    "kernel_files.Attachment",
    "kernel_web.SavedView",
}


def test_every_term_is_unique_and_complete() -> None:
    assert len(TERMS) >= 80
    for name, term in TERMS.items():
        assert term.keys() <= {"en", "vi", "is", "law", "model", "asset_type"}, name
        for key in ("en", "vi", "is"):
            assert term.get(key, "").strip(), f"{name}: no {key}"
        assert term.get("law", "kh-597-2025") in LAWS, f"{name}: {term.get('law')} is no source"
    for key in ("en", "vi", "model", "asset_type"):
        counted = Counter(term[key].casefold() for term in TERMS.values() if key in term)
        assert not [value for value, times in counted.items() if times > 1], f"{key} given twice"


def test_models_are_called_what_the_glossary_says() -> None:
    codes = {manifest.code for manifest in settings.MANIFESTS}
    known = {term["model"]: term["vi"] for term in TERMS.values() if "model" in term}
    owned = {m._meta.label for m in apps.get_models() if m._meta.app_label in codes}
    assert not (owned | MET_BY_NAME) - known.keys(), "models without a term in the glossary"
    with translation.override("vi"):
        for label, name in known.items():
            assert str(apps.get_model(label)._meta.verbose_name) == name, label


def test_types_of_assets_are_called_what_the_glossary_says() -> None:
    known = {term["asset_type"]: term for term in TERMS.values() if "asset_type" in term}
    said = [tomllib.loads(path.read_text("utf-8")) for path in sorted(TYPES.glob("*.toml"))]
    assert {kind["code"] for kind in said} == known.keys()
    for kind in said:
        assert known[kind["code"]]["en"] == kind["name"]["en"], kind["code"]
        assert known[kind["code"]]["vi"].casefold() == kind["name"]["vi"].casefold(), kind["code"]
