"""The entry of the confined process: what to do comes as JSON on the standard input."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from PIL import Image

from sen.domains.digitisation.adapters.confined.assembling import Layer, assemble, searchable
from sen.domains.digitisation.adapters.confined.recogniser import Recogniser
from sen.domains.digitisation.adapters.confined.recognising import own_texts, recognise
from sen.domains.digitisation.adapters.confined.rendering import draw
from sen.domains.digitisation.adapters.confined.surveying import survey

VIEW_DPI: Final = (72, 150)


def render(given: dict[str, Any]) -> dict[str, Any]:
    """A page as WebP of a width."""
    drawn = draw(Path(given["path"]), given["mime"], given["page"], dpi=VIEW_DPI)
    picture = drawn.picture.rotate(-given["rotation"], expand=True)
    width = min(given["width"], picture.width)
    height = round(picture.height * width / picture.width)
    small = picture.resize((width, height), Image.Resampling.LANCZOS)
    small.save(given["out"], "WEBP", quality=72, method=3)
    return {"width": width, "height": height}


COMMANDS: Final[dict[str, Callable[[dict[str, Any]], Any]]] = {
    "texts": lambda given: own_texts(Path(given["path"]), given["mime"], most=given["most"]),
    "survey": lambda given: survey(
        Path(given["path"]),
        given["mime"],
        Path(given["folder"]),
        most=given["most"],
        recogniser=Recogniser(**given["recogniser"]) if given["recogniser"] else None,
    ),
    "render": render,
    "recognise": lambda given: recognise(
        Path(given["path"]),
        given["mime"],
        given["page"],
        Path(given["out"]),
        Recogniser(**given["recogniser"]),
        may_turn=given["may_turn"],
    ),
    "assemble": lambda given: assemble(given["sheets"], Path(given["out"])),
    "searchable": lambda given: searchable(
        Path(given["path"]),
        given["mime"],
        {int(page): Layer(*layer) for page, layer in given["layers"].items()},
        Path(given["out"]),
        title=given["title"],
        language=given["language"],
    ),
}

if __name__ == "__main__":
    json.dump(COMMANDS[sys.argv[1]](json.load(sys.stdin)), sys.stdout)
