"""What is wrong with a request, and where in it: the only error of the query language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class SyntaxFault(Exception):  # noqa: N818  a fault of the request, not of the house
    """An expression or an address that cannot be read, or means nothing here.

    ``template`` is a message id; ``at`` counts characters from 0 in ``text``.
    """

    def __init__(
        self,
        template: str,
        params: Mapping[str, Any] | None = None,
        *,
        text: str = "",
        at: int | None = None,
        option: str = "",
    ) -> None:
        super().__init__(template)
        self.template = template
        self.params = dict(params or {})
        self.text = text
        self.at = at
        self.option = option

    @property
    def message(self) -> str:
        """The message in the language of the house, for logs and tests."""
        return self.template % self.params

    def __str__(self) -> str:
        where = f" @{self.at}" if self.at is not None else ""
        return self.message + where
