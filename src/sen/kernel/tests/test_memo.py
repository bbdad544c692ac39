"""A page asks once; nothing outlives it."""

from __future__ import annotations

import pytest

from sen.kernel.memo import remembered, remembering


def test_a_page_asks_once_and_everybody_else_each_time() -> None:
    asked: list[tuple[int, str]] = []

    @remembered
    def ask(number: int, *, unit: str = "m") -> str:
        asked.append((number, unit))
        if number < 0:
            raise ValueError(number)
        return f"{number} {unit}"

    ask(1)
    ask(1)
    assert len(asked) == 2
    for _page in range(2):
        asked.clear()
        with remembering():
            assert [ask(1), ask(1, unit="km"), ask(1)] == ["1 m", "1 km", "1 m"]
            for _try in range(2):
                with pytest.raises(ValueError, match="-1"):
                    ask(-1)
        assert asked == [(1, "m"), (1, "km"), (-1, "m"), (-1, "m")]
