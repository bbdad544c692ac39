from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from sen.kernel import registry
from sen.kernel.manifest import Manifest
from sen.kernel.registry import Store


def test_a_store_keeps_the_order_and_refuses_a_taken_name() -> None:
    store: Store[int] = Store("figure")
    assert store.add("b", 2) == 2
    store.add("a", 1)
    assert (list(store), store.names(), len(store)) == ([2, 1], ["b", "a"], 2)
    assert store["a"] == 1
    assert "a" in store
    assert store.get("c") is None
    with pytest.raises(ValueError, match="figure 'a' is registered twice"):
        store.add("a", 3)
    store.remove("a")
    assert "a" not in store
    store.add("a", 3)


def test_contributions_are_found_by_their_file_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Example(Manifest):
        package = property(lambda self: f"example_house.{self.code}")

    root = tmp_path / "example_house"
    for name in ("low", "high", "bare"):
        (root / name).mkdir(parents=True)
        (root / name / "__init__.py").touch()
    (root / "__init__.py").touch()
    (root / "low" / "handlers.py").touch()
    (root / "low" / "secret.py").write_text("raise AssertionError")
    (root / "high" / "web").mkdir()
    (root / "high" / "web" / "__init__.py").touch()
    (root / "high" / "web" / "panels.py").touch()
    (root / "high" / "events.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(registry, "_loaded", [])
    values: dict[str, Any] = {
        "name_vi": "x",
        "name_en": "x",
        "owner": "x",
        "personal_data": False,
        "security_level": 1,
    }
    registry.load_contributions(
        tuple(
            Example(code=code, tier=tier, **values)
            for tier, code in enumerate(("low", "bare", "high"))
        )
    )
    expected = [
        "example_house.low.handlers",
        "example_house.high.events",
        "example_house.high.web.panels",
    ]
    assert registry._loaded == expected
    assert set(expected) <= sys.modules.keys()
