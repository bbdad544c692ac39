"""What large charts ask for and are answered."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from openpyxl import load_workbook

from sen.kernel.errors import InvalidInputError
from sen.kernel.web.charts import Chart, Series, Step, Window, chart_response, with_gaps

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("length", "step"),
    [
        (timedelta(minutes=10), Step.RAW),
        (timedelta(hours=8), Step.MINUTE),
        (timedelta(days=30), Step.HOUR),
        (timedelta(days=365), Step.DAY),
        (timedelta(days=3650), Step.DAY),
    ],
)
def test_the_step_follows_the_zoom(length: timedelta, step: Step) -> None:
    assert Window(NOON - length, NOON, 900).step() is step


@pytest.mark.parametrize(
    "given",
    [
        {"tu": "gestern"},
        {"tu": "2026-13-40T00:00"},
        {"tu": "2026-11-20T12:00", "den": "2026-11-20T11:00"},
        {"tu": "1066-10-14T00:00", "den": "2026-11-20T11:00"},
        {"diem": "-1"},
        {"diem": "99999"},
        {"diem": "٣"},
    ],
)
def test_a_malformed_window_is_refused_in_words(given: dict[str, str]) -> None:
    with pytest.raises(InvalidInputError):
        Window.asked(given, usual=timedelta(days=1))


def test_gaps_break_lines_and_what_is_no_number_is_none() -> None:
    minute = timedelta(minutes=1)
    at, value, low, _high = with_gaps(
        [
            (NOON, 1.0, 0.5, 2.0),
            (NOON + minute, float("nan"), None, None),
            (NOON + 9 * minute, 3, 3, 3),
        ],
        90,
    )
    assert value == [1.0, None, None, 3]
    assert low[0] == 0.5
    assert at == sorted(at)


def test_the_same_is_told_as_json_and_as_a_sheet_without_formulas() -> None:
    window = Window(NOON, NOON + timedelta(hours=1))
    series = Series("s", "=cmd()", "mm", [1_700_000_000_000, 1_700_000_000_001], [1.5, None])
    chart = Chart("Độ võng", Step.RAW, [series])
    told = json.loads(chart_response(chart, window, {}).content)
    assert told["series"][0]["value"] == [1.5, None]
    sheet = chart_response(chart, window, {"dang": "csv"})
    rows = sheet.content.decode("utf-8-sig").splitlines()
    assert len(rows) == 2
    assert rows[1].startswith("'=cmd(),mm,2023-11-15T05:13:20+07:00,1.5")
    assert 'filename="do-vong.csv"' in sheet.headers["Content-Disposition"]
    book = load_workbook(io.BytesIO(chart_response(chart, window, {"dang": "xlsx"}).content))
    lines = list(book.worksheets[0].values)
    assert lines[1][:4] == ("'=cmd()", "mm", "2023-11-15T05:13:20+07:00", 1.5)
    assert len(lines) == 2
