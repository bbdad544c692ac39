"""Drop-down lists as Django draws them, character for character but for white space."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st

from sen.kernel.web.form_renderer import FormRenderer

WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp")), max_size=8)
VALUES = st.one_of(WORDS, st.integers(), st.none(), st.booleans())
PAIRS = st.tuples(VALUES, st.one_of(WORDS, st.integers(), WORDS.map(mark_safe)))
CHOICES = st.lists(
    st.one_of(PAIRS, st.tuples(WORDS.filter(bool), st.lists(PAIRS, max_size=4))), max_size=6
)
ATTRIBUTES = st.dictionaries(
    st.sampled_from(("class", "data-a", "required", "size")), st.one_of(VALUES, WORDS), max_size=3
)


def drawn(renderer: DjangoTemplates, widget: forms.Select, value: Any) -> str:
    text = widget.render("truong", value, renderer=renderer)
    return re.sub(r"\s*(</?(?:option|optgroup|select))", r"\1", re.sub(r"\s*\n\s*", "", text))


@given(CHOICES, ATTRIBUTES, VALUES, st.booleans())
def test_as_django_draws_them(
    choices: list[Any], attributes: dict[str, Any], value: Any, is_many: bool
) -> None:
    kind = forms.SelectMultiple if is_many else forms.Select
    widget = kind(attrs=attributes, choices=choices)
    chosen = [value] if is_many else value
    assert drawn(FormRenderer(), widget, chosen) == drawn(DjangoTemplates(), widget, chosen)


def test_what_a_template_of_its_own_draws_stays_with_it() -> None:
    class Marked(forms.Select):
        option_template_name = "django/forms/widgets/radio_option.html"

    shown = drawn(FormRenderer(), Marked(choices=[("a", "A")]), "a")
    assert shown == drawn(DjangoTemplates(), Marked(choices=[("a", "A")]), "a")


def test_words_of_a_language_are_drawn_in_it() -> None:
    widget = forms.Select(choices=[("1", gettext_lazy("Có")), ("2", "Cầu <b>")])
    shown = drawn(FormRenderer(), widget, "2")
    assert 'value="2" selected>Cầu &lt;b&gt;</option>' in shown
