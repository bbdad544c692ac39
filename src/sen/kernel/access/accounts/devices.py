"""Device credentials: key and secret per device, changed without a gap, revocable at once.

A device shows ``sen_d_<key id>.<secret>`` as a bearer token; brokers that ask for a name and a
password take the two parts.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Least
from django.utils import timezone
from django.utils.translation import gettext as _

from sen.kernel.access.accounts.state import is_usable
from sen.kernel.access.accounts.tokens import NOTE_EVERY, digest_of
from sen.kernel.access.actors import actor_for
from sen.kernel.access.models import DeviceCredential, User
from sen.kernel.access.scope import Actor
from sen.kernel.audit import services as audit
from sen.kernel.audit.models import AuditEntry
from sen.kernel.errors import InvalidInputError, NotFoundError

PREFIX: Final = "sen_d_"


@transaction.atomic
def issue_device_credential(*, actor: Actor, device: User) -> tuple[DeviceCredential, str]:
    """Give a device a new key; the secret is returned once. Older keys stay valid.

    Raises:
        InvalidInputError: the account is not a device's.
    """
    if device.kind != User.Kind.DEVICE:
        raise InvalidInputError({"device": _("Tài khoản này không phải của thiết bị.")})
    key_id, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
    credential = DeviceCredential.objects.create(
        device=device, key_id=key_id, digest=digest_of(secret), broker_hash=broker_hash(secret)
    )
    _record("accounts.device-key.issued", credential, actor)
    return credential, f"{PREFIX}{key_id}.{secret}"


@transaction.atomic
def rotate_device_credential(*, actor: Actor, device: User) -> tuple[DeviceCredential, str]:
    """Give a device a new key; the older ones end after the overlap, so it never falls silent."""
    end = timezone.now() + timedelta(hours=settings.SEN_DEVICE_OVERLAP_H)
    DeviceCredential.objects.filter(device=device, revoked_at=None).update(
        expires_at=Least(Coalesce(F("expires_at"), end), end)
    )
    return issue_device_credential(actor=actor, device=device)


@transaction.atomic
def revoke_device_credential(*, actor: Actor, device: User, key_id: str) -> None:
    """End a key at once.

    Raises:
        NotFoundError: the device has no such key.
    """
    credential = DeviceCredential.objects.filter(
        device=device, key_id=key_id, revoked_at=None
    ).first()
    if credential is None:
        raise NotFoundError(_("khóa thiết bị"), key_id)
    credential.revoked_at = timezone.now()
    credential.save(update_fields=["revoked_at"])
    _record("accounts.device-key.revoked", credential, actor)


def authenticate_device(*, secret: str) -> Actor | None:
    """The device behind ``sen_d_<key id>.<secret>``; ``None`` if the key is not valid now."""
    key_id, _dot, word = secret.removeprefix(PREFIX).partition(".")
    return check_device(key_id=key_id, secret=word)


def check_device(*, key_id: str, secret: str) -> Actor | None:
    """The device behind a key and a secret (what a broker was given as name and password)."""
    now = timezone.now()
    credential = (
        DeviceCredential.objects.select_related("device__organisation")
        .filter(Q(expires_at=None) | Q(expires_at__gt=now), key_id=key_id, revoked_at=None)
        .first()
    )
    if credential is None or not hmac.compare_digest(credential.digest, digest_of(secret)):
        return None
    if not is_usable(credential.device):
        return None
    if not credential.broker_hash:
        DeviceCredential.objects.filter(pk=credential.pk).update(broker_hash=broker_hash(secret))
    if credential.last_used_at is None or credential.last_used_at < now - NOTE_EVERY:
        DeviceCredential.objects.filter(pk=credential.pk).update(last_used_at=now)
    return actor_for(credential.device)


def broker_hash(secret: str) -> str:
    """A secret as Mosquitto keeps it (``$7$``: PBKDF2 with SHA-512).

    One round: the secret has 256 random bits, and Mosquitto, which has a single thread, counts
    the rounds for all standing connections whenever its file is read again.
    """
    salt = secrets.token_bytes(12)
    word = hashlib.pbkdf2_hmac("sha512", secret.encode(), salt, 1)
    return f"$7$1${base64.b64encode(salt).decode()}${base64.b64encode(word).decode()}"


def _record(act: str, credential: DeviceCredential, actor: Actor) -> None:
    audit.record(
        act=act,
        kind=AuditEntry.Kind.SIGN_IN,
        on=credential,
        detail={"device": credential.device.username, "by": actor.username},
    )
