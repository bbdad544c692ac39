"""Password rules as Django validators, so that no path to a new password can go round them.

Source: tcvn-14423-2026, level 3: at least 8 characters with a second factor, 14 without; the last
ten passwords are barred.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Final

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from sen.kernel.access.models import PasswordHistory, User
from sen.kernel.access.scope import Actor
from sen.lib.text import fold

LONGEST: Final = 128
#: Words that guessers of this country and this platform try first, as ``fold`` writes them.
LOCAL_WORDS: Final = (
    "dongthap",
    "tiengiang",
    "caolanh",
    "mitho",
    "sadec",
    "gocong",
    "vietnam",
    "hanoi",
    "saigon",
    "matkhau",
    "giaothong",
    "soxaidung",
    "sogtvt",
    "ubnd",
    "quantri",
    "sen597",
    "anhieuem",
    "emieuanh",
    "iloveiou",
)
_LOOKALIKES: Final = str.maketrans("013457@$!", "oleastasi")
#: Letters and digits that are not mistaken for each other when read from paper.
_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789"


def has_second_factor(user: User | None) -> bool:
    """Whether the account has a second factor beside recovery codes."""
    return (
        user is not None
        and user.pk is not None
        and Authenticator.objects.filter(user_id=user.pk)
        .exclude(type=Authenticator.Type.RECOVERY_CODES)
        .exists()
    )


def needed_length(user: User | None) -> int:
    if has_second_factor(user):
        return int(settings.SEN_PASSWORD_LENGTH_WITH_MFA)
    return int(settings.SEN_PASSWORD_LENGTH)


def is_due(user: User, actor: Actor) -> bool:
    """Whether the password has to be changed before anything else.

    Administrators change it every two months; a first password is changed at once.
    """
    if not user.has_usable_password():
        return False
    if user.must_change_password:
        return True
    if user.password_changed_at is None or not is_administrator(actor):
        return False
    oldest = timezone.now() - timedelta(days=settings.SEN_ADMIN_PASSWORD_DAYS)
    return user.password_changed_at < oldest and not (user.is_demo and settings.DEMO)


def is_administrator(actor: Actor) -> bool:
    """Whether the account may change other accounts."""
    return actor.may("kernel.accounts.change")


class LengthValidator:
    """Longer when the password stands alone."""

    def validate(self, password: str, user: User | None = None) -> None:
        needed = needed_length(user)
        if len(password) < needed:
            raise ValidationError(
                _("Mật khẩu mới có %(given)d ký tự; cần ít nhất %(needed)d ký tự."),
                code="password_too_short",
                params={"given": len(password), "needed": needed},
            )
        if len(password) > LONGEST:
            raise ValidationError(
                _("Mật khẩu dài quá %(most)d ký tự; hãy rút ngắn lại."),
                code="password_too_long",
                params={"most": LONGEST},
            )

    def get_help_text(self) -> str:
        return _(
            "Ít nhất %(short)d ký tự nếu tài khoản đã bật xác thực hai lớp, "
            "%(long)d ký tự nếu chưa bật."
        ) % {
            "short": settings.SEN_PASSWORD_LENGTH_WITH_MFA,
            "long": settings.SEN_PASSWORD_LENGTH,
        }


class LocalWordsValidator:
    """Bars the names of places, offices and everyday words of this country."""

    def validate(self, password: str, user: User | None = None) -> None:
        for text in (password, password.translate(_LOOKALIKES)):
            letters = "".join(c for c in fold(text) if c.isalpha())
            rest = letters
            for word in LOCAL_WORDS:
                rest = rest.replace(word, "")
            if rest != letters and len(set(rest)) < 5:
                raise ValidationError(
                    _(
                        "Mật khẩu gần như chỉ gồm từ dễ đoán. "
                        "Hãy dùng vài từ không liên quan với nhau."
                    ),
                    code="password_local_word",
                )

    def get_help_text(self) -> str:
        return _("Không dùng tên địa phương, tên cơ quan hoặc từ dễ đoán.")


class HistoryValidator:
    """Bars the last passwords, and remembers each new one."""

    def validate(self, password: str, user: User | None = None) -> None:
        if user is None or user.pk is None:
            return
        kept = int(settings.SEN_PASSWORD_HISTORY)
        former = PasswordHistory.objects.filter(user=user).order_by("-id")[:kept]
        if any(check_password(password, row.password) for row in former):
            raise ValidationError(
                _(
                    "Mật khẩu này trùng với một trong %(kept)d mật khẩu gần nhất. "
                    "Hãy chọn mật khẩu khác."
                ),
                code="password_used_before",
                params={"kept": kept},
            )

    def password_changed(self, password: str, user: User) -> None:
        """Called by Django after a new password was saved, whatever saved it."""
        user.password_changed_at = timezone.now()
        user.password_is_long = len(password) >= settings.SEN_PASSWORD_LENGTH
        user.must_change_password = False
        User.objects.filter(pk=user.pk).update(
            password_changed_at=user.password_changed_at,
            password_is_long=user.password_is_long,
            must_change_password=False,
        )
        PasswordHistory.objects.create(user=user, password=user.password)
        kept = PasswordHistory.objects.filter(user=user).order_by("-id")
        last = kept.values_list("pk", flat=True)[: settings.SEN_PASSWORD_HISTORY]
        PasswordHistory.objects.filter(user=user).exclude(pk__in=list(last)).delete()

    def get_help_text(self) -> str:
        return _("Không trùng với %(kept)d mật khẩu gần nhất.") % {
            "kept": settings.SEN_PASSWORD_HISTORY
        }


def random_password() -> str:
    """A first password that is read from paper once: 20 characters in groups of five."""
    text = "".join(secrets.choice(_ALPHABET) for _n in range(20))
    return "-".join(text[i : i + 5] for i in range(0, 20, 5))
