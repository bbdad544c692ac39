"""The native steps as functions: each runs in a confined process and answers with plain values."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from sen.domains.digitisation.data import PageContent, Quality, Word
from sen.kernel.files.confined import ConfinedError, run_confined

MODULE: Final = "sen.domains.digitisation.adapters.confined"
#: A page that takes longer is given up; a dense A3 drawing at 300 dpi takes 40 s at load.
PAGE_S: Final = 180
SURVEY_S: Final = 600
ASSEMBLE_S: Final = 300

__all__ = ["ConfinedError", "assemble", "own_texts", "recognise", "render", "searchable", "survey"]


def _run(command: str, given: dict[str, Any], timeout_s: int) -> Any:
    return run_confined(MODULE, [command], timeout_s=timeout_s, given=given)


def own_texts(path: Path, mime: str, *, most: int) -> list[PageContent | None]:
    """The pages of a file that are text already; None for each that must be recognised.

    Raises:
        ConfinedError: the file cannot be read.
    """
    found = _run("texts", {"path": str(path), "mime": mime, "most": most}, SURVEY_S)
    return [_content(number, page) if page else None for number, page in enumerate(found, 1)]


def survey(
    path: Path, mime: str, folder: Path, *, most: int, recogniser: dict[str, object] | None
) -> dict[str, Any]:
    """Codes, blank sides, turns and small pictures of every page.

    Raises:
        ConfinedError: the file cannot be read.
    """
    given = {"path": str(path), "mime": mime, "folder": str(folder), "most": most}
    found: dict[str, Any] = _run("survey", {**given, "recogniser": recogniser}, SURVEY_S)
    return found


def render(path: Path, mime: str, page: int, *, width: int, rotation: int, out: Path) -> None:
    """A page as WebP.

    Raises:
        ConfinedError: it cannot be drawn.
    """
    given = {"path": str(path), "mime": mime, "page": page, "width": width}
    _run("render", {**given, "rotation": rotation, "out": str(out)}, 60)


def recognise(
    path: Path,
    mime: str,
    page: int,
    out: Path,
    recogniser: dict[str, object],
    *,
    may_turn: bool = True,
) -> PageContent:
    """The words of a scanned page, and ``<out>.pdf``, the same as invisible text.

    ``may_turn``: a page that lies the wrong way is set upright before it is read.

    Raises:
        ConfinedError: it cannot be read within time and memory.
    """
    given: dict[str, Any] = {"path": str(path), "mime": mime, "page": page, "out": str(out)}
    given |= {"recogniser": recogniser, "may_turn": may_turn}
    return _content(page, _run("recognise", given, PAGE_S))


def _content(number: int, found: dict[str, Any]) -> PageContent:
    return PageContent(
        number=number,
        width=found["width"],
        height=found["height"],
        words=tuple(
            Word(text, x, y, width, height, sure)
            for x, y, width, height, sure, text in found["words"]
        ),
        text=found["text"],
        source=found["source"],
        rotation=found["rotation"],
        quality=Quality(**found["quality"]) if found["quality"] else None,
    )


def assemble(sheets: list[dict[str, Any]], out: Path) -> int:
    """One PDF of sheets; how many pages it has.

    Raises:
        ConfinedError: a sheet cannot be read.
    """
    return int(_run("assemble", {"sheets": sheets, "out": str(out)}, ASSEMBLE_S)["pages"])


def searchable(
    path: Path, mime: str, layers: dict[int, tuple[Path, int]], out: Path, *, title: str
) -> dict[str, Any]:
    """PDF/A-2b with invisible text; what the checker said of it.

    ``layers``: page → its text and by how many degrees clockwise it is turned.

    Raises:
        ConfinedError: it cannot be made.
    """
    given = {"path": str(path), "mime": mime, "out": str(out), "title": title, "language": "vi"}
    texts = {str(page): (str(text), turn) for page, (text, turn) in layers.items()}
    made: dict[str, Any] = _run("searchable", {**given, "layers": texts}, ASSEMBLE_S)
    return made
