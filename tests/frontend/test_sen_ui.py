"""The tags that pages are written with."""

from __future__ import annotations

from typing import Any

from django import forms
from django.template import engines

from sen.kernel.web.templatetags import sen_ui


def render(source: str, **context: Any) -> str:
    return engines["django"].from_string("{% load sen_ui %}" + source).render(context)


class BridgeForm(forms.Form):
    name = forms.CharField(label="Tên cầu", help_text="Như trên biển tên cầu.")
    span = forms.ChoiceField(choices=[("", "---------"), ("a", "Dây văng")], required=False)
    opened_on = forms.DateField(required=False, widget=forms.DateInput())
    place = forms.CharField(widget=forms.TextInput(attrs={"data-pick": "point"}))


def test_text_is_escaped_wherever_it_comes_from() -> None:
    evil = "<script>x</script>"
    for source in (
        "{% badge evil %}",
        "{% icon 'x' label=evil %}",
        "{% panel title=evil %}x{% endpanel %}",
        "{% alert title=evil %}x{% endalert %}",
        "{% empty title=evil %}x{% endempty %}",
        "{% dialog 'a' title=evil %}x{% enddialog %}",
        "{% kpi evil evil evil note=evil %}",
        "{% progress 1 2 evil %}",
    ):
        assert "<script>" not in render(source, evil=evil), source


def test_a_wrong_field_tells_the_screen_reader_what_is_wrong() -> None:
    html = render("{% field form.name %}", form=BridgeForm({}))
    assert 'aria-describedby="id_name_error id_name_hint"' in html
    assert 'id="id_name_error"' in html
    assert 'id="id_name_hint"' in html
    assert 'aria-invalid="true"' in html


def test_required_fields_carry_a_star_and_dashes_become_words() -> None:
    form = BridgeForm()
    assert 'class="req"' in render("{% field form.name %}", form=form)
    span = render("{% field form.span %}", form=form)
    assert 'class="req"' not in span
    assert "Chọn…" in span
    assert "-----" not in span


def test_dates_travel_in_iso_and_places_get_a_map() -> None:
    form = BridgeForm({"opened_on": "2026-04-30", "name": "a", "place": "1, 2"})
    date = render("{% field form.opened_on %}", form=form)
    assert 'type="date"' in date
    assert 'value="2026-04-30"' in date
    place = render("{% field form.place %}", form=form)
    assert '<sen-map compact mode="pick" for="id_place" geometry="point" format="latlon"' in place


def test_the_summary_of_errors_leads_to_the_fields() -> None:
    form = BridgeForm({})
    form.add_error(None, "Cầu này đã có trong sổ.")
    html = render("{% form_errors form %}", form=form)
    assert "Cầu này đã có trong sổ." in html
    assert '<a href="#id_name">Tên cầu</a>' in html
    assert render("{% form_errors form %}", form=BridgeForm()).strip() == ""


def test_initials_are_of_the_last_two_words() -> None:
    assert sen_ui.initials("Nguyễn Thị Kim Ngân") == "KN"
    assert sen_ui.initials("Đức") == "Đ"
    assert sen_ui.initials("") == ""


def test_a_sparkline_needs_two_values_and_stays_inside_its_box() -> None:
    assert sen_ui.sparkline([3]) == ""
    assert 'points="0.0,29.0 50.0,2.0 100.0,15.5"' in sen_ui.sparkline([1, 3, 2])
    assert "nan" not in sen_ui.sparkline([5, 5, 5])
