"""Reads expressions: precedence climbing (Pratt) over the words of :mod:`lexer`.

Source:
    OData 4.0 part 2, 5.1.1 (operators by precedence) and OGC 18-088, 9.3.3.5 (functions).
"""

from __future__ import annotations

from typing import Final

from sen.domains.telemetry.sta.odata.faults import SyntaxFault
from sen.domains.telemetry.sta.odata.functions import FUNCTIONS
from sen.domains.telemetry.sta.odata.lexer import Token, tokens_of
from sen.domains.telemetry.sta.odata.nodes import (
    Among,
    Binary,
    Call,
    Kind,
    Literal,
    Logic,
    Node,
    Path,
    Quantified,
    Unary,
)
from sen.lib.errors import gettext_noop

MAX_DEPTH: Final = 60
COMPARISONS: Final = frozenset({"eq", "ne", "gt", "ge", "lt", "le"})
_POWER: Final = {
    "or": 1,
    "and": 2,
    **dict.fromkeys(COMPARISONS, 4),
    "in": 4,
    "add": 5,
    "sub": 5,
    "mul": 6,
    "div": 6,
    "mod": 6,
}
_NOT: Final = 3
_MINUS: Final = 7
_WORDS: Final = {
    "null": Literal(Kind.NULL, None),
    "true": Literal(Kind.BOOL, True),
    "false": Literal(Kind.BOOL, False),
    "INF": Literal(Kind.NUMBER, float("inf")),
    "NaN": Literal(Kind.NUMBER, float("nan")),
}
_RESERVED: Final = frozenset({*_POWER, "not"})


def parse(text: str) -> Node:
    """The tree of an expression.

    Raises:
        SyntaxFault: it is none; says where.
    """
    reader = Reader(text)
    node = reader.expression()
    reader.finish()
    return node


class Reader:
    """Goes through the words once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens_of(text)
        self.index = 0
        self.depth = 0

    @property
    def here(self) -> Token:
        return self.tokens[self.index]

    def take(self) -> Token:
        token = self.here
        self.index += 1
        return token

    def fault(self, template: str, token: Token | None = None, **params: object) -> SyntaxFault:
        token = token or self.here
        return SyntaxFault(template, params, text=self.text, at=token.at)

    def unexpected(self) -> SyntaxFault:
        if self.here.sort == "end":
            return self.fault(gettext_noop("Biểu thức kết thúc giữa chừng."))
        return self.fault(gettext_noop("“%(what)s” không được đứng ở đây."), what=self.here.text)

    def expect(self, mark: str) -> Token:
        if self.here.sort != "mark" or self.here.text != mark:
            if self.here.sort == "end":
                raise self.fault(gettext_noop("Thiếu “%(mark)s”."), mark=mark)
            raise self.fault(
                gettext_noop("Thiếu “%(mark)s” trước “%(what)s”."), mark=mark, what=self.here.text
            )
        return self.take()

    def is_mark(self, mark: str) -> bool:
        return self.here.sort == "mark" and self.here.text == mark

    def finish(self) -> None:
        if self.here.sort != "end":
            raise self.unexpected()

    # --- expressions ---------------------------------------------------------------------------

    def expression(self, power: int = 0) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.fault(gettext_noop("Biểu thức lồng nhau quá %(most)d lớp."), most=MAX_DEPTH)
        try:
            left = self.prefix()
            links = 0
            while self.here.sort == "name" and _POWER.get(self.here.text, 0) > power:
                links += 1
                if links > MAX_DEPTH:
                    raise self.fault(
                        gettext_noop("Biểu thức lồng nhau quá %(most)d lớp."), most=MAX_DEPTH
                    )
                left = self.infix(left)
            return left
        finally:
            self.depth -= 1

    def prefix(self) -> Node:
        token = self.here
        if token.literal is not None:
            self.take()
            return token.literal
        if token.sort == "name":
            return self.named()
        if self.is_mark("("):
            self.take()
            inner = self.expression()
            self.expect(")")
            return inner
        if self.is_mark("-"):
            self.take()
            return _negated(self.expression(_MINUS), token.at)
        raise self.unexpected()

    def infix(self, left: Node) -> Node:
        token = self.take()
        word, power = token.text, _POWER[token.text]
        if word in ("and", "or"):
            parts = [left, self.expression(power)]
            while self.here.sort == "name" and self.here.text == word:
                self.take()
                parts.append(self.expression(power))
            return Logic(word, tuple(parts), token.at)
        if word == "in":
            self.expect("(")
            return Among(left, self.arguments(), token.at)
        return Binary(word, left, self.expression(power), token.at)

    def named(self) -> Node:
        token = self.here
        word = token.text
        if word == "not":
            self.take()
            return Unary("not", self.expression(_NOT), token.at)
        if word in _RESERVED:
            raise self.unexpected()
        following = self.tokens[self.index + 1]
        if following.sort == "mark" and following.text == "(":
            return self.call()
        if word in _WORDS and not (following.sort == "mark" and following.text == "/"):
            self.take()
            known = _WORDS[word]
            return Literal(known.kind, known.value, token.at)
        return self.path()

    def call(self) -> Node:
        token = self.take()
        self.take()
        arguments = self.arguments()
        known = FUNCTIONS.get(token.text)
        if known is None:
            raise self.fault(gettext_noop("Không có hàm “%(name)s”."), token, name=token.text)
        if len(arguments) not in known.counts:
            raise self.fault(
                gettext_noop("Hàm “%(name)s” cần %(need)s tham số, nhận được %(found)d."),
                token,
                name=token.text,
                need="–".join(map(str, known.counts)),
                found=len(arguments),
            )
        return Call(token.text, arguments, token.at)

    def arguments(self) -> tuple[Node, ...]:
        """What stands between brackets, of which the first is read."""
        found: list[Node] = []
        if not self.is_mark(")"):
            found.append(self.expression())
            while self.is_mark(","):
                self.take()
                found.append(self.expression())
        self.expect(")")
        return tuple(found)

    def path(self) -> Node:
        start = self.here
        segments = [self.segment()]
        while self.is_mark("/"):
            self.take()
            following = self.tokens[min(self.index + 1, len(self.tokens) - 1)]
            if self.here.text in ("any", "all") and following.text == "(":
                return self.quantified(Path(tuple(segments), start.at))
            segments.append(self.segment())
        return Path(tuple(segments), start.at)

    def segment(self) -> str:
        if self.here.sort != "name":
            raise self.unexpected()
        return self.take().text

    def quantified(self, path: Path) -> Node:
        token = self.take()
        self.expect("(")
        if token.text == "any" and self.is_mark(")"):
            self.take()
            return Quantified("any", path, "", None, token.at)
        variable = self.segment()
        self.expect(":")
        condition = self.expression()
        self.expect(")")
        return Quantified(token.text, path, variable, condition, token.at)


def _negated(node: Node, at: int) -> Node:
    """``-5`` is a number; ``-(x)`` an operation."""
    if isinstance(node, Literal) and node.kind is Kind.NUMBER and not _is_negative(node.value):
        return Literal(Kind.NUMBER, -node.value, at)
    return Unary("-", node, at)


def _is_negative(value: float) -> bool:
    return str(value).startswith("-")
