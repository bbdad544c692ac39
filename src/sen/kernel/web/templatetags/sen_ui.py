"""Tags of the design system; every one is shown on the style page ``/he-thong/style``.

A tag with a body ends with ``end`` + its name: ``{% panel "Vị trí" %}…{% endpanel %}``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from django import template
from django.conf import settings
from django.db.models.fields import BLANK_CHOICE_DASH
from django.forms import BaseForm, BoundField, ChoiceField, ModelChoiceField, widgets
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from sen.kernel.access.permissions import domain_title, pattern_title
from sen.kernel.numbers import number_text

register = template.Library()

DATA_CLASSES: Final[dict[int, dict[str, Any]]] = {
    0: {"tone": "ok", "icon": "globe", "text": _("Công khai")},
    1: {"tone": "info", "icon": "building-2", "text": _("Nội bộ")},
    2: {"tone": "warn", "icon": "lock", "text": _("Hạn chế")},
    3: {"tone": "danger", "icon": "shield-alert", "text": _("Mật")},
}
ALERT_ICONS: Final = {
    "ok": {"icon": "circle-check"},
    "info": {"icon": "info"},
    "warn": {"icon": "triangle-alert"},
    "danger": {"icon": "circle-alert"},
    "lotus": {"icon": "lotus"},
}
INPUT_CLASSES: Final[tuple[tuple[type[widgets.Widget], str], ...]] = (
    (widgets.CheckboxInput, ""),
    (widgets.CheckboxSelectMultiple, ""),
    (widgets.RadioSelect, ""),
    (widgets.Textarea, "textarea"),
    (widgets.Select, "select"),
    (widgets.ClearableFileInput, ""),
    (widgets.Input, "input"),
)


class _Build:
    """Version of the built front end: it changes the address of every asset with the build."""

    def __init__(self) -> None:
        self.stamp = -1
        self.version = ""

    def read(self) -> str:
        path = Path(settings.SEN_VAR) / "static" / ".source-hash"
        try:
            stamp = path.stat().st_mtime_ns
        except FileNotFoundError:
            return ""
        if stamp != self.stamp:
            self.stamp, self.version = stamp, path.read_text(encoding="ascii")[:10]
        return self.version


_build = _Build()


def asset_url(path: str) -> str:
    version = _build.read()
    return f"{static(path)}?v={version}" if version else static(path)


@register.simple_tag
def asset(path: str) -> str:
    """Address of a built file, with the version of the build."""
    return asset_url(path)


@register.simple_tag
def icon(name: str, size: str = "", label: str = "") -> SafeString:
    """A drawing of the sprite; ``size`` is "", "sm" or "lg"; ``label`` makes it speak."""
    klass = f"icon icon-{size}" if size else "icon"
    href = f"{asset_url('icons.svg')}#{name or 'circle-dashed'}"
    if label:
        return format_html(
            '<svg class="{}" role="img" aria-label="{}"><use href="{}"></use></svg>',
            klass,
            label,
            href,
        )
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}"></use></svg>', klass, href
    )


@register.simple_tag
def badge(text: object, tone: str = "", icon: str = "", dot: bool = False) -> SafeString:
    """A state: tone is ok, info, warn, danger, pond, lotus or empty (neutral)."""
    classes = " ".join(filter(None, ["badge", tone and f"tone-{tone}", "badge-dot" if dot else ""]))
    drawing = _icon(icon) if icon else ""
    return format_html('<span class="{}">{}{}</span>', classes, drawing, text)


@register.simple_tag
def data_class(level: int) -> SafeString:
    """Badge of a data class: 0 công khai, 1 nội bộ, 2 hạn chế, 3 mật."""
    kind = DATA_CLASSES[int(level)]
    return badge(kind["text"], kind["tone"], kind["icon"])


@register.filter
def initials(name: str) -> str:
    """Nguyễn Thị Sen → TS: the last two words, since the given name stands last."""
    return "".join(word[0] for word in str(name).split()[-2:]).upper()


@register.filter
def vnd(amount: int | None) -> str:
    """Whole đồng in groups of three, without the unit; a dash for none."""
    return "—" if amount is None else f"{amount:,}".replace(",", ".")


@register.filter
def add_class(field: BoundField, names: str) -> SafeString:
    return field.as_widget(attrs={"class": names})


#: Widgets that are several boxes in one fieldset.
BOXES: Final = frozenset({"CheckboxSelectMultiple", "RadioSelect"})


@register.inclusion_tag("sen/components/field.html")
def field(bound: BoundField, width: str = "", suffix: str = "") -> dict[str, object]:
    """A form field with label, hint and error; ``width`` half (usual), third, quarter, full.

    ``suffix`` is a unit shown behind the input. The widget decides what is drawn: a select, a
    date field, a checkbox, radio buttons, a file drop. The attribute ``data-pick`` (point, line,
    polygon, any) puts a map below the input, which writes ``data-pick-format``: latlon, wkt or
    geojson; ``data-pick-layer`` and ``data-pick-row`` name what is edited.
    """
    widget = bound.field.widget
    if bound.is_hidden:
        return {"kind": "Hidden", "control": bound}
    kind = next((k.__name__ for k, _c in INPUT_CLASSES if isinstance(widget, k)), "Input")
    css = next((c for k, c in INPUT_CLASSES if isinstance(widget, k)), "input")
    attrs: dict[str, Any] = {}
    if css:
        attrs["class"] = " ".join(filter(None, [css, widget.attrs.get("class", "")]))
    if isinstance(widget, widgets.Textarea) and widget.attrs.get("rows") == "10":
        widget.attrs["rows"] = 4  # Django's own default is too tall here
    if isinstance(widget, widgets.Select):
        _name_blank(bound)
    if isinstance(widget, widgets.DateInput):
        widget.input_type = "date"
        widget.format = "%Y-%m-%d"
    if kind not in BOXES:
        ids = [f"{bound.auto_id}_{part}" for part in ("error", "hint") if _has(bound, part)]
        if ids:
            attrs["aria-describedby"] = " ".join(ids)
    return {
        "field": bound,
        "kind": kind,
        "width": width or ("full" if "data-pick" in widget.attrs else ""),
        "suffix": suffix,
        "groups": _choice_groups(bound)
        if kind in {"CheckboxSelectMultiple", "RadioSelect"}
        else (),
        "pick": widget.attrs.get("data-pick", ""),
        "pick_format": widget.attrs.get("data-pick-format", "latlon"),
        "pick_layer": widget.attrs.get("data-pick-layer", ""),
        "pick_focus": widget.attrs.get("data-pick-focus", ""),
        "pick_row": widget.attrs.get("data-pick-row", ""),
        "control": bound.as_widget(attrs=attrs),
    }


def _choice_groups(bound: BoundField) -> list[tuple[str, list[Any]]]:
    """The boxes of a choice under the headings of its groups; those without one under none."""
    boxes = iter(bound.subwidgets)
    widget = bound.field.widget
    found: list[tuple[str, list[Any]]] = []
    for name, options, _number in widget.optgroups(bound.html_name, bound.value() or []):
        mine = [next(boxes) for _option in options]
        if found and not name and not found[-1][0]:
            found[-1][1].extend(mine)
        else:
            found.append((str(name or ""), mine))
    return found


@register.filter
def permission_words(pattern: str) -> str:
    """A permission or a pattern of permissions as a person reads it."""
    return f"{domain_title(pattern.partition('.')[0])}: {pattern_title(pattern)}"


def _name_blank(bound: BoundField) -> None:
    """Django's dashes become words."""
    form_field = bound.field
    if isinstance(form_field, ModelChoiceField):
        if form_field.empty_label == BLANK_CHOICE_DASH[0][1]:
            form_field.empty_label = _("Chọn…")
    elif isinstance(form_field, ChoiceField):
        choices = list(bound.field.widget.choices)
        if choices[:1] == BLANK_CHOICE_DASH:
            bound.field.widget.choices = [("", _("Chọn…")), *choices[1:]]


def _has(bound: BoundField, part: str) -> bool:
    return bool(bound.errors if part == "error" else bound.help_text)


@register.inclusion_tag("sen/components/form_errors.html")
def form_errors(form: BaseForm, focus: bool = True) -> dict[str, object]:
    """Summary above a form: its general errors, and a link to every field that is wrong."""
    return {"form": form, "focus": focus, "fields": [bound for bound in form if bound.errors]}


@register.simple_block_tag
def panel(
    content: str,
    title: object = "",
    icon: str = "",
    count: object = None,
    span: str = "",
    flush: bool = False,
    actions: str = "",
    anchor: str = "",
) -> SafeString:
    """A titled box. ``actions`` is rendered HTML; ``flush`` lets a table reach the edges.

    ``span`` is its width in ``.grid``: 3, 4, 6 or 8 of 12 columns; ``anchor`` its id.
    """
    head: SafeString | str = ""
    if title:
        head = format_html(
            '<header class="panel-head">{}<h2 class="panel-title">{}{}</h2>{}</header>',
            _icon(icon) if icon else "",
            title,
            "" if count is None else format_html(' <span class="panel-count">{}</span>', count),
            actions,
        )
    return format_html(
        '<section class="panel{}"{}>{}<div class="panel-body{}">{}</div></section>',
        f" span-{span}" if span else "",
        format_html(' id="{}"', anchor) if anchor else "",
        head,
        " flush" if flush else "",
        content,
    )


@register.simple_block_tag
def alert(content: str, tone: str = "info", title: object = "") -> SafeString:
    """A message in the page. Danger and warning are announced to screen readers."""
    return format_html(
        '<div class="alert tone-{}" role="{}">{}<div class="alert-body">{}{}</div></div>',
        tone,
        "alert" if tone == "danger" else "status",
        _icon(ALERT_ICONS[tone]["icon"]),
        format_html('<p class="alert-title">{}</p>', title) if title else "",
        content,
    )


@register.simple_block_tag
def empty(content: str, title: object, icon: str = "lotus") -> SafeString:
    """What stands where nothing is; the body says what to do, with a button in ``.row``."""
    return format_html(
        '<div class="empty"><div class="empty-art">{}</div><p class="empty-title">{}</p>{}</div>',
        _icon(icon),
        title,
        content,
    )


@register.simple_block_tag
def dialog(content: str, name: str, title: object, kind: str = "dialog") -> SafeString:
    """A <dialog>; opened by any ``<button data-open="name">``, closed by ``data-close`` or Escape.

    ``kind`` is "dialog", "dialog wide" or "drawer". The body holds ``.dialog-body`` and, for
    buttons, ``.dialog-foot``.
    """
    return format_html(
        '<dialog class="{}" id="{}" aria-labelledby="{}-title"><header class="dialog-head">'
        '<h2 id="{}-title">{}</h2><button type="button" class="btn btn-quiet btn-icon btn-sm"'
        ' data-close aria-label="{}">{}</button></header>{}</dialog>',
        kind,
        name,
        name,
        name,
        title,
        _("Đóng"),
        _icon("x"),
        content,
    )


@register.simple_tag
def progress(value: float, total: float = 100, label: object = "") -> SafeString:
    """A labelled progress bar."""
    percent = round(100 * value / total) if total else 0
    return format_html(
        '<div class="progress"><div class="progress-head"><span>{}</span><output>{} %</output>'
        '</div><progress value="{}" max="{}" aria-label="{}"></progress></div>',
        label,
        percent,
        f"{value:g}",
        f"{total:g}",
        label,
    )


@register.simple_tag
def skeleton(lines: int = 3) -> SafeString:
    """Grey lines in the place of what is loading."""
    return format_html(
        '<div aria-hidden="true">{}</div>',
        mark_safe('<span class="skeleton"></span>' * lines),  # noqa: S308 a constant
    )


@register.simple_tag
def sparkline(values: Sequence[float]) -> SafeString:
    """A tiny line chart for a KPI tile; decoration, so hidden from screen readers."""
    if len(values) < 2:
        return mark_safe("")
    low, high = min(values), max(values)
    extent = (high - low) or 1
    points = " ".join(
        f"{100 * i / (len(values) - 1):.1f},{29 - 27 * (v - low) / extent:.1f}"
        for i, v in enumerate(values)
    )
    return format_html(
        '<svg class="spark" viewBox="0 0 100 30" preserveAspectRatio="none" aria-hidden="true">'
        '<polygon class="spark-area" points="0,30 {} 100,30"/>'
        '<polyline class="spark-line" points="{}"/></svg>',
        points,
        points,
    )


@register.inclusion_tag("sen/components/kpi.html")
def kpi(label: object, value: object, unit: object = "", **options: object) -> dict[str, object]:
    """A figure that matters.

    Options: ``note``, ``icon``, ``delta`` with ``good`` (true or false colours it), ``tone`` (ok,
    warn, danger), ``values`` (a sparkline), ``url``, ``live_key`` (a stream renews the value).
    """
    shown = number_text(value) if isinstance(value, int | float | Decimal) else value
    return {**options, "label": label, "value": shown, "unit": unit}


@register.inclusion_tag("sen/components/deflist.html")
def deflist(items: Iterable[tuple[object, object]], one: bool = False) -> dict[str, object]:
    """Pairs of label and value; an empty value is a dash. ``one``: a single column."""
    return {"items": items, "one": one}


@register.inclusion_tag("sen/components/timeline.html")
def timeline(entries: Sequence[Mapping[str, Any]]) -> dict[str, object]:
    """History: entries of {title, at (datetime), who, text, tone, url}."""
    return {"entries": entries}


@register.inclusion_tag("sen/components/diff.html")
def diff(
    rows: Sequence[Mapping[str, Any]], before: object = "", after: object = ""
) -> dict[str, object]:
    """Two versions: rows of {label, before, after}; ``before``/``after`` name the versions."""
    return {"rows": rows, "before": before, "after": after}


@register.inclusion_tag("sen/components/stepper.html")
def stepper(steps: Sequence[object], current: int) -> dict[str, object]:
    """Where one is in a course of steps; ``current`` counts from 1."""
    return {
        "steps": [
            {"title": title, "done": n < current, "current": n == current}
            for n, title in enumerate(steps, 1)
        ]
    }


@register.inclusion_tag("sen/components/tabs.html")
def tabs(items: Sequence[Mapping[str, Any]], label: object = "") -> dict[str, object]:
    """Tabs that are links: {title, url, active, count, icon}."""
    return {"items": items, "label": label or _("Các phần của trang")}


@register.inclusion_tag("sen/components/pager.html")
def pager(
    prev_url: str = "",
    next_url: str = "",
    text: object = "",
    page_sizes: Sequence[Mapping[str, Any]] = (),
) -> dict[str, object]:
    """Keyset paging: forward and back, no page number. ``page_sizes``: {n, url, active}."""
    return {"prev_url": prev_url, "next_url": next_url, "text": text, "page_sizes": page_sizes}


@register.inclusion_tag("sen/components/chips.html")
def chips(items: Sequence[Mapping[str, Any]], clear_url: str = "") -> dict[str, object]:
    """Filters in force: {label, value, remove_url}."""
    return {"items": items, "clear_url": clear_url}


@register.simple_tag
def filter_split(fields: Sequence[Any]) -> dict[str, list[Any]]:
    """Filters of a register: up to three that one choice answers stand open, the rest folded."""
    quick = [item for item in fields if item.kind in {"choice", "reference", "boolean"}][:3]
    return {"quick": quick, "more": [item for item in fields if item not in quick]}


@register.inclusion_tag("sen/components/combobox.html")
def combobox(name: str, url: str, **options: object) -> dict[str, object]:
    """Type-ahead over ``url?q=`` → ``{"items": [{"value", "title", "subtitle"}]}``.

    The form receives ``name=value``. Options: ``value`` and ``text`` (what the current value is
    called), ``input_id``, ``placeholder``, ``required``, ``invalid``, ``describedby``.
    """
    return {"input_id": f"id_{name}", **options, "name": name, "url": url}


def _icon(name: str) -> SafeString:
    return icon(name)
