"""What every page's shell needs."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from sen.kernel.access.middleware import actor_of
from sen.kernel.notices.services import unread
from sen.kernel.web.menu import menu_for, public_menu


def shell(request: HttpRequest) -> dict[str, Any]:
    actor = actor_of(request)
    return {
        "sen_actor": actor,
        "sen_notifications_url": "/ql/thong-bao/" if actor.is_authenticated else "",
        "sen_unread": SimpleLazyObject(lambda: unread(actor)),
        "sen_menu": SimpleLazyObject(lambda: menu_for(request)),
        "sen_public_menu": SimpleLazyObject(lambda: public_menu(request)),
        "sen_demo": settings.DEMO,
        "sen_require_mfa": settings.SEN_REQUIRE_MFA,
        "sen_identity_providers": settings.SEN_OIDC_PROVIDERS,
        "sen_idle_url": "/tai-khoan/phien/con-lai/" if actor.is_authenticated else "",
        "sen_languages": settings.LANGUAGES,
        "sen_live_url": settings.SEN_LIVE_URL,
        "sen_is_live": bool(settings.NATS_URL),
        "csp_nonce": getattr(request, "csp_nonce", ""),
    }
