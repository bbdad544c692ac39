"""Vietnamese text: normal form, search form, alphabetical order, legacy encodings.

`fold` makes the form in which names are searched. Its SQL twin is the function ``sen_fold(text)``
(see `fold_function_sql`); both give the same result for every text, so that an expression index
and a query built in Python always meet.

Source:
    Unicode Standard Annex 15 (normal forms); Quyết định 240/QĐ (1984) on the spelling of i and y.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from importlib import resources
from typing import Final

from sen.lib.legacy_text import LegacyEncoding, detect_legacy, from_tcvn3, from_vni

__all__ = [
    "VIETNAMESE_LETTERS",
    "LegacyEncoding",
    "detect_legacy",
    "fold",
    "fold_function_sql",
    "from_tcvn3",
    "from_vni",
    "is_nfc",
    "nfc",
    "slugify",
    "sort_key",
]

SortKey = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]

_TONED_VOWELS: Final = (
    "aàảãáạ ăằẳẵắặ âầẩẫấậ eèẻẽéẹ êềểễếệ iìỉĩíị oòỏõóọ ôồổỗốộ ơờởỡớợ uùủũúụ ưừửữứự yỳỷỹýỵ"
)
_EXTRA_LETTERS: Final = "đ"
VIETNAMESE_LETTERS: Final[str] = "".join(
    letter + letter.upper()
    for letter in _TONED_VOWELS.replace(" ", "") + _EXTRA_LETTERS
    if not letter.isascii()
)
"""The 134 letters with a mark, small and capital, in NFC."""

# The four constants below are repeated in sql/fold.sql; a test compares both on random text.
_DROPPED: Final = re.compile("[\u0300-\u036f\u00ad\u200b-\u200d\u2060\ufeff]+")
_PLAIN: Final = str.maketrans(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZĐđÐðƉɖØøŁł\u0131",
    "abcdefghijklmnopqrstuvwxyzddddddoolli",
)
_Y_AS_I: Final = re.compile("([bcdfghjklmnpqrstvwxz]|qu)y")
_SEPARATORS: Final = re.compile(
    "[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00bf\u00d7\u00f7"
    "\u2000-\u206f\u20a0-\u20cf\u3000-\u303f\ufffd]+"
)
_NOT_SLUG: Final = re.compile("[^a-z0-9]+")


def nfc(text: str) -> str:
    """Return the text in Unicode normal form C, the only form that is stored."""
    return unicodedata.normalize("NFC", text)


def is_nfc(text: str) -> bool:
    """Say whether the text is in Unicode normal form C already."""
    return unicodedata.is_normalized("NFC", text)


def _plain(text: str) -> str:
    """Strip every diacritic and lower the Latin letters."""
    return _DROPPED.sub("", unicodedata.normalize("NFKD", text)).translate(_PLAIN)


def fold(text: str) -> str:
    """Return the form in which a name is searched and compared.

    Small letters without diacritics (``đ`` gives ``d``), one space for every run of spaces and
    punctuation. Tone position and the choice of i or y make no difference: "Hoà" meets "Hòa",
    "Quý" meets "Quí", "Mỹ" meets "Mĩ". ``y`` becomes ``i`` only after a consonant or ``qu``, so
    "Tây" and "Tài" stay apart; because the rule looks to the left alone, the fold of the beginning
    of a word begins the fold of the word, and type-ahead search works. Scripts other than Latin
    are kept as they are. ``fold(fold(text)) == fold(text)``.
    """
    return _SEPARATORS.sub(" ", _Y_AS_I.sub(r"\1i", _plain(text))).strip(" ")


@lru_cache(maxsize=1)
def fold_function_sql() -> str:
    """Return the SQL statement that creates or replaces ``sen_fold(text)``.

    The function is IMMUTABLE, STRICT and PARALLEL SAFE and uses nothing outside ``pg_catalog``, so
    that it may stand in indexes and generated columns. It needs a database in UTF-8.
    """
    return resources.files("sen.lib").joinpath("sql/fold.sql").read_text(encoding="utf-8")


def slugify(text: str, separator: str = "-") -> str:
    """Return the text as a part of an address: ``Mỹ Tho`` gives ``my-tho``.

    Unlike `fold` it keeps ``y`` and drops what is not a Latin letter or digit.
    """
    return _NOT_SLUG.sub(separator, _plain(text)).strip(separator)


_ALPHABET: Final = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_TONES: Final = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}
_DIGIT_BASE: Final = 1_000
_LETTER_BASE: Final = 2_000
_OTHER_BASE: Final = 10_000
_PRIMARY: Final = {letter: _LETTER_BASE + rank for rank, letter in enumerate(_ALPHABET)} | {
    digit: _DIGIT_BASE + int(digit) for digit in "0123456789"
}


def _split_tone(letter: str) -> tuple[str, int]:
    """Split a letter in NFC into the letter of the alphabet and the rank of its tone."""
    parts = unicodedata.normalize("NFD", letter)
    tone = next((_TONES[mark] for mark in parts if mark in _TONES), 0)
    bare = "".join(mark for mark in parts if mark not in _TONES)
    return unicodedata.normalize("NFC", bare), tone


@lru_cache(maxsize=4096)
def _weights(char: str) -> tuple[int, int, int]:
    """Return the alphabetical, tone and case weight of a character in NFC."""
    if char.isspace():
        return 1, 0, 0
    small = char.lower()
    if len(small) != 1:
        return _OTHER_BASE + ord(char), 0, 0
    bare, tone = _split_tone(small)
    primary = _PRIMARY.get(bare)
    if primary is not None:
        return primary, tone, int(small != char)
    if small.isalnum():
        return _OTHER_BASE + ord(small), 0, int(small != char)
    return 2 + min(ord(small), _DIGIT_BASE - 3), 0, 0


def sort_key(text: str) -> SortKey:
    """Return a key that sorts names as a Vietnamese dictionary does.

    First by letters (a ă â b c d đ e ê … o ô ơ … u ư … y), then by tones (ngang, huyền, hỏi, ngã,
    sắc, nặng), then small before capital. Spaces come before punctuation, punctuation before
    digits, digits before letters.

    Source:
        Alphabet and tone order of Từ điển tiếng Việt (Hoàng Phê), the order of locale ``vi`` in
        CLDR.
    """
    weights = [_weights(char) for char in nfc(text)]
    return (
        tuple(weight[0] for weight in weights),
        tuple(weight[1] for weight in weights),
        tuple(weight[2] for weight in weights),
    )
