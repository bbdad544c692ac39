"""Text of a table as it was meant: TCVN3, VNI and twice encoded UTF-8, column by column.

What a column holds is guessed from its words and may be said otherwise by a person, who sees a few
cells before and after. Cells that hold letters of Unicode alone stay as they are, so that a
column in which somebody went on typing in Unicode comes out right.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sen.kernel.errors import InvalidInputError
from sen.kernel.imports.tables import MAX_CELL, Table, clean
from sen.lib.text import detect_legacy, from_tcvn3, from_vni, nfc

#: So many different texts of a column are looked at.
SAMPLE: Final = 2000
SAMPLES_SHOWN: Final = 3
#: A second encoding counts when this share of the cells is in it.
MIXED_SHARE: Final = 0.05


class Encoding(StrEnum):
    UNICODE = "unicode"
    TCVN3 = "tcvn3"
    VNI = "vni"
    TWICE = "twice"


LABELS: Final = {
    Encoding.UNICODE: gettext_lazy("Unicode (giữ nguyên)"),
    Encoding.TCVN3: gettext_lazy("TCVN3 (phông .Vn…)"),
    Encoding.VNI: gettext_lazy("VNI (phông VNI-…)"),
    Encoding.TWICE: gettext_lazy("UTF-8 đọc sai"),
}
_NAMES: Final = {
    Encoding.TCVN3: "TCVN3",
    Encoding.VNI: "VNI",
    Encoding.TWICE: gettext_lazy("UTF-8 (đọc sai)"),
}


@dataclass(slots=True)
class ColumnText:
    """What was found in a column. ``counts``: different texts by the encoding they look like."""

    column: str
    encoding: Encoding
    guessed: Encoding
    counts: dict[Encoding, int] = field(default_factory=dict)
    #: Cells before and after.
    samples: list[tuple[str, str]] = field(default_factory=list)

    @property
    def is_mixed(self) -> bool:
        total = sum(self.counts.values())
        return sum(n >= max(1, total * MIXED_SHARE) for n in self.counts.values()) > 1


def repair_text(table: Table, said: Mapping[str, str] | None = None) -> list[ColumnText]:
    """NFC everywhere; old encodings become Unicode. ``said``: column → encoding, over the guess.

    Returns the columns that were not plain Unicode, or for which somebody said something.

    Raises:
        InvalidInputError: a cell is too long to be data.
    """
    header = _mend_all(table.columns)
    table.columns = _distinct([clean(text) for text in header])
    found: list[ColumnText] = []
    for number, column in enumerate(table.columns):
        report = _repair_column(table, number, column, (said or {}).get(column, ""))
        if report is not None:
            found.append(report)
            table.notes += _notes(report)
    return found


def _mend_all(texts: Sequence[str]) -> list[str]:
    guess = guess_encoding([text for text in texts if not text.isascii()])[0]
    return [_mend(text, guess) for text in texts]


def _distinct(columns: Sequence[str]) -> list[str]:
    """Two columns of one name get a number: each is chosen by its name."""
    seen: Counter[str] = Counter()
    names: list[str] = []
    for name in columns:
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return names


def _repair_column(table: Table, number: int, column: str, said: str) -> ColumnText | None:
    texts = Counter(row[number] for row in table.rows if isinstance(row[number], str))
    if any(len(text) > MAX_CELL for text in texts):
        raise InvalidInputError(
            {
                "file": _("Cột “%(column)s” có ô dài hơn %(max)s ký tự; hãy kiểm tra lại tệp.")
                % {"column": column, "max": MAX_CELL}
            }
        )
    foreign = [text for text in texts if not text.isascii()]
    guess, counts = guess_encoding(foreign)
    chosen = Encoding(said) if said in list(Encoding) else guess
    mended = {text: text.strip() for text in texts}
    mended |= {text: clean_lines(_mend_one(text, chosen, counts, said)) for text in foreign}
    for row in table.rows:
        if isinstance(row[number], str):
            row[number] = mended[row[number]]
    if chosen is Encoding.UNICODE and not said and len(counts) < 2:
        return None
    changed = [(text, mended[text]) for text in foreign if nfc(text).strip() != mended[text]]
    return ColumnText(column, chosen, guess, counts, changed[:SAMPLES_SHOWN])


def clean_lines(text: str) -> str:
    return nfc(text).strip()


def _mend_one(text: str, chosen: Encoding, counts: Mapping[Encoding, int], said: str) -> str:
    if not said and len(counts) > 1:
        # What says nothing by itself may be good as it stands: a person looks at such a column.
        return _mend(text, encoding_of(text) or Encoding.UNICODE)
    return _mend(text, chosen)


def guess_encoding(texts: Sequence[str]) -> tuple[Encoding, dict[Encoding, int]]:
    """The encoding of most texts, and how many look like which.

    All together are judged first: a single short word may be read in several ways.
    """
    sample = [text for text in texts[:SAMPLE] if not text.isascii()]
    whole = encoding_of(" ".join(text for text in sample if not _is_unicode(text)))
    counts: Counter[Encoding] = Counter()
    for text in sample:
        own = encoding_of(text) or (None if _is_unicode(text) else whole)
        counts[own or Encoding.UNICODE] += 1
    if whole is not None and counts[Encoding.UNICODE] and not any(map(_is_unicode, sample)):
        # What says nothing by itself goes with the rest.
        counts[whole] += counts.pop(Encoding.UNICODE)
    least = max(1.0, sum(counts.values()) * MIXED_SHARE)
    kept = {encoding: n for encoding, n in counts.items() if n >= least}
    best = max(kept, key=lambda encoding: kept[encoding], default=Encoding.UNICODE)
    if best is Encoding.UNICODE and whole is not None:
        best = whole
    return best, kept


def _is_unicode(text: str) -> bool:
    """Whether a text has a letter that no old encoding knows."""
    return any(ord(char) > 0xFF and char.isalpha() for char in nfc(text))


def encoding_of(text: str) -> Encoding | None:
    """The old encoding that a text is in; None when it is good, or says nothing."""
    if not text or text.isascii():
        return None
    if _decoded_again(text) != text:
        return Encoding.TWICE
    legacy = detect_legacy(text)
    return Encoding(legacy) if legacy else None


def _decoded_again(text: str) -> str:
    for western in ("latin-1", "cp1252"):
        try:
            return text.encode(western).decode("utf-8")
        except (UnicodeEncodeError, UnicodeDecodeError):
            continue
    return text


_MENDERS: Final[dict[Encoding, Callable[[str], str]]] = {
    Encoding.UNICODE: nfc,
    Encoding.TCVN3: from_tcvn3,
    Encoding.VNI: from_vni,
    Encoding.TWICE: _decoded_again,
}


def _mend(text: str, encoding: Encoding) -> str:
    return nfc(text) if _is_unicode(text) else _MENDERS[encoding](text)


def _notes(report: ColumnText) -> list[str]:
    values: dict[str, Any] = {"name": report.column}
    if report.is_mixed:
        parts = [f"{LABELS[encoding]}: {n}" for encoding, n in sorted(report.counts.items())]
        values["parts"] = "; ".join(parts)
        return [
            _(
                "Cột “%(name)s” lẫn nhiều bảng mã (%(parts)s); từng ô được chuyển theo bảng mã "
                "của nó, hãy xem lại."
            )
            % values
        ]
    if report.encoding in _NAMES:
        values["legacy"] = _NAMES[report.encoding]
        return [_("Cột “%(name)s” dùng bảng mã %(legacy)s; đã chuyển sang Unicode.") % values]
    return []
