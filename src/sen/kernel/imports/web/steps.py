"""The steps of the wizard before the check: what each shows, and what it takes from its form."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from django.http import QueryDict
from django.utils.translation import gettext as _

from sen.kernel.access.middleware import actor_of
from sen.kernel.errors import InvalidInputError
from sen.kernel.geo.config import home
from sen.kernel.imports import crs, drafts, matching, pictures, profiles, shapes
from sen.kernel.imports.engine import typed_rows
from sen.kernel.imports.importer import FieldKind, ImportField, Outcome
from sen.kernel.imports.models import ImportProfile
from sen.kernel.imports.plan import NEAR_M, Plan, read_plan
from sen.kernel.imports.texts import LABELS, ColumnText
from sen.kernel.imports.values import cell_text, guess_mapping, unknown_texts
from sen.kernel.imports.web.pages import COLUMNS, LAYER, MATCH, PLACE, Here

#: Rows shown of a file.
SHOWN: Final = 5
#: Columns shown of a file; the others are named.
SHOWN_COLUMNS: Final = 12
#: Different texts of a column that are offered for choosing.
MOST_TEXTS: Final = 60
MOST_NEAR_M: Final = 1000.0


# --- file and layer ---------------------------------------------------------------------------


def show_layer(at: Here) -> dict[str, Any]:
    plan = at.plan()
    table = plan.table
    return {
        "table": table,
        "row_count": len(table.rows),
        "shown_columns": table.columns[:SHOWN_COLUMNS],
        "more_columns": table.columns[SHOWN_COLUMNS:],
        "shown_rows": [
            [cell_text(cell) for cell in row[:SHOWN_COLUMNS]] for row in table.rows[:SHOWN]
        ],
        "profile": at.draft.profile,
        "size": drafts.file_of(at.draft).stat().st_size,
    }


def take_layer(at: Here, post: QueryDict) -> None:
    layer = str(post.get("layer", ""))
    if layer and layer != at.draft.settings.get("layer", ""):
        drafts.change(at.draft, layer=layer, mapping={}, decisions={}, repairs={})
        at.plan()
        recognise(at)


def recognise(at: Here) -> None:
    """Take over the profile of a file whose columns are known."""
    found = profiles.recognised(actor_of(at.request), at.importer, at.plan().table.columns)
    if found is not None:
        use_profile(at, found)


def use_profile(at: Here, profile: ImportProfile) -> None:
    at.draft.profile = profile
    drafts.change(at.draft, **profile.settings)


# --- coordinate system ------------------------------------------------------------------------


def show_place(at: Here) -> dict[str, Any]:
    plan = at.plan()
    chosen = at.draft.settings
    ways = crs.readings(
        plan.table.shapes,
        plan.table.srid,
        home().bounds,
        told=plan.table.crs,
        land=pictures.land(),
    )
    srid, swapped = chosen.get("srid") or plan.table.srid, bool(chosen.get("swapped"))
    current = f"{srid}{'s' if swapped else ''}" if srid else ""
    keys = {way.key for way in ways}
    if not chosen.get("srid") and not swapped and ways and not _fits(ways, current):
        current = ""
    return {
        "columns": plan.table.columns,
        "needs_columns": not plan.table.shapes and plan.table.columns,
        "from_columns": bool(plan.table.shapes) and (chosen.get("x") or not plan.table.crs),
        "x": chosen.get("x", ""),
        "y": chosen.get("y", ""),
        "ways": [
            {
                "reading": way,
                "picture": pictures.picture_of(way.points, _picture_label(way)),
                "far": pictures.distance_text(way.points),
                "is_chosen": way.key == current,
            }
            for way in ways
        ],
        "other": "" if not srid or current in keys or not current else srid,
        "outside": chosen.get("outside", False),
        "srid": srid,
        "has_shapes": any(shape is not None for shape in plan.table.shapes),
        "said": plan.table.srid,
        "said_name": crs.name_of(plan.table.srid) if plan.table.srid else "",
        "problems": plan.problems,
    }


def _fits(ways: Sequence[crs.Reading], key: str) -> bool:
    return any(way.key == key and way.is_likely for way in ways)


def _picture_label(way: crs.Reading) -> str:
    return _("Vị trí dữ liệu theo EPSG:%(srid)s: %(share)s%% số điểm trong tỉnh") % {
        "srid": way.srid,
        "share": way.percent,
    }


def take_place(at: Here, post: QueryDict) -> None:
    key = str(post.get("way", ""))
    chosen: dict[str, Any] = {
        "outside": post.get("outside") == "1",
        "x": str(post.get("x", "")),
        "y": str(post.get("y", "")),
    }
    if key == "other":
        text = str(post.get("other", "")).strip().upper().removeprefix("EPSG:")
        if not re.fullmatch("[0-9]{4,6}", text):
            raise InvalidInputError({"crs": _("Hãy ghi mã EPSG của hệ tọa độ, ví dụ 5897.")})
        shapes.need_system([None], int(text))
        chosen |= {"srid": int(text), "swapped": post.get("swapped") == "1"}
    elif match := re.fullmatch("([0-9]{4,6})(s?)", key):
        chosen |= {"srid": int(match[1]), "swapped": bool(match[2])}
    drafts.change(at.draft, **chosen)
    if post.get("act") == "columns":
        return
    plan = at.plan()
    if plan.table.shapes and not chosen["outside"]:
        swapped = bool(at.draft.settings.get("swapped"))
        shapes.check_system(plan.table.shapes, plan.srid, home().bounds, swapped=swapped)
    elif plan.table.shapes:
        shapes.need_system(plan.table.shapes, plan.srid)


# --- columns ----------------------------------------------------------------------------------


def show_columns(at: Here) -> dict[str, Any]:
    plan = at.plan()
    chosen = at.draft.settings
    return {
        "columns": plan.table.columns,
        "choices": [
            {
                "field": item,
                "column": plan.mapping.get(item.name, ""),
                "sample": _sample(plan, plan.mapping.get(item.name, "")),
            }
            for item in at.importer.fields
        ],
        "unused": [c for c in plan.table.columns if c not in set(plan.mapping.values())],
        "texts": [_text_context(report, chosen) for report in plan.texts],
        "encodings": LABELS.items(),
        "value_sets": list(value_sets(at, plan)),
        "options": _options(at),
        "profiles": profiles.profiles_for(actor_of(at.request), at.importer),
        "profile": at.draft.profile,
        "problems": plan.problems,
    }


def _sample(plan: Plan, column: str) -> str:
    if not column:
        return ""
    at = plan.table.columns.index(column)
    cells = (row[at] for row in plan.table.rows[:200])
    return next((cell_text(cell)[:60] for cell in cells if cell not in (None, "")), "")


def _text_context(report: ColumnText, chosen: Mapping[str, Any]) -> dict[str, Any]:
    said = chosen.get("encodings", {}).get(report.column, "")
    return {
        "report": report,
        "said": said,
        "counts": [(LABELS[encoding], n) for encoding, n in report.counts.items()],
    }


def value_sets(at: Here, plan: Plan) -> list[dict[str, Any]]:
    """Columns of choices with texts that are none of them: each is to be given a meaning."""
    found: list[dict[str, Any]] = []
    kept = at.draft.settings.get("values", {})
    for item in at.importer.fields:
        column = plan.mapping.get(item.name)
        if column is None or item.kind not in (FieldKind.CHOICE, FieldKind.BOOLEAN):
            continue
        place = plan.table.columns.index(column)
        unknown = unknown_texts(item, (row[place] for row in plan.table.rows))
        if unknown:
            chosen = kept.get(item.name, {})
            found.append(
                {
                    "field": item,
                    "column": column,
                    "choices": _meanings(item),
                    "texts": [(text, n, chosen.get(text, "")) for text, n in unknown[:MOST_TEXTS]],
                    "more": max(0, len(unknown) - MOST_TEXTS),
                }
            )
    return found


def _meanings(item: ImportField) -> list[tuple[str, str]]:
    if item.kind is FieldKind.BOOLEAN:
        return [("1", _("Có")), ("0", _("Không"))]
    return [(code, str(label)) for code, label in item.choices.items()]


def _options(at: Here) -> list[dict[str, Any]]:
    kept = at.draft.settings.get("options", {})
    return [
        {
            "name": option.name,
            "label": option.label,
            "help": option.help,
            "choices": list(option.choices.items()),
            "value": kept.get(option.name, ""),
        }
        for option in at.importer.options
    ]


def take_columns(at: Here, post: QueryDict) -> None:
    actor = actor_of(at.request)
    if post.get("act") == "use":
        wanted = str(post.get("profile", "0"))
        rows = profiles.profiles_for(actor, at.importer)
        found = rows.filter(pk=int(wanted) if wanted.isdecimal() else 0).first()
        if found is not None:
            use_profile(at, found)
        return
    columns = at.plan().table.columns
    guessed = guess_mapping(at.importer, columns)
    chosen = {
        "mapping": {
            item.name: str(post.get(f"map-{item.name}", guessed.get(item.name, "")))
            for item in at.importer.fields
        },
        "encodings": _prefixed(post, "text-", columns),
        "options": {
            option.name: str(post.get(f"option-{option.name}", ""))
            for option in at.importer.options
        },
        "values": _values(at, post),
    }
    drafts.change(at.draft, **chosen)
    plan = at.plan()
    name = str(post.get("save-as", "")).strip()
    if name:
        at.draft.profile = profiles.save_profile(
            actor=actor,
            importer=at.importer,
            name=name,
            columns=plan.table.columns,
            chosen=at.draft.settings,
        )
        at.draft.save()
    if plan.problems and post.get("act") == "next":
        raise InvalidInputError({"mapping": list(plan.problems)})


def _prefixed(post: QueryDict, prefix: str, columns: Sequence[str]) -> dict[str, str]:
    found = {f"{prefix}{column}": column for column in columns}
    return {found[name]: str(value) for name, value in post.items() if name in found and value}


def _values(at: Here, post: QueryDict) -> dict[str, dict[str, str]]:
    """What texts mean: kept meanings stay, those of the form are put over them."""
    made = {name: dict(texts) for name, texts in at.draft.settings.get("values", {}).items()}
    for name in {item.name for item in at.importer.fields}:
        texts, meant = post.getlist(f"text-of-{name}"), post.getlist(f"means-{name}")
        for text, value in zip(texts, meant, strict=False):
            if value:
                made.setdefault(name, {})[text] = value
            else:
                made.get(name, {}).pop(text, None)
    return {name: texts for name, texts in made.items() if texts}


# --- matching ---------------------------------------------------------------------------------


def show_match(at: Here) -> dict[str, Any]:
    chosen = at.draft.settings
    context: dict[str, Any] = {
        "rules": matching.RULES.items(),
        "match": chosen.get("match", ""),
        "within_m": chosen.get("within_m", NEAR_M),
    }
    if chosen.get("match") in list(matching.Rule):
        context |= _matches(at)
    return context


def _matches(at: Here) -> dict[str, Any]:
    """What the chosen rule finds: rows matched, rows new, and rows that a person must decide."""
    asked = drafts.request_of(at.draft)
    plan = read_plan(at.importer, asked)
    rows = typed_rows(at.importer, plan, asked, Outcome())
    match_on = at.importer.match_on
    if match_on is None or plan.problems:
        return {"problems": plan.problems}
    rule = matching.Rule(asked.match)
    found = matching.candidates(match_on, actor_of(at.request), rows, rule, asked.within_m)
    rivals: dict[str, list[int]] = {}
    for number, some in found.items():
        if len(some) == 1:
            rivals.setdefault(some[0].key, []).append(number)
    doubtful = [
        row
        for row in rows
        if len(some := found.get(row.number, [])) > 1
        or (some and len(rivals.get(some[0].key, [])) > 1)
    ]
    clear = [r for r in rows if r.number in found and r not in doubtful]
    return {
        "summary": {
            "matched": len(clear),
            "new": len(rows) - len(found),
            "doubtful": len(doubtful),
        },
        "clear": [(row, found[row.number][0]) for row in clear[:20]],
        "doubtful": [
            {
                "row": row,
                "name": row.values.get(match_on.name) or "",
                "candidates": found[row.number],
                "chosen": asked.decisions.get(row.number),
            }
            for row in doubtful[: matching.SHOWN]
        ],
    }


def take_match(at: Here, post: QueryDict) -> None:
    rule = str(post.get("match", ""))
    text = str(post.get("within_m", "")).replace(",", ".")
    try:
        within = float(text or NEAR_M)
    except ValueError:
        within = 0.0
    if not 0 < within <= MOST_NEAR_M:
        raise InvalidInputError(
            {"within_m": _("Khoảng cách phải từ 0 đến %(max)s m.") % {"max": int(MOST_NEAR_M)}}
        )
    same = rule == at.draft.settings.get("match", "")
    decisions = dict(at.draft.settings.get("decisions", {})) if same else {}
    for name, value in post.items():
        if match := re.fullmatch("row-([0-9]{1,9})", name):
            decisions.pop(match[1], None)
            if value:
                decisions[match[1]] = "" if value == "new" else str(value).removeprefix("key:")
    drafts.change(
        at.draft,
        match=rule if rule in list(matching.Rule) else "",
        within_m=within,
        decisions=decisions,
    )


Show = Callable[[Here], dict[str, Any]]
Take = Callable[[Here, QueryDict], None]
STEPS: Final[dict[str, tuple[Show, Take]]] = {
    LAYER: (show_layer, take_layer),
    PLACE: (show_place, take_place),
    COLUMNS: (show_columns, take_columns),
    MATCH: (show_match, take_match),
}
