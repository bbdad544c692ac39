"""Text in the Vietnamese encodings before Unicode: TCVN3 (ABC, fonts .Vn…) and VNI (fonts VNI-…).

Such text looks like ``cÇu Mü ThuËn`` (TCVN3) or ``caàu Myõ Thuaän`` (VNI) when a program reads its
bytes as Western European. Drawings, MapInfo tables and old spreadsheets are full of it, and no GIS
library converts it.

Source:
    TCVN 5712:1993 (VN3); the code page of the VNI fonts for Windows.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final, Literal

LegacyEncoding = Literal["tcvn3", "vni"]

_TCVN3_CODES: Final = (
    "µ¶·\u00b8¹¨»¼½¾Æ©ÇÈÉÊË®ÌÎÏÐÑªÒÓÔÕÖ×ØÜÝÞßáâãä«åæçèé¬êëìíîïñòóô\u00adõö÷øùúûüýþ¡¢£¤¥¦§"
)
_TCVN3_LETTERS: Final = "àảãáạăằẳẵắặâầẩẫấậđèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵĂÂÊÔƠƯĐ"
_TCVN3: Final = dict(zip(_TCVN3_CODES, _TCVN3_LETTERS, strict=True))

# A letter of VNI is a base letter followed by a mark; some letters are one character.
_VNI_TONES: Final = {"ù": "\u0301", "ø": "\u0300", "û": "\u0309", "õ": "\u0303", "ï": "\u0323"}
_VNI_CIRCUMFLEX: Final = {
    "â": "",
    "á": "\u0301",
    "à": "\u0300",
    "å": "\u0309",
    "ã": "\u0303",
    "ä": "\u0323",
}
_VNI_BREVE: Final = {
    "ê": "",
    "é": "\u0301",
    "è": "\u0300",
    "ú": "\u0309",
    "ü": "\u0303",
    "ë": "\u0323",
}
_VNI_SINGLE: Final = {
    "ô": "ơ",
    "ö": "ư",
    "ñ": "đ",
    "î": "ỵ",
    "í": "í",
    "ì": "ì",
    "æ": "ỉ",
    "ó": "ĩ",
    "ò": "ị",
}


def _vni_table() -> dict[str, str]:
    """Return every VNI sequence, small and capital, with its letter in NFC."""
    table = dict(_VNI_SINGLE)
    for base, letter in (*((vowel, vowel) for vowel in "aeouy"), ("ô", "ơ"), ("ö", "ư")):
        for mark, tone in _VNI_TONES.items():
            table[base + mark] = unicodedata.normalize("NFC", letter + tone)
    for base in "aeo":
        for mark, tone in _VNI_CIRCUMFLEX.items():
            table[base + mark] = unicodedata.normalize("NFC", base + "\u0302" + tone)
    for mark, tone in _VNI_BREVE.items():
        table["a" + mark] = unicodedata.normalize("NFC", "a\u0306" + tone)
    for code, letter in list(table.items()):
        table[code.upper()] = letter.upper()
        # Capital fonts and hasty typists mix the case of letter and mark: the letter decides.
        table[code[0].upper() + code[1:]] = letter.upper()
        table[code[0] + code[1:].upper()] = letter
    return table


_VNI: Final = _vni_table()
_VNI_PATTERN: Final = re.compile(
    "|".join(re.escape(code) for code in sorted(_VNI, key=lambda code: -len(code)))
)
_WORD: Final = re.compile(r"[^\s\d.,;:()\[\]{}/\\+\-–\"'!?_]+")
_WHOLE_TEXT_LETTERS: Final = 3
_WORD_LETTERS: Final = 2


def _is_capital(text: str, at_least: int) -> bool:
    """Say whether the text has enough plain letters and all of them are capitals."""
    letters = [char for char in text if char.isascii() and char.isalpha()]
    return len(letters) >= at_least and all(letter.isupper() for letter in letters)


def from_tcvn3(text: str, *, capital_font: bool | None = None) -> str:
    """Convert text in TCVN3 (ABC) to Unicode in NFC.

    TCVN3 has no capital letters with a tone: headings are set in a capital font (``.VnTimeH``) with
    the codes of the small letters.

    Args:
        text: What a program shows that reads the bytes as Western European.
        capital_font: True when the text was set in a capital font, False when not. None decides
            by the plain letters around: in ``THµNH`` all are capitals, so the result is ``THÀNH``.
    """

    def word(match: re.Match[str]) -> str:
        old = match.group()
        new = "".join(_TCVN3.get(char, char) for char in old)
        return new.upper() if _is_capital(old, _WORD_LETTERS) else new

    if capital_font is None and not _is_capital(text, _WHOLE_TEXT_LETTERS):
        return unicodedata.normalize("NFC", re.sub(r"\S+", word, text))
    new = "".join(_TCVN3.get(char, char) for char in text)
    return unicodedata.normalize("NFC", new if capital_font is False else new.upper())


def from_vni(text: str) -> str:
    """Convert text in VNI (fonts ``VNI-…`` for Windows) to Unicode in NFC."""
    return unicodedata.normalize("NFC", _VNI_PATTERN.sub(lambda match: _VNI[match.group()], text))


_ONSETS: Final = (
    "ngh(?=[eêi])|gh(?=[eêi])|k(?=[eêiy])|ng(?![eêi])|g(?![eê])|c(?![eêiy])|"
    "nh|gi|kh|ch|ph|p|qu|th|tr|t|b|d|đ|h|l|m|n|r|s|v|x"
)
_RIMES: Final = (
    "a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây "
    "e ec em en eng eo ep et ê êch êm ên ênh êp êt êu i ia ich im in inh ip it iu "
    "iêc iêm iên iêng iêp iêt iêu o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn "
    "oăng oăt oc oe oen oeo oet oi om on ong op ot oong ooc ô ôc ôi ôm ôn ông ôp ôt ôông "
    "ơ ơi ơm ơn ơp ơt u ua uân uâng uât uây uc uê uêch uênh ui um un ung up ut uy uya uych uynh "
    "uyt uyn uyu uyên uyêt uơ uôc uôi uôm uôn uông uôt ư ưa ưc ưi ưm ưn ưng ưt ưu ươc ươi ươm "
    "ươn ương ươp ươt ươu y yêm yên yêng yêt yêu"
)
_SYLLABLE: Final = re.compile(f"(?:{_ONSETS})?(?:{'|'.join(_RIMES.split())})")
_TONE_MARKS: Final = frozenset("\u0300\u0301\u0303\u0309\u0323")
_STOP_TONES: Final = frozenset("\u0301\u0323")
_STOPS: Final = ("c", "ch", "p", "t")
_MIN_SHARE: Final = 0.6


def _is_syllable(word: str) -> bool:
    """Say whether a word in NFC can be one Vietnamese syllable with its tone."""
    if not (word.islower() or word.isupper() or word.istitle()):
        return False
    parts = unicodedata.normalize("NFD", word.lower())
    tones = [mark for mark in parts if mark in _TONE_MARKS]
    bare = unicodedata.normalize("NFC", "".join(mark for mark in parts if mark not in _TONE_MARKS))
    if len(tones) > 1 or not _SYLLABLE.fullmatch(bare):
        return False
    # A syllable that ends in a stop carries only sắc or nặng.
    return not bare.endswith(_STOPS) or (bool(tones) and tones[0] in _STOP_TONES)


def _share(words: list[str]) -> float:
    """Return the share of words that are Vietnamese syllables."""
    return sum(_is_syllable(word) for word in words) / len(words)


def detect_legacy(text: str) -> LegacyEncoding | None:
    """Say in which legacy encoding a text is, or None when it is good as it stands.

    The words that hold other than plain letters are read as Unicode, as TCVN3 and as VNI; the
    reading with the most possible Vietnamese syllables wins, Unicode when in doubt. Text with a
    letter that only Unicode has (``ộ``, ``đ``) is never legacy.
    """
    text = unicodedata.normalize("NFC", text)
    if any(ord(char) > 0xFF and char.isalpha() for char in text):
        return None
    # A sign alone (``3×33``) is no word; in the old fonts its code is a letter.
    words = [
        word
        for word in _WORD.findall(text)
        if not word.isascii() and any(char.isalpha() for char in word)
    ]
    if not words:
        return None
    shares: dict[LegacyEncoding, float] = {
        "tcvn3": _share([from_tcvn3(word) for word in words]),
        "vni": _share([from_vni(word) for word in words]),
    }
    best = max(shares, key=lambda encoding: shares[encoding])
    return best if shares[best] > max(_share(words), _MIN_SHARE) else None
