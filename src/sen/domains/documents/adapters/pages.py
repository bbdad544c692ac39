"""A page of a PDF as a picture: what the viewer shows, also where a browser shows no PDF.

``python -m sen.domains.documents.adapters.pages PATH PAGE WIDTH`` writes the WebP in base64; it
runs confined. No Django here.
"""

from __future__ import annotations

import base64
import json
import sys
from io import BytesIO
from typing import Final

import pypdfium2

MOST_SCALE: Final = 4.0


def page_picture(path: str, number: int, width: int) -> bytes:
    """A page (from 1) in a width in pixels, as WebP.

    Raises:
        IndexError: there is no such page.
    """
    with pypdfium2.PdfDocument(path) as pdf:
        if not 1 <= number <= len(pdf):
            raise IndexError(number)
        page = pdf[number - 1]
        scale = min(width / max(page.get_width(), 1), MOST_SCALE)
        picture = page.render(scale=scale).to_pil().convert("RGB")
    buffer = BytesIO()
    picture.save(buffer, "WEBP", quality=78, method=2)
    return buffer.getvalue()


def main() -> None:
    path, number, width = sys.argv[1:]
    made = page_picture(path, int(number), int(width))
    sys.stdout.write(json.dumps(base64.b64encode(made).decode()))


if __name__ == "__main__":
    main()
