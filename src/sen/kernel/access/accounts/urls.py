"""Addresses of the account pages. The names are allauth's: its flows look them up."""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.socialaccount import views as social
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from sen.kernel.access.accounts import admin_views, recovery, review, views
from sen.kernel.access.accounts.pages import page, signed_in
from sen.kernel.web.menu import SYSTEM_GROUP, MenuEntry, add_entry

_pages: list[URLPattern | URLResolver] = [
    path("", views.overview, name="account_overview"),
    path("dang-nhap/", page(account.login), name="account_login"),
    path("dang-nhap/khoa-bao-mat/", page(webauthn.login_webauthn), name="mfa_login_webauthn"),
    path("dang-nhap/xac-thuc/", page(mfa.authenticate), name="mfa_authenticate"),
    path("dang-xuat/", page(account.logout), name="account_logout"),
    path("quen-mat-khau/", page(recovery.ask), name="account_reset_password"),
    path(
        "quen-mat-khau/da-gui/",
        page(TemplateView.as_view(template_name="account/password_reset_done.html")),
        name="account_reset_password_done",
    ),
    path(
        "quen-mat-khau/xong/",
        page(account.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^quen-mat-khau/(?P<uidb36>[0-9a-z]{1,13})-(?P<key>[0-9A-Za-z-]{1,120})/$",
        page(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path("bi-khoa/", page(account.account_inactive), name="account_inactive"),
    path("xac-nhan/", page(account.reauthenticate), name="account_reauthenticate"),
    path("xac-nhan/ma/", page(mfa.reauthenticate), name="mfa_reauthenticate"),
    path(
        "xac-nhan/khoa-bao-mat/",
        page(webauthn.reauthenticate_webauthn),
        name="mfa_reauthenticate_webauthn",
    ),
    path("doi-mat-khau/", signed_in(account.password_change), name="account_change_password"),
    path("dat-mat-khau/", signed_in(account.password_set), name="account_set_password"),
    path("bao-mat/", views.security, name="mfa_index"),
    path("bao-mat/ung-dung/", signed_in(totp.activate_totp), name="mfa_activate_totp"),
    path("bao-mat/ung-dung/tat/", signed_in(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path(
        "bao-mat/ma-du-phong/", signed_in(codes.view_recovery_codes), name="mfa_view_recovery_codes"
    ),
    path(
        "bao-mat/ma-du-phong/tao/",
        signed_in(codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path("bao-mat/khoa/", views.security, name="mfa_list_webauthn"),
    path("bao-mat/khoa/them/", signed_in(webauthn.add_webauthn), name="mfa_add_webauthn"),
    path(
        "bao-mat/khoa/<int:pk>/xoa/",
        signed_in(webauthn.remove_webauthn),
        name="mfa_remove_webauthn",
    ),
    path("phien/", views.session_list, name="usersessions_list"),
    path("phien/ket-thuc/", views.session_end, name="account_session_end"),
    path("phien/con-lai/", views.session_left, name="account_session_left"),
    path("khoa-api/", views.token_list, name="account_tokens"),
    path("khoa-api/<int:token_id>/thu-hoi/", views.token_revoke, name="account_token_revoke"),
    path("lien-ket/huy/", page(social.login_cancelled), name="socialaccount_login_cancelled"),
    path("lien-ket/loi/", page(social.login_error), name="socialaccount_login_error"),
]

_administration: list[URLPattern | URLResolver] = [
    path("", admin_views.account_list, name="admin_accounts"),
    path("them/", admin_views.account_new, name="admin_account_new"),
    re_path(r"^ra-soat\.(?P<fmt>csv|xlsx)$", review.export, name="admin_access_review"),
    path("<int:user_id>/", admin_views.account_page, name="admin_account"),
    path("<int:user_id>/sua/", admin_views.account_edit, name="admin_account_edit"),
    path("<int:user_id>/cap-vai-tro/", admin_views.account_grant, name="admin_account_grant"),
    path("<int:user_id>/cap-khoa/", admin_views.account_token, name="admin_account_token"),
    path("<int:user_id>/<slug:act>/", admin_views.account_act, name="admin_account_act"),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("tai-khoan/", include(_pages)),
    path("ql/he-thong/tai-khoan/", include(_administration)),
]

add_entry(
    MenuEntry(
        "accounts",
        gettext_lazy("Tài khoản"),
        "/ql/he-thong/tai-khoan/",
        "users",
        group=SYSTEM_GROUP,
        permission="kernel.accounts.view",
        order=10,
    )
)
