"""What somebody looks for, which words of a page answer it, and the terms that both meet in.

A word matches when it is the same in the form without diacritics; where the question has
diacritics, words that have the same ones come first.

A document is indexed by terms: its words in both forms, every two neighbours on a page
(``khe co``), and the same of its head with a mark (``^khe``, ``^khe co``). So a phrase of common
words is looked up like a rare word, and the best documents, those whose head answers, are a look-up
of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from sen.lib.text import fold, nfc

QUOTED: Final = re.compile('["“”„«»]([^"“”„«»]*)["“”„«»]?')
NOT_WORD: Final = re.compile(r"[\W_]+")
MAX_WORDS: Final = 16
MAX_LETTERS: Final = 60
SNIPPET_WORDS: Final = 34
LEAD_WORDS: Final = 6
#: The mark of terms of the head.
HEAD: Final = "^"
#: The only term with this name: not all neighbours of this document are indexed.
CUT: Final = "*"
#: The terms of a document in UTF-8; a tsvector holds a megabyte.
MAX_TERM_BYTES: Final = 1_000_000


def folded(text: str) -> tuple[str, ...]:
    """Words without diacritics, in the form in which they are indexed."""
    return tuple(word[:MAX_LETTERS] for word in fold(text).split())


def accented(text: str) -> tuple[str, ...]:
    """Words with their diacritics, in the form in which they are indexed."""
    return tuple(word[:MAX_LETTERS] for word in NOT_WORD.sub(" ", nfc(text).lower()).split())


def neighbours(words: Sequence[str]) -> tuple[str, ...]:
    """Every two words that stand side by side, as terms."""
    return tuple(f"{one} {other}" for one, other in pairwise(words))


def terms(head: Iterable[str], pages: Iterable[str]) -> list[str]:
    """What a document is indexed by: its head's texts and those of its pages.

    Neighbours that no longer fit are left out, which ``CUT`` tells; words always fit.
    """
    found: dict[str, None] = {}
    near: dict[str, None] = {}
    for text in head:
        for form in (folded(text), accented(text)):
            found.update(dict.fromkeys(form))
            found.update(dict.fromkeys(HEAD + word for word in form))
        near.update(dict.fromkeys(HEAD + pair for pair in neighbours(folded(text))))
        near.update(dict.fromkeys(neighbours(folded(text))))
    for text in pages:
        plain = folded(text)
        found.update(dict.fromkeys(plain))
        found.update(dict.fromkeys(accented(text)))
        near.update(dict.fromkeys(neighbours(plain)))
    return _fitting(list(found), list(near))


def _fitting(words: list[str], pairs: list[str]) -> list[str]:
    room = MAX_TERM_BYTES
    kept: list[str] = []
    for term in (*words, *pairs):
        room -= len(term.encode())
        if room < 0:
            return [*kept, CUT]
        kept.append(term)
    return kept


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
    def is_phrase(self) -> bool:
        """Whether nothing was asked for but one phrase."""
        return len(self.phrases) == 1 and not self.words

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
