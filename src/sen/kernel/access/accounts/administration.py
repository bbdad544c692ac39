"""Use cases of whoever administers accounts: always within the part of the house given to them.

An administrator reaches the accounts of the organisations for which they hold
``kernel.accounts.*``, grants roles only inside their own organisations, places and clearance, and
never changes their own account here: two people are needed for that.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from sen.kernel.access.accounts import devices, throttle, tokens
from sen.kernel.access.accounts.citizens import index_of
from sen.kernel.access.accounts.passwords import random_password
from sen.kernel.access.actors import subtree_ids
from sen.kernel.access.models import Area, Grant, Organisation, Role, User
from sen.kernel.access.scope import ANY, Actor, Entitlement
from sen.kernel.access.services import grant_role, revoke_role
from sen.kernel.audit import services as audit
from sen.kernel.audit.models import AuditEntry
from sen.kernel.errors import (
    ConflictError,
    InputCheck,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
)
from sen.kernel.live.events import announce_changed_rights
from sen.kernel.usecase import use_case

RESOURCE = "kernel.accounts"


def _holding(actor: Actor, act: str) -> list[Entitlement]:
    return [held for held in actor.entitlements if held.grants(f"{RESOURCE}.{act}")]


def administered(actor: Actor, act: str = "view") -> QuerySet[User]:
    """The accounts on which ``actor`` may do ``act``."""
    if actor.is_system:
        return User.objects.all()
    within = Q(pk__isnull=True)
    for held in _holding(actor, act):
        if held.orgs is ANY:
            return User.objects.all()
        within |= Q(organisation_id__in=held.orgs)
    return User.objects.filter(within)


def administered_account(actor: Actor, user_id: int, act: str = "view") -> User:
    """One account.

    Raises:
        NotFoundError: there is none, or none that this administrator sees.
        PermissionDeniedError: it may be seen, but ``act`` is not allowed.
    """
    found = administered(actor, act).filter(pk=user_id).select_related("organisation").first()
    if found is not None:
        return found
    if administered(actor).filter(pk=user_id).exists():
        raise PermissionDeniedError(f"{RESOURCE}.{act}")
    raise NotFoundError(_("tài khoản"), user_id)


def _reach(actor: Actor, user: User, act: str) -> None:
    administered_account(actor, user.pk, act)
    if actor.id == user.pk:
        raise PermissionDeniedError(
            message=_("Không tự thay đổi tài khoản của chính mình ở đây."),
            hint=_("Hãy nhờ một quản trị hệ thống khác thực hiện."),
        )


def _reach_organisation(actor: Actor, organisation: Organisation | None, act: str) -> None:
    for held in _holding(actor, act):
        if held.orgs is ANY or (organisation is not None and organisation.pk in held.orgs):
            return
    if not actor.is_system:
        raise InvalidInputError({"organisation": _("Bạn không quản trị tài khoản của đơn vị này.")})


@use_case("kernel.accounts.create", audit=False)
def create_account(
    *,
    actor: Actor,
    username: str,
    full_name: str,
    kind: str,
    organisation: Organisation | None,
    email: str = "",
) -> tuple[User, str]:
    """Create an account; the first password is returned once and must be changed at once.

    Accounts of programs and devices get no password: they sign in with keys.

    Raises:
        InvalidInputError: the name is taken or malformed, or the organisation is out of reach.
    """
    _reach_organisation(actor, organisation, "create")
    name = username.strip().lower()
    check = InputCheck()
    check.need(
        3 <= len(name) <= 60 and all(c.isascii() and (c.isalnum() or c in "._-") for c in name),
        "username",
        _("Dùng 3 đến 60 chữ không dấu, chữ số, dấu chấm hoặc gạch nối."),
    )
    check.need(full_name.strip(), "full_name", _("Hãy nhập họ và tên."))
    check.need(kind in User.Kind.values, "kind", _("Chọn một loại tài khoản trong danh sách."))
    check.need(
        organisation is not None or kind == User.Kind.CITIZEN,
        "organisation",
        _("Hãy chọn đơn vị chịu trách nhiệm về tài khoản."),
    )
    check.need(
        not User.objects.filter(username=name).exists(),
        "username",
        _("Tên đăng nhập này đã có người dùng."),
    )
    check.done()
    by_key = kind in (User.Kind.SERVICE, User.Kind.DEVICE)
    password = "" if by_key else random_password()
    user = User.objects.create_user(
        name,
        password or None,
        full_name=full_name.strip(),
        kind=kind,
        organisation=organisation,
        email=email.strip(),
    )
    if password:
        _ask_for_own_password(user)
    _log("accounts.account.created", user, kind=kind)
    return user, password


def _ask_for_own_password(user: User) -> None:
    user.must_change_password = True
    user.save(update_fields=["must_change_password"])


@use_case("kernel.accounts.change", audit=False)
def change_account(
    *,
    actor: Actor,
    user: User,
    full_name: str,
    email: str,
    organisation: Organisation | None,
) -> User:
    """Correct a name, a mail address or the organisation of an account."""
    _reach(actor, user, "change")
    if organisation != user.organisation:
        _reach_organisation(actor, organisation, "change")
    check = InputCheck()
    check.need(full_name.strip(), "full_name", _("Hãy nhập họ và tên."))
    check.done()
    wanted = {"full_name": full_name.strip(), "email": email.strip(), "organisation": organisation}
    changed = {k: v for k, v in wanted.items() if getattr(user, k) != v}
    for key, value in changed.items():
        setattr(user, key, value)
    if changed:
        user.access_version += 1
        user.save(update_fields=[*changed, "access_version"])
        _log("accounts.account.changed", user, fields=sorted(changed))
    return user


@use_case("kernel.accounts.grant", audit=False)
def give_role(
    *,
    actor: Actor,
    user: User,
    role: Role,
    organisation: Organisation | None,
    area: Area | None,
    valid_to: date | None = None,
) -> Grant:
    """Give a role at an organisation and a place, inside what the administrator holds.

    Raises:
        InvalidInputError: the organisation, the place or the clearance is beyond theirs.
    """
    _reach(actor, user, "grant")
    orgs, areas = subtree_ids(organisation), subtree_ids(area)
    fitting = [
        held
        for held in _holding(actor, "grant")
        if _within(orgs, held.orgs) and _within(areas, held.areas)
    ]
    if not fitting and not actor.is_system:
        raise InvalidInputError(
            {"organisation": _("Đơn vị hoặc địa bàn này nằm ngoài phạm vi bạn được phân quyền.")}
        )
    if not actor.is_system and role.clearance > max(held.clearance for held in fitting):
        raise InvalidInputError(
            {"role": _("Vai trò này được xem mức dữ liệu cao hơn mức của bạn.")}
        )
    grant = grant_role(user=user, role=role, organisation=organisation, area=area)
    if grant.valid_to != valid_to:
        grant.valid_to = valid_to
        grant.save(update_fields=["valid_to"])
    _log("accounts.role.granted", user, **_named(grant))
    return grant


def _within(inner: frozenset[int] | None, outer: frozenset[int] | None) -> bool:
    return outer is ANY or (inner is not ANY and inner <= outer)


@use_case("kernel.accounts.grant", audit=False)
def take_role(*, actor: Actor, user: User, grant_id: int) -> None:
    """Take a role back; it ends with the next request of its holder.

    Raises:
        NotFoundError: the account does not hold it.
    """
    _reach(actor, user, "grant")
    grant = (
        Grant.objects.filter(pk=grant_id, user=user)
        .select_related("role", "organisation", "area")
        .first()
    )
    if grant is None:
        raise NotFoundError(_("vai trò"), grant_id)
    named = _named(grant)
    revoke_role(grant=grant)
    _log("accounts.role.revoked", user, **named)


def _named(grant: Grant) -> dict[str, Any]:
    return {
        "role": grant.role.code,
        "organisation": grant.organisation.code if grant.organisation else "*",
        "area": grant.area.code if grant.area else "*",
        "valid_to": grant.valid_to.isoformat() if grant.valid_to else None,
    }


@use_case("kernel.accounts.change", audit=False)
def lock_account(*, actor: Actor, user: User, reason: str) -> User:
    """Turn an account off and end its sessions; its keys are refused as well."""
    _reach(actor, user, "change")
    if not reason.strip():
        raise InvalidInputError({"reason": _("Hãy ghi lý do khóa tài khoản.")})
    user.is_active = False
    user.locked_reason = reason.strip()[:200]
    user.save(update_fields=["is_active", "locked_reason"])
    ended = _end_sessions(user)
    announce_changed_rights([user.pk])
    _log("accounts.lock.set", user, why=user.locked_reason, sessions=ended)
    return user


@use_case("kernel.accounts.change", audit=False)
def unlock_account(*, actor: Actor, user: User) -> User:
    """Turn an account on again; after a long sleep with a new password."""
    _reach(actor, user, "change")
    user.is_active = True
    user.locked_reason = ""
    user.save(update_fields=["is_active", "locked_reason"])
    # The sleep starts anew, or the next sign-in would turn it off again.
    User.objects.filter(pk=user.pk).update(last_login=timezone.now())
    throttle.clear(throttle.user_key(user.pk))
    throttle.clear(throttle.second_factor_key(user.pk))
    _log("accounts.lock.lifted", user)
    return user


@use_case("kernel.accounts.change", audit=False)
def reset_password(*, actor: Actor, user: User) -> str:
    """Give a new first password, shown once; sessions end, the brake is released.

    Raises:
        ConflictError: the account signs in with keys or through a provider.
    """
    _reach(actor, user, "change")
    if not user.has_usable_password():
        raise ConflictError(
            _("Tài khoản này không dùng mật khẩu."), hint=_("Hãy cấp khóa mới cho tài khoản.")
        )
    password = random_password()
    user.set_password(password)
    user.save(update_fields=["password"])
    _ask_for_own_password(user)
    throttle.clear(throttle.user_key(user.pk))
    _log("accounts.password.reset", user, sessions=_end_sessions(user))
    return password


@use_case("kernel.accounts.change", audit=False)
def reset_second_factor(*, actor: Actor, user: User, reason: str) -> User:
    """Remove every second factor of somebody who lost them; sessions end."""
    _reach(actor, user, "change")
    if not reason.strip():
        raise InvalidInputError({"reason": _("Hãy ghi đã xác minh người dùng bằng cách nào.")})
    held = Authenticator.objects.filter(user=user)
    types = sorted(held.values_list("type", flat=True))
    held.delete()
    if user.has_usable_password():
        _ask_for_own_password(user)
    throttle.clear(throttle.second_factor_key(user.pk))
    ended = _end_sessions(user)
    _log("accounts.second-factor.reset", user, types=types, why=reason.strip(), sessions=ended)
    return user


@use_case("kernel.accounts.change", audit=False)
def end_sessions(*, actor: Actor, user: User) -> int:
    """End every session of an account; returns how many."""
    _reach(actor, user, "change")
    ended = _end_sessions(user)
    _log("accounts.session.ended", user, count=ended)
    return ended


def _end_sessions(user: User) -> int:
    """End the sessions of an account and its open streams."""
    announce_changed_rights([user.pk])
    listed = list(UserSession.objects.filter(user=user))
    for session in listed:
        session.end()
    return len(listed)


@use_case("kernel.accounts.change", audit=False)
def register_subject(*, actor: Actor, user: User, provider: str, subject: str) -> None:
    """Say under which subject a provider knows an official, so that they may sign in there.

    Raises:
        InvalidInputError: the subject belongs to another account.
    """
    _reach(actor, user, "change")
    if not subject.strip():
        raise InvalidInputError({"subject": _("Hãy nhập mã định danh của nơi cấp.")})
    try:
        with transaction.atomic():
            SocialAccount.objects.create(user=user, provider=provider, uid=subject.strip())
    except IntegrityError as error:
        raise InvalidInputError({"subject": _("Mã này đã gắn với một tài khoản khác.")}) from error
    _log("accounts.subject.registered", user, provider=provider)


@use_case("kernel.accounts.personal", audit=False)
def set_national_id(*, actor: Actor, user: User, national_id: str) -> User:
    """Keep the national number of an account's holder, encrypted.

    Raises:
        InvalidInputError: not twelve digits, or another account of the kind has it.
    """
    _reach(actor, user, "personal")
    number = national_id.strip()
    if number and not (number.isascii() and number.isdigit() and len(number) == 12):
        raise InvalidInputError({"national_id": _("Số định danh cá nhân gồm 12 chữ số.")})
    user.national_id = number or None
    user.national_id_index = index_of(number) if number else None
    try:
        with transaction.atomic():
            user.save(update_fields=["national_id", "national_id_index"])
    except IntegrityError as error:
        raise InvalidInputError(
            {"national_id": _("Số định danh này đã có ở một tài khoản khác.")}
        ) from error
    _log("accounts.national-id.changed", user)
    return user


@use_case("kernel.accounts.personal", audit=False)
def read_national_id(*, actor: Actor, user: User, reason: str) -> str:
    """Show the national number of an account's holder; the reading is logged with its reason.

    Raises:
        InvalidInputError: no reason was given.
    """
    administered_account(actor, user.pk, "personal")
    if not reason.strip():
        raise InvalidInputError({"reason": _("Hãy ghi lý do xem dữ liệu cá nhân.")})
    audit.record(
        act="accounts.national-id.read", kind=AuditEntry.Kind.READ, on=user, reason=reason.strip()
    )
    return user.national_id or ""


@use_case("kernel.accounts.change", audit=False)
def give_key(*, actor: Actor, user: User, **wanted: Any) -> str:
    """An API token for the account of a program; the secret is returned once."""
    _reach(actor, user, "change")
    if user.kind != User.Kind.SERVICE:
        raise ConflictError(
            _("Chỉ cấp khóa cho tài khoản của hệ thống; người dùng tự tạo khóa của mình.")
        )
    _token, secret = tokens.create_api_token(actor=actor, user=user, **wanted)
    return secret


@use_case("kernel.accounts.change", audit=False)
def revoke_key(*, actor: Actor, user: User, token_id: int) -> None:
    """End an API token of an account."""
    _reach(actor, user, "change")
    tokens.revoke_api_token(actor=actor, user=user, token_id=token_id)


@use_case("kernel.accounts.change", audit=False)
def give_device_key(*, actor: Actor, user: User) -> str:
    """A new key for a device; its older ones end after the overlap."""
    _reach(actor, user, "change")
    _credential, secret = devices.rotate_device_credential(actor=actor, device=user)
    return secret


@use_case("kernel.accounts.change", audit=False)
def revoke_device_key(*, actor: Actor, user: User, key_id: str) -> None:
    """End a key of a device at once."""
    _reach(actor, user, "change")
    devices.revoke_device_credential(actor=actor, device=user, key_id=key_id)


def _log(act: str, user: User, **detail: Any) -> None:
    audit.record(act=act, on=user, detail=detail)
