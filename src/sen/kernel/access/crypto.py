"""Personal data at rest: AES-256-GCM with a key id, and a blind index for look-up.

A stored value is ``<key id>:<base64url of nonce and ciphertext>``. The key id lets old values be
read after a rotation; the name of the column is authenticated with the value, so a value cannot be
moved to another column. Equal plain texts give different values; :func:`blind_index` gives equal
ones for look-up.
"""

from __future__ import annotations

import base64
import hmac
import os
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
#: Id of the key that is derived from ``SEN_SECRET_KEY`` when no key file is given.
DERIVED: Final = "d0"
#: Name of the key of blind indexes in the key file; it is never rotated alone.
INDEX: Final = "index"


class DecryptionError(ValueError):
    """A stored value was written with a key that is not in the key file, or was changed."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Keys by id; ``current`` writes, all of them read."""

    current: str
    keys: dict[str, bytes]
    index: bytes


def parse_keys(text: str) -> KeyRing:
    """Read ``id:base64`` lines; the first one writes, ``index`` is the key of blind indexes.

    Raises:
        ImproperlyConfigured: a line is malformed, or the index key or every data key is missing.
    """
    keys: dict[str, bytes] = {}
    for number, raw in enumerate(text.replace(",", "\n").splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        name, _, encoded = line.partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except ValueError as error:
            raise ImproperlyConfigured(f"SEN_DATA_KEYS, line {number}: not base64") from error
        if len(key) != KEY_BYTES or not name.isalnum():
            raise ImproperlyConfigured(
                f"SEN_DATA_KEYS, line {number}: expected <id>:<base64 of {KEY_BYTES} bytes>"
            )
        keys[name] = key
    index = keys.pop(INDEX, None)
    if index is None or not keys:
        raise ImproperlyConfigured(
            "SEN_DATA_KEYS: needs a line 'index:…' and at least one data key"
        )
    return KeyRing(next(iter(keys)), keys, index)


@lru_cache(maxsize=4)
def _ring(path: str, inline: str, secret: str) -> KeyRing:
    if path:
        return parse_keys(Path(path).read_text(encoding="ascii"))
    if inline:
        return parse_keys(inline)
    return KeyRing(DERIVED, {DERIVED: _derive(secret, "data")}, _derive(secret, INDEX))


def key_ring() -> KeyRing:
    """The keys of this installation: a file, the environment, or derived from the secret key."""
    return _ring(
        getattr(settings, "SEN_DATA_KEYS_FILE", ""),
        getattr(settings, "SEN_DATA_KEYS", ""),
        settings.SECRET_KEY,
    )


def _derive(secret: str, purpose: str) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"sen.{purpose}".encode()).derive(
        secret.encode()
    )


def encrypt(plain: str, *, context: str = "") -> str:
    """Encrypt with the current key; ``context`` must be the same when decrypting."""
    ring = key_ring()
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(ring.keys[ring.current]).encrypt(nonce, plain.encode(), context.encode())
    return f"{ring.current}:{base64.urlsafe_b64encode(nonce + sealed).decode()}"


def decrypt(stored: str, *, context: str = "") -> str:
    """The plain text of a stored value.

    Raises:
        DecryptionError: unknown key, changed value, or a value of another column.
    """
    name, _, encoded = stored.partition(":")
    key = key_ring().keys.get(name)
    if key is None:
        raise DecryptionError(f"key {name!r} of a stored value is not in the key file")
    try:
        raw = base64.urlsafe_b64decode(encoded)
        return AESGCM(key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], context.encode()).decode()
    except (InvalidTag, ValueError) as error:
        raise DecryptionError("a stored value was changed or belongs to another column") from error


def key_of(stored: str) -> str:
    """Id of the key with which a stored value was written; a rotation looks for old ones."""
    return stored.partition(":")[0]


def blind_index(plain: str, *, context: str = "") -> str:
    """The same text for the same value, from which the value cannot be had without the key."""
    message = f"{context}\0{plain}".encode()
    return hmac.new(key_ring().index, message, sha256).hexdigest()


class EncryptedTextField(models.TextField[str | None, str | None]):
    """A text column whose content the database never sees.

    It cannot be searched: keep a blind index beside it. Reading it is a reading of personal data:
    the service that does so records it (``audit.services.record(kind=READ)``).
    """

    @property
    def context(self) -> str:
        return f"{self.model._meta.label}.{self.name}"

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return value if value in (None, "") else encrypt(value, context=self.context)

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return value if value in (None, "") else decrypt(str(value), context=self.context)
