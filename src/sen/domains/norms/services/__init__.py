"""Use cases on documents, rules, their versions, tests and drafts."""

from sen.domains.norms.services.cases import (
    create_case,
    delete_case,
    put_case,
    read_case,
    read_expected,
)
from sen.domains.norms.services.documents import create_document, put_document, update_document
from sen.domains.norms.services.drafts import (
    add_draft_case,
    change_case,
    create_draft,
    drop_case_change,
    leave_out_norm,
    rebase_table,
    refuse_draft,
    return_draft,
    submit_draft,
    take_in_norm,
    update_draft,
    withdraw_draft,
    write_table,
)
from sen.domains.norms.services.publishing import publish_draft, revoke_draft
from sen.domains.norms.services.versions import put_norm, put_version, verify_version

__all__ = [
    "add_draft_case",
    "change_case",
    "create_case",
    "create_document",
    "create_draft",
    "delete_case",
    "drop_case_change",
    "leave_out_norm",
    "publish_draft",
    "put_case",
    "put_document",
    "put_norm",
    "put_version",
    "read_case",
    "read_expected",
    "rebase_table",
    "refuse_draft",
    "return_draft",
    "revoke_draft",
    "submit_draft",
    "take_in_norm",
    "update_document",
    "update_draft",
    "verify_version",
    "withdraw_draft",
    "write_table",
]
