"""Errors of the pure library that a person may read.

The library knows no translation machinery, so an error carries the Vietnamese sentence with named
holes and the values for them apart: a screen shows ``gettext(error.template) % error.params``.
"""

from __future__ import annotations


def gettext_noop(message: str) -> str:
    """Mark a sentence for the translation catalogue and return it as it is."""
    return message


class InputError(ValueError):
    """A value that a person or a file gave is wrong; the text says what, where, how to mend it."""

    def __init__(self, template: str, /, **params: object) -> None:
        super().__init__(template % params)
        self.template = template
        self.params = params

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.template, self.params)


def _rebuild(kind: type[InputError], template: str, params: dict[str, object]) -> InputError:
    """Make the error anew: exceptions travel between processes."""
    return kind(template, **params)
