"""The approximate boundaries against the measured label points, where those are at hand."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from sen.demo.generate import province
from sen.demo.plane import to_plane
from sen.demo.territory import Locator

_ROOT = Path(__file__).resolve().parents[4]
_SHARED = Path(os.environ.get("SEN_SHARED_DATA", _ROOT / "../shared/data"))
_COMMUNES = _SHARED / "boundaries" / "communes.csv"


@pytest.mark.skipif(not _COMMUNES.exists(), reason=f"không có tệp {_COMMUNES}")
def test_label_points_fall_into_their_approximate_commune() -> None:
    communes = province().communes
    locator = Locator(communes)
    names = {commune.code: commune for commune in communes}
    with _COMMUNES.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    right = 0
    for row in rows:
        commune = names[row["code"]]
        assert (commune.name, commune.kind) == (row["name"], row["kind"])
        assert commune.area_km2 == float(row["area_km2_published"])
        spot = to_plane((float(row["label_lon"]), float(row["label_lat"])))
        right += locator.commune_at(spot).code == row["code"]
    assert len(rows) == 102
    assert right / len(rows) > 0.95
