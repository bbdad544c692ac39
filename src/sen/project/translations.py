"""Translations: Vietnamese texts in the code, one English catalogue for each package.

Texts are taken from Python and templates with Babel, so no gettext tools need be installed. A
package is a folder with its own ``locale``: the kernel, the library, the connectors, every domain.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

SOURCE: Final = Path(__file__).resolve().parents[1]
KEYWORDS: Final = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
# No dates and no names: a catalogue changes only when its texts change.
HEADER: Final = b"""msgid ""
msgstr ""
"Language: en\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""
PLACEHOLDER: Final = re.compile(r"%\((\w+)\)[sdfr]|%[sd]|\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Package:
    """A folder that has a catalogue of its own."""

    folder: Path

    @property
    def po(self) -> Path:
        return self.folder / "locale" / "en" / "LC_MESSAGES" / "django.po"

    @property
    def mo(self) -> Path:
        return self.po.with_suffix(".mo")


def packages() -> list[Package]:
    """The kernel, the library, the connectors, the composition root, and every domain."""
    fixed = [SOURCE / name for name in ("lib", "kernel", "connectors", "project")]
    domains = sorted(path.parent for path in (SOURCE / "domains").glob("*/manifest.toml"))
    return [Package(folder) for folder in (*fixed, *domains)]


def extract(package: Package) -> Catalog:
    """Every text of a package, with the places where it stands."""
    catalog = Catalog(locale="en", project="Sen", charset="utf-8", fuzzy=False)
    for path in sorted(package.folder.rglob("*")):
        if not path.is_file() or {"tests", "migrations", "__pycache__"} & set(path.parts):
            continue
        for line, text, comments, context in _texts(path):
            place = (str(path.relative_to(SOURCE)), line)
            catalog.add(text, locations=[place], auto_comments=comments, context=context)
    return catalog


def _texts(path: Path) -> Iterator[tuple[int, str | tuple[str, ...], list[str], str | None]]:
    if path.suffix == ".py":
        content = path.read_bytes()
    elif path.suffix in {".html", ".txt"} and "templates" in path.parts:
        lines = templatize(path.read_text(encoding="utf-8")).splitlines()
        # Indentation means nothing in a template, but would be an error of Python's tokeniser.
        content = "\n".join(line.strip() for line in lines).encode()
    else:
        return
    found: Any = extract_python(io.BytesIO(content), KEYWORDS, [], {"encoding": "utf-8"})
    for line, function, messages, comments in found:
        parts = messages if isinstance(messages, tuple) else (messages,)
        context = str(parts[0]) if function.startswith(("pgettext", "npgettext")) else None
        if context is not None:
            parts = parts[1:]
        if parts and parts[0] is not None:
            yield line, _plural(parts), list(comments), context


def _plural(parts: tuple[str | None, ...]) -> str | tuple[str, ...]:
    texts = tuple(str(part) for part in parts[:2] if part is not None)
    return texts if len(texts) == 2 else texts[0]


def read(package: Package) -> Catalog:
    """The committed catalogue; an empty one where there is none."""
    if not package.po.exists():
        return Catalog(locale="en", project="Sen", fuzzy=False)
    with package.po.open("rb") as file:
        return read_po(file, locale="en")


def update(package: Package) -> int:
    """Bring the catalogue in step with the code; returns how many texts lack a translation."""
    wanted, known = extract(package), read(package)
    for message in wanted:
        old = known.get(message.id, context=message.context) if message.id else None
        if old is not None and old.string:
            message.string = old.string
    if not any(message.id for message in wanted):
        package.po.unlink(missing_ok=True)
        return 0
    package.po.parent.mkdir(parents=True, exist_ok=True)
    with package.po.open("wb") as file:
        file.write(HEADER)
        write_po(file, wanted, width=100, sort_output=True, omit_header=True, no_location=True)
    return sum(1 for message in wanted if message.id and not _is_complete(message))


def compile_all() -> int:
    """Write the binary catalogues that are older than their texts; returns how many."""
    written = 0
    for package in packages():
        if not package.po.exists():
            package.mo.unlink(missing_ok=True)
            continue
        if package.mo.exists() and package.mo.stat().st_mtime >= package.po.stat().st_mtime:
            continue
        with package.mo.open("wb") as file:
            write_mo(file, read(package))
        written += 1
    return written


def check() -> list[str]:
    """What is missing or wrong, in words."""
    problems: list[str] = []
    for package in packages():
        name = package.folder.relative_to(SOURCE)
        wanted, known = extract(package), read(package)
        for message in wanted:
            if not message.id:
                continue
            found = known.get(message.id, context=message.context)
            if found is None or not _is_complete(found):
                problems.append(f"{name}: no English for {_first(message)!r}")
            elif wrong := _placeholders_differ(found):
                problems.append(f"{name}: {wrong}")
    return problems + _island_problems()


def _first(message: Message) -> str:
    return message.id[0] if isinstance(message.id, (tuple, list)) else message.id


def _is_complete(message: Message) -> bool:
    strings = message.string if isinstance(message.string, (tuple, list)) else [message.string]
    return bool(strings) and all(strings)


def _placeholders_differ(message: Message) -> str:
    strings = message.string if isinstance(message.string, (tuple, list)) else [message.string]
    wanted = set(PLACEHOLDER.findall(_first(message)))
    for string in strings:
        if set(PLACEHOLDER.findall(str(string))) != wanted:
            return f"placeholders differ in the English of {_first(message)!r}"
    return ""


def _island_problems() -> list[str]:
    """The islands' texts are two JSON files; they must have the same keys."""
    folder = SOURCE / "kernel" / "web" / "islands" / "lib"
    said = {
        code: json.loads((folder / f"messages.{code}.json").read_text(encoding="utf-8"))
        for code in ("vi", "en")
    }
    return [
        f"islands: {key!r} is not in both languages"
        for key in sorted(said["vi"].keys() ^ said["en"].keys())
    ]
