"""Forms drawn by Django's templates, but drop-down lists in one go.

Django draws each option with two templates. A form about an asset has a thousand options (communes,
organisations, roads), which were a third of what its page costs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.forms.renderers import DjangoTemplates
from django.utils.formats import localize
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

SELECT: Final = "django/forms/widgets/select.html"
OPTION: Final = "django/forms/widgets/select_option.html"


class FormRenderer(DjangoTemplates):
    """What ``FORM_RENDERER`` names."""

    def render(
        self, template_name: str, context: Mapping[str, Any], request: Any = None
    ) -> SafeString:
        if template_name == SELECT:
            widget = context["widget"]
            if all(
                o["template_name"] == OPTION for _n, group, _i in widget["optgroups"] for o in group
            ):
                return _select(widget)
        drawn: SafeString = super().render(template_name, dict(context), request)  # type: ignore[assignment]
        return drawn


def _select(widget: Mapping[str, Any]) -> SafeString:
    parts = [f'<select name="{conditional_escape(widget["name"])}"{_attributes(widget["attrs"])}>']
    for name, options, _index in widget["optgroups"]:
        if name:
            parts.append(f'<optgroup label="{conditional_escape(name)}">')
        parts += [
            f'<option value="{_text(option["value"])}"{_attributes(option["attrs"])}>'
            f"{conditional_escape(localize(option['label']))}</option>"
            for option in options
        ]
        if name:
            parts.append("</optgroup>")
    parts.append("</select>")
    return mark_safe("\n".join(parts))  # noqa: S308  each part is escaped above


def _attributes(given: Mapping[str, Any]) -> str:
    return "".join(
        f" {conditional_escape(name)}"
        if value is True
        else f' {conditional_escape(name)}="{_text(value)}"'
        for name, value in given.items()
        if value is not False
    )


def _text(value: Any) -> str:
    """As it is written, without the separators of a language."""
    return conditional_escape(value if isinstance(value, str) else str(value))
