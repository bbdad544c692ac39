"""JSON Patch.

Source:
    RFC 6902 (operations), RFC 6901 (pointers).
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from sen.domains.telemetry.sta.answers import RefusedError
from sen.lib.errors import gettext_noop


def patched(document: dict[str, Any], operations: Any) -> dict[str, Any]:
    """The document after all operations.

    Raises:
        RefusedError: an operation is none, or leads nowhere, or a test does not hold.
    """
    if not isinstance(operations, list):
        raise _wrong(operations)
    result: Any = deepcopy(document)
    for operation in operations:
        if not isinstance(operation, dict) or not isinstance(operation.get("path"), str):
            raise _wrong(operation)
        try:
            _apply(result, operation)
        except (KeyError, IndexError, ValueError, TypeError) as error:
            raise _wrong(operation) from error
    return dict(result)


def _apply(document: Any, operation: dict[str, Any]) -> None:
    path = operation["path"]
    match operation.get("op"):
        case "add":
            _add(document, path, operation["value"])
        case "replace":
            _remove(document, path)
            _add(document, path, operation["value"])
        case "remove":
            _remove(document, path)
        case "move":
            _add(document, path, _remove(document, operation["from"]))
        case "copy":
            _add(document, path, deepcopy(_get(document, operation["from"])))
        case "test":
            if _get(document, path) != operation["value"]:
                raise ValueError("test")
        case _:
            raise ValueError("op")


def _steps(pointer: str) -> list[str]:
    if not pointer.startswith("/"):
        raise ValueError("pointer")
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer[1:].split("/")]


def _get(document: Any, pointer: str) -> Any:
    for step in _steps(pointer):
        document = document[int(step)] if isinstance(document, list) else document[step]
    return document


def _parent(document: Any, pointer: str) -> tuple[Any, str]:
    *above, last = _steps(pointer)
    for step in above:
        document = document[int(step)] if isinstance(document, list) else document[step]
    return document, last


def _add(document: Any, pointer: str, value: Any) -> None:
    parent, last = _parent(document, pointer)
    if isinstance(parent, list):
        place = len(parent) if last == "-" else int(last)
        if not 0 <= place <= len(parent):
            raise IndexError(last)
        parent.insert(place, value)
    elif isinstance(parent, dict):
        parent[last] = value
    else:
        raise TypeError(last)


def _remove(document: Any, pointer: str) -> Any:
    parent, last = _parent(document, pointer)
    return parent.pop(int(last)) if isinstance(parent, list) else parent.pop(last)


def _wrong(operation: Any) -> RefusedError:
    return RefusedError(
        400,
        "patch",
        gettext_noop("Không thực hiện được thao tác JSON Patch “%(what)s”."),
        {"what": str(operation)[:200]},
    )
