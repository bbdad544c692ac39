"""The pages of drafts beside their register."""

from __future__ import annotations

from django.urls import URLPattern, path

from sen.domains.norms.web import drafts

BASE = "ql/norms/drafts/<int:draft_id>"

urlpatterns: list[URLPattern] = [
    path(f"{BASE}/bang/<int:table_id>/", drafts.edit_table, name="norms_table"),
    path(f"{BASE}/dua-vao/", drafts.take_in, name="norms_take_in"),
    path(f"{BASE}/bo-ra/", drafts.leave_out, name="norms_leave_out"),
    path(f"{BASE}/so-lai/", drafts.rebase, name="norms_rebase"),
    path(f"{BASE}/ca/doi/", drafts.change_case, name="norms_change_case"),
    path(f"{BASE}/ca/them/", drafts.add_case, name="norms_add_case"),
    path(f"{BASE}/ca/bo/", drafts.drop_change, name="norms_drop_change"),
    path(f"{BASE}/buoc/", drafts.step, name="norms_step"),
]
