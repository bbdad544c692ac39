"""The access rule as row-level security: the second barrier under ``visible_to``.

Policies read transaction-local settings that ``context`` writes. An actor's clauses are numbered;
each axis maps the data class, the organisation and the place of a row to the set of clauses that
admit it, as bits. A row is admitted when one bit is left in the intersection of its three sets::

    classes[data_class] & organisations[owner_org_id] & places[area_id] <> 0

Organisations and places are looked up by their ids in an array, or, where the ids lie far apart,
by binary search in a step function: the cost per row does not grow with the number of clauses.
``(SELECT f(…))`` makes each array an InitPlan, evaluated once per query and only when a row needs
it.

The user's own conditions are pushed below a policy only when their functions are LEAKPROOF;
PostGIS ships ``&&`` without that mark, and the missing mark costs two orders of magnitude, so
:func:`leakproof_sql` sets it (it needs a superuser).
"""

from __future__ import annotations

from typing import Final

from django.db import models

from sen.kernel.access.models import ScopedModel
from sen.kernel.access.scope import AccessRule, DataClass

FUNCTIONS_SQL: Final = """

CREATE OR REPLACE FUNCTION sen_is_system() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT coalesce(current_setting('sen.system', true), '') = 'on' $$;

CREATE OR REPLACE FUNCTION sen_actor_id() RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('sen.actor', true), '')::bigint $$;

-- The actor as the subject of rows; NULL when a token does not reach this resource.
CREATE OR REPLACE FUNCTION sen_subject(patterns text[]) RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN nullif(current_setting('sen.subject', true), '')::jsonb ?| patterns
    THEN nullif(current_setting('sen.actor', true), '')::bigint END
$$;

-- Rows below this class are open: all to the house, the public ones to every named actor, and
-- none (NULL) while nobody acts.
CREATE OR REPLACE FUNCTION sen_open_below(has_public boolean) RETURNS integer
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE coalesce(current_setting('sen.system', true), '')
    WHEN 'on' THEN 2147483647 WHEN 'off' THEN has_public::integer END
$$;

-- Data class (counted from 1) → clauses that reach it and whose patterns name the resource.
CREATE OR REPLACE FUNCTION sen_classes(patterns text[]) RETURNS bigint[]
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
  known jsonb := nullif(current_setting('sen.patterns', true), '')::jsonb;
  classes bigint[] := nullif(current_setting('sen.classes', true), '')::bigint[];
  granted bigint;
BEGIN
  IF known IS NULL OR classes IS NULL THEN RETURN NULL; END IF;
  granted := coalesce((known ->> patterns[1])::bigint, 0)
    | coalesce((known ->> patterns[2])::bigint, 0)
    | coalesce((known ->> patterns[3])::bigint, 0)
    | coalesce((known ->> patterns[4])::bigint, 0);
  IF granted = 0 THEN RETURN NULL; END IF;
  RETURN ARRAY[classes[1] & granted, classes[2] & granted, classes[3] & granted,
    classes[4] & granted];
END $$;

CREATE OR REPLACE FUNCTION sen_number(setting text) RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting(setting, true), '')::bigint $$;

CREATE OR REPLACE FUNCTION sen_array(setting text) RETURNS bigint[]
LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting(setting, true), '')::bigint[] $$;
"""

#: Functions behind the conditions that lists, maps and searches put below a policy.
LEAKPROOF: Final = (
    "geometry_overlaps(geometry, geometry)",
    "st_intersects(geometry, geometry)",
    "geography_overlaps(geography, geography)",
    "sen_fold(text)",
    "texticlike(text, text)",
    "textlike(text, text)",
    "upper(text)",
    "lower(text)",
    "similarity_op(text, text)",
    "word_similarity_op(text, text)",
    "word_similarity_commutator_op(text, text)",
    "strict_word_similarity_op(text, text)",
    "ts_match_vq(tsvector, tsquery)",
    "arraycontains(anyarray, anyarray)",
    "arrayoverlap(anyarray, anyarray)",
    "jsonb_contains(jsonb, jsonb)",
    "jsonb_object_field(jsonb, text)",
    "jsonb_eq(jsonb, jsonb)",
    "jsonb_ge(jsonb, jsonb)",
    "jsonb_gt(jsonb, jsonb)",
    "jsonb_le(jsonb, jsonb)",
    "jsonb_lt(jsonb, jsonb)",
    "starts_with(text, text)",
    "numeric_eq(numeric, numeric)",
    "numeric_ge(numeric, numeric)",
    "numeric_gt(numeric, numeric)",
    "numeric_le(numeric, numeric)",
    "numeric_lt(numeric, numeric)",
)


def leakproof_sql() -> str:
    """Marks the functions that exist; an extension upgrade takes the marks away again."""
    calls = "\n".join(
        f"  IF to_regprocedure('{name}') IS NOT NULL THEN ALTER FUNCTION {name} LEAKPROOF; END IF;"
        for name in LEAKPROOF
    )
    return f"DO $$ BEGIN\n{calls}\nEND $$;"


def unmarked_sql() -> str:
    """A query for the functions of the list that exist without the mark."""
    names = ", ".join(f"('{name}')" for name in LEAKPROOF)
    return (
        f"SELECT f.name FROM (VALUES {names}) AS f(name) "  # noqa: S608  names of the list above
        "JOIN pg_proc p ON p.oid = to_regprocedure(f.name) WHERE NOT p.proleakproof ORDER BY 1"
    )


def policy_condition(rule: AccessRule) -> str:
    """The ``USING`` condition of one rule; equal to ``Scope.sql`` for the acting actor."""
    domain, name = rule.resource.split(".")
    patterns = f"'{{{domain}.{name},{domain}.*,*.{name},*.*}}'::text[]"
    public = "true" if rule.public else "false"
    terms = [f"{rule.class_field} < (SELECT sen_open_below({public}))"]
    if rule.subject_field and "view" in rule.subject_acts:
        terms.append(
            f"({rule.class_field} <= {int(DataClass.RESTRICTED)}"
            f" AND {rule.subject_field} = (SELECT sen_subject({patterns})))"
        )
    terms.append(
        f"((SELECT sen_classes({patterns}))[{rule.class_field} + 1]\n"
        f"      & {_axis('org', rule.org_field)}\n"
        f"      & {_axis('area', rule.area_field)}) <> 0"
    )
    return "\n  OR ".join(terms)


def _axis(name: str, column: str) -> str:
    """The set of clauses that admit a row's organisation or place; ids begin at 1."""
    bucket = f"width_bucket(coalesce({column}, 0), (SELECT sen_array('sen.{name}_steps')))"
    return (
        f"coalesce((SELECT sen_array('sen.{name}s'))[{column}],"
        f" (SELECT sen_number('sen.{name}_any')),"
        f" (SELECT sen_array('sen.{name}_sets'))[{bucket} + 1])"
    )


def guarded_models() -> list[type[ScopedModel]]:
    """Every concrete guarded model of the house, in a stable order."""
    from django.apps import apps

    found = [
        model
        for model in apps.get_models()
        if issubclass(model, ScopedModel) and not model._meta.proxy and model._meta.managed
    ]
    return sorted(found, key=lambda model: model._meta.label)


def policy_sql(model: type[models.Model], rule: AccessRule) -> str:
    """Statements that (re)make the policy of one table.

    Reading, and so changing and deleting, needs sight of the row; a row may be written that the
    actor does not see afterwards only by the house (``as_system``).
    """
    table = model._meta.db_table
    return f"""
ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS sen_scope ON "{table}";
CREATE POLICY sen_scope ON "{table}" FOR ALL USING (
  {policy_condition(rule)}
) WITH CHECK (true);
"""
