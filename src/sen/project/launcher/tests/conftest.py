"""A house of its own for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from sen.project.launcher.house import House, open_house


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.delenv("SEN_VAR", raising=False)
    monkeypatch.setattr("sen.project.launcher.house.service_account", lambda: None)
    root = tmp_path / "checkout"
    root.mkdir()
    return open_house(root)
