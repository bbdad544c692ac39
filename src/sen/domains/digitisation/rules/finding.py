"""What somebody looks for, and which words of a page answer it.

A word matches when it is the same in the form without diacritics; where the question has
diacritics, words that have the same ones come first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sen.lib.text import fold, nfc

QUOTED: Final = re.compile('["“”„«»]([^"“”„«»]*)["“”„«»]?')
NOT_WORD: Final = re.compile(r"[\W_]+")
MAX_WORDS: Final = 16
MAX_LETTERS: Final = 60
SNIPPET_WORDS: Final = 34
LEAD_WORDS: Final = 6


def folded(text: str) -> tuple[str, ...]:
    """Words without diacritics, in the form in which they are indexed."""
    return tuple(word[:MAX_LETTERS] for word in fold(text).split())


def accented(text: str) -> tuple[str, ...]:
    """Words with their diacritics, in the form in which they are indexed."""
    return tuple(word[:MAX_LETTERS] for word in NOT_WORD.sub(" ", nfc(text).lower()).split())


@dataclass(frozen=True, slots=True)
class Question:
    """A parsed question: single words that must all be there, and phrases."""

    words: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not any(folded(text) for text in (*self.words, *self.phrases))

    @property
    def text(self) -> str:
        return " ".join((*self.phrases, *self.words))

    @property
    def has_accents(self) -> bool:
        """Whether it was typed with diacritics."""
        return not nfc(self.text).isascii()


def parse(text: str) -> Question:
    """A question as typed; quoted parts are phrases, a quote left open ends with the text."""
    text = text.replace("\x00", " ")  # which no text in the database can hold
    phrases = [found.strip() for found in QUOTED.findall(text)]
    words = QUOTED.sub(" ", text).split()[:MAX_WORDS]
    kept = [" ".join(phrase.split()[:MAX_WORDS]) for phrase in phrases if folded(phrase)]
    return Question(tuple(word for word in words if folded(word)), tuple(kept))


def marked(words: Sequence[str], question: Question) -> set[int]:
    """Numbers of the words of a page that the question asked for.

    A printed word may hold several indexed ones (“06/2021/NĐ-CP”).
    """
    parts = [(number, part) for number, word in enumerate(words) for part in folded(word)]
    stream = [part for _number, part in parts]
    found: set[int] = set()
    for asked in (*question.phrases, *question.words):
        wanted = folded(asked)
        for start in places(stream, wanted):
            found.update(number for number, _part in parts[start : start + len(wanted)])
    return found


def places(stream: Sequence[str], wanted: tuple[str, ...]) -> list[int]:
    """Where a run of words begins in a text."""
    if not wanted:
        return []
    first, length = wanted[0], len(wanted)
    return [
        at
        for at, part in enumerate(stream)
        if part == first and tuple(stream[at : at + length]) == wanted
    ]


def snippet(words: Sequence[str], found: set[int]) -> tuple[tuple[str, bool], ...]:
    """The stretch of a page with the most found words: pieces of text, marked or not."""
    if not words:
        return ()
    starts = [max(0, number - LEAD_WORDS) for number in sorted(found)] or [0]
    best = max(starts, key=lambda start: len(found & set(range(start, start + SNIPPET_WORDS))))
    pieces: list[tuple[str, bool]] = [("… ", False)] if best else []
    for number in range(best, min(best + SNIPPET_WORDS, len(words))):
        is_marked = number in found
        if pieces and pieces[-1][1] == is_marked:
            pieces[-1] = (f"{pieces[-1][0]}{words[number]} ", is_marked)
        else:
            pieces.append((f"{words[number]} ", is_marked))
    if best + SNIPPET_WORDS < len(words):
        pieces.append(("…", False))
    return tuple(pieces)
