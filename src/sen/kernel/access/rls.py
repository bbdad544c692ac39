"""The access rule as row-level security: the second barrier under ``visible_to``.

Policies read transaction-local settings that ``context`` writes. ``(SELECT f(…))`` makes each
call an InitPlan, evaluated once per query. The user's own conditions are pushed below a policy
only when their functions are LEAKPROOF; PostGIS ships ``&&`` without that mark, and the missing
mark costs two orders of magnitude, so :func:`leakproof_sql` sets it (it needs a superuser).
"""

from __future__ import annotations

from typing import Final

from django.db import models

from sen.kernel.access.models import ScopedModel
from sen.kernel.access.scope import MAX_CLAUSES, AccessRule

FUNCTIONS_SQL: Final = """
CREATE OR REPLACE FUNCTION sen_is_system() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT coalesce(current_setting('sen.system', true), '') = 'on' $$;

CREATE OR REPLACE FUNCTION sen_actor_id() RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('sen.actor', true), '')::bigint $$;

CREATE OR REPLACE FUNCTION sen_slot_class(slot integer, permission text) RETURNS integer
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
  content text := coalesce(current_setting('sen.slot' || slot, true), '');
  pattern text;
BEGIN
  IF content = '' THEN RETURN -1; END IF;
  FOREACH pattern IN ARRAY string_to_array(split_part(content, '|', 1), ',') LOOP
    IF split_part(pattern, '.', 1) IN ('*', split_part(permission, '.', 1))
      AND split_part(pattern, '.', 2) IN ('*', split_part(permission, '.', 2))
      AND split_part(pattern, '.', 3) IN ('*', split_part(permission, '.', 3))
    THEN RETURN split_part(content, '|', 2)::integer; END IF;
  END LOOP;
  RETURN -1;
END $$;

-- axis 3: organisations, 4: places; NULL means any
CREATE OR REPLACE FUNCTION sen_slot_ids(slot integer, axis integer) RETURNS bigint[]
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE part text := split_part(coalesce(current_setting('sen.slot' || slot, true), ''), '|', axis);
BEGIN
  IF part = '*' THEN RETURN NULL; END IF;
  IF part = '' THEN RETURN '{}'; END IF;
  RETURN part::bigint[];
END $$;
"""

#: Functions behind the conditions that lists, maps and searches put below a policy.
LEAKPROOF: Final = (
    "geometry_overlaps(geometry, geometry)",
    "st_intersects(geometry, geometry)",
    "geography_overlaps(geography, geography)",
    "texticlike(text, text)",
    "textlike(text, text)",
    "similarity_op(text, text)",
    "word_similarity_op(text, text)",
    "word_similarity_commutator_op(text, text)",
    "strict_word_similarity_op(text, text)",
    "ts_match_vq(tsvector, tsquery)",
    "arraycontains(anyarray, anyarray)",
    "arrayoverlap(anyarray, anyarray)",
    "starts_with(text, text)",
    "numeric_ge(numeric, numeric)",
    "numeric_le(numeric, numeric)",
)


def leakproof_sql() -> str:
    """Marks the functions that exist; an extension upgrade takes the marks away again."""
    calls = "\n".join(
        f"  IF to_regprocedure('{name}') IS NOT NULL THEN ALTER FUNCTION {name} LEAKPROOF; END IF;"
        for name in LEAKPROOF
    )
    return f"DO $$ BEGIN\n{calls}\nEND $$;"


def policy_condition(rule: AccessRule) -> str:
    """The ``USING`` condition of one rule; equal to ``Scope.sql`` for the acting actor."""
    permission = rule.permission("view").replace("'", "''")
    terms = ["(SELECT sen_is_system())"]
    if rule.public:
        terms.append(f"{rule.class_field} = 0")
    if rule.subject_field:
        terms.append(
            f"({rule.class_field} <= 2 AND {rule.subject_field} = (SELECT sen_actor_id()))"
        )
    for slot in range(1, MAX_CLAUSES + 1):
        terms.append(
            f"({rule.class_field} <= (SELECT sen_slot_class({slot}, '{permission}'))"
            f" AND {_axis(slot, 3, rule.org_field)} AND {_axis(slot, 4, rule.area_field)})"
        )
    return "\n  OR ".join(terms)


def _axis(slot: int, axis: int, column: str) -> str:
    ids = f"(SELECT sen_slot_ids({slot}, {axis}))"
    return f"({ids} IS NULL OR {column} = ANY({ids}::bigint[]))"


def guarded_models() -> list[type[ScopedModel]]:
    """Every concrete guarded model of the house, in a stable order."""
    from django.apps import apps

    found: list[type[ScopedModel]] = []
    for model in apps.get_models():
        if issubclass(model, ScopedModel) and not model._meta.proxy and model._meta.managed:
            found.append(model)
    return sorted(found, key=lambda m: m._meta.label)


def policy_sql(model: type[models.Model], rule: AccessRule) -> str:
    """Statements that (re)make the policy of one table."""
    table = model._meta.db_table
    return f"""
ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS sen_scope ON "{table}";
CREATE POLICY sen_scope ON "{table}" FOR ALL USING (
  {policy_condition(rule)}
) WITH CHECK (true);
"""
