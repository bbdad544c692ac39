"""Rules of the house that leave no import edge: keys, model look-ups, sizes, services, signals."""

from __future__ import annotations

import ast
import inspect
import pkgutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "sen"
MANIFESTS = {manifest.code: manifest for manifest in settings.MANIFESTS}
MOST_LINES = 500


def domain_of(module: str) -> str | None:
    parts = module.split(".")
    return parts[2] if parts[:2] == ["sen", "domains"] and len(parts) > 2 else None


def own_sources() -> list[Path]:
    return [path for path in sorted(SOURCE.rglob("*.py")) if "migrations" not in path.parts]


def relations() -> Iterator[models.Field[Any, Any]]:
    for model in apps.get_models(include_auto_created=True):
        if model.__module__.startswith("sen.") and not model._meta.auto_created:
            fields = [*model._meta.concrete_fields, *model._meta.many_to_many]
            yield from (field for field in fields if field.is_relation)


def crossing_relations() -> list[models.Field[Any, Any]]:
    """Keys that leave their domain for another domain."""
    found = []
    for field in relations():
        target = domain_of(field.related_model.__module__)
        if target and target != domain_of(field.model.__module__):
            found.append(field)
    return found


def test_keys_between_domains_point_downwards_as_declared() -> None:
    for field in crossing_relations():
        source = domain_of(field.model.__module__)
        target = domain_of(field.related_model.__module__)
        assert source, f"{field}: the kernel knows no domain"
        assert target in MANIFESTS[source].depends_on, f"{field}: {target} is not in depends_on"
        assert MANIFESTS[target].tier <= MANIFESTS[source].tier, f"{field}: points upwards"


def test_keys_that_leave_a_domain_leave_nothing_behind() -> None:
    """No reverse accessor on the other side: ``related_name="+"``, for kernel targets too."""
    for field in relations():
        source, target = field.model.__module__, field.related_model.__module__
        if domain_of(source) and domain_of(source) != domain_of(target):
            relation = field.remote_field
            assert relation is None or relation.hidden, f'{field}: set related_name="+"'


def test_keys_to_another_domain_are_given_by_string() -> None:
    """A class given by name needs an import of the other domain's models, which is no facade."""
    for path in own_sources():
        own = domain_of(".".join(path.relative_to(SOURCE.parent).with_suffix("").parts))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if own and isinstance(node, ast.ImportFrom) and node.module:
                other = domain_of(node.module)
                crosses = other is not None and other != own
                assert not (crosses and node.module.endswith("models")), f"{path}:{node.lineno}"


def test_nobody_looks_up_a_model_of_another_domain() -> None:
    for path in own_sources():
        own = domain_of(".".join(path.relative_to(SOURCE.parent).with_suffix("").parts))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            if node.func.attr == "get_model" and node.args:
                label = ast.unparse(node.args[0]).strip("'\"").split(".")[0]
                assert label == own or label not in MANIFESTS, f"{path}:{node.lineno}"


def test_no_file_outgrows_its_reader() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in own_sources()
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > MOST_LINES
    }
    assert not long, f"make a package of the same name: {long}"


def test_nobody_listens_to_model_signals() -> None:
    """Reactions go through events; a listener is invisible where the row is written."""
    for path in own_sources():
        if path.is_relative_to(SOURCE / "kernel" / "audit"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert node.module != "django.db.models.signals", f"{path}:{node.lineno}"
            if isinstance(node, ast.Name | ast.Attribute):
                name = node.id if isinstance(node, ast.Name) else node.attr
                assert name not in {"post_save", "pre_save", "post_delete", "pre_delete"}, path


def service_modules() -> list[str]:
    return [
        info.name
        for manifest in settings.MANIFESTS
        for info in pkgutil.walk_packages(
            import_module(manifest.package).__path__, f"{manifest.package}."
        )
        if info.name.startswith(f"{manifest.package}.services")
    ]


@pytest.mark.parametrize("module", service_modules())
def test_every_service_is_keyword_only(module: str) -> None:
    """A service is what takes an actor; its helpers may be called as they like."""
    found = import_module(module)
    for name, function in inspect.getmembers(found, inspect.isfunction):
        signature = inspect.signature(function)
        if name.startswith("_") or function.__module__ != module:
            continue
        if "actor" not in signature.parameters:
            continue
        parameters = signature.parameters.values()
        positional = [p.name for p in parameters if p.kind not in (p.KEYWORD_ONLY, p.VAR_KEYWORD)]
        assert not positional, f"{module}.{name}: make {positional} keyword-only"


def test_guarded_models_use_no_other_default_manager() -> None:
    from sen.kernel.access.querysets import ScopedManager
    from sen.kernel.access.rls import guarded_models

    for model in guarded_models():
        assert isinstance(model._default_manager, ScopedManager), model._meta.label
