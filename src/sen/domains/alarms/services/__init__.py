"""Use cases on alarms, rules and duty."""

from sen.domains.alarms.services.acting import (
    acknowledge_alarm,
    close_alarm,
    escalate_alarm,
    note_alarm,
    run_due,
    shelve_alarm,
    unshelve_alarm,
)
from sen.domains.alarms.services.duty import (
    create_roster,
    create_shelving,
    create_shift,
    create_step,
    delete_roster,
    delete_shelving,
    delete_shift,
    delete_step,
    update_roster,
    update_shelving,
    update_shift,
    update_step,
)
from sen.domains.alarms.services.judging import note_finding
from sen.domains.alarms.services.nightly import judge_past
from sen.domains.alarms.services.ruling import (
    create_rule,
    delete_rule,
    enforce_rule,
    learn_rule,
    retire_rule,
    revise_rule,
    update_rule,
)
from sen.domains.alarms.services.templating import apply_templates, has_templates, prepare

__all__ = [
    "acknowledge_alarm",
    "apply_templates",
    "close_alarm",
    "create_roster",
    "create_rule",
    "create_shelving",
    "create_shift",
    "create_step",
    "delete_roster",
    "delete_rule",
    "delete_shelving",
    "delete_shift",
    "delete_step",
    "enforce_rule",
    "escalate_alarm",
    "has_templates",
    "judge_past",
    "learn_rule",
    "note_alarm",
    "note_finding",
    "prepare",
    "retire_rule",
    "revise_rule",
    "run_due",
    "shelve_alarm",
    "unshelve_alarm",
    "update_roster",
    "update_rule",
    "update_shelving",
    "update_shift",
    "update_step",
]
