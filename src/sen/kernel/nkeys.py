"""Keys and signed claims as NATS knows them, for answering who may connect. No Django.

Source:
    NATS architecture decision records ADR-14 (JWT library) and ADR-26 (authorization callouts).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import time
from typing import Any, Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ACCOUNT: Final = 0
#: Users of the broker beside the house: who may end connections, and Mosquitto in front.
SYSTEM: Final = "system"
BRIDGE: Final = "mosquitto"
_PURPOSE: Final = b"sen nats authorization callout\0"


def issuer_of(password: str) -> Ed25519PrivateKey:
    """The key that signs who may connect: both sides derive it from the broker's own password."""
    seed = hashlib.sha256(_PURPOSE + password.encode()).digest()
    return Ed25519PrivateKey.from_private_bytes(seed)


def derived(password: str, purpose: str) -> str:
    """The password of another user of the broker, known to all who know the broker's own."""
    return hashlib.sha256(f"sen nats {purpose}\0{password}".encode()).hexdigest()


def public_name(key: Ed25519PrivateKey) -> str:
    """The public key of an account as NATS writes it (``A…``)."""
    raw = bytes([ACCOUNT]) + key.public_key().public_bytes_raw()
    check = binascii.crc_hqx(raw, 0).to_bytes(2, "little")
    return base64.b32encode(raw + check).decode().rstrip("=")


def signed(key: Ed25519PrivateKey, claims: dict[str, Any]) -> str:
    """Claims as a token that the broker accepts of this issuer."""
    full = {"iat": int(time.time()), "iss": public_name(key), **claims}
    full["jti"] = hashlib.sha256(msgspec.json.encode(full)).hexdigest()
    head = _text(msgspec.json.encode({"typ": "JWT", "alg": "ed25519-nkey"}))
    body = f"{head}.{_text(msgspec.json.encode(full))}"
    return f"{body}.{_text(key.sign(body.encode()))}"


def claims_of(token: str) -> dict[str, Any]:
    """The claims of a token from the broker itself; the connection vouches for it.

    Raises:
        ValueError: it is no token.
    """
    parts = token.split(".")
    if len(parts) != 3:
        raise ValueError("no token")
    text = parts[1] + "=" * (-len(parts[1]) % 4)
    claims: dict[str, Any] = msgspec.json.decode(base64.urlsafe_b64decode(text), type=dict)
    return claims


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


if __name__ == "__main__":
    # The launcher has no libraries of its own and asks: the password by standard input.
    import sys

    given = sys.stdin.read().strip()
    words = [public_name(issuer_of(given)), derived(given, SYSTEM), derived(given, BRIDGE)]
    sys.stdout.write("\n".join(words) + "\n")
