"""A small identity provider over real HTTP, for tests: discovery, PKCE, RS256, userinfo.

It approves every request at once as the person that the test set. ``lies`` changes one thing of
the next answers, so that a test sees whether the client notices.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

KEY_ID: Final = "k1"
CLIENT_ID: Final = "sen-client"
CLIENT_SECRET: Final = "secret-of-the-test-client"  # noqa: S105


@dataclass
class Grant:
    """A code that was given out and not used yet."""

    redirect_uri: str
    nonce: str
    challenge: str
    scope: str


@dataclass
class OidcServer:
    """What the provider knows; a test changes it while the server runs."""

    issuer: str = ""
    person: dict[str, Any] = field(default_factory=lambda: {"sub": "s-1", "name": "Lê Văn Sen"})
    lies: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, Grant] = field(default_factory=dict)
    access: dict[str, dict[str, Any]] = field(default_factory=dict)
    seen: list[dict[str, str]] = field(default_factory=list)
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.lies.get("issuer", self.issuer),
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/jwks",
            "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def jwks(self) -> dict[str, Any]:
        public = RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return {"keys": [{**public, "kid": KEY_ID, "use": "sig", "alg": "RS256"}]}

    def authorize(self, query: dict[str, str]) -> str:
        """The address to which the browser is sent back.

        Raises:
            ValueError: the request is not one that a provider may answer.
        """
        if query.get("client_id") != CLIENT_ID or query.get("response_type") != "code":
            raise ValueError("unknown client or response type")
        if query.get("code_challenge_method") != "S256" or not query.get("code_challenge"):
            raise ValueError("PKCE with S256 is needed")
        self.seen.append(query)
        if "error" in self.lies:
            answer = {"error": self.lies["error"]}
        else:
            code = secrets.token_urlsafe(16)
            self.codes[code] = Grant(
                query["redirect_uri"],
                query.get("nonce", ""),
                query["code_challenge"],
                query.get("scope", ""),
            )
            answer = {"code": code}
        return f"{query['redirect_uri']}?{urlencode({**answer, 'state': query['state']})}"

    def token(self, form: dict[str, str]) -> dict[str, Any]:
        """Exchange a code.

        Raises:
            ValueError: wrong client, code, address or PKCE verifier.
        """
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            raise ValueError("wrong client credentials")
        grant = self.codes.pop(form.get("code", ""), None)
        if grant is None or grant.redirect_uri != form.get("redirect_uri"):
            raise ValueError("unknown code or other address")
        hashed = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(hashed).rstrip(b"=").decode() != grant.challenge:
            raise ValueError("wrong PKCE verifier")
        access = secrets.token_urlsafe(16)
        self.access[access] = {**self.person, **self.lies.get("userinfo", {})}
        return {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": 300,
            "id_token": self.id_token(grant),
        }

    def id_token(self, grant: Grant) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": grant.nonce,
            **self.person,
            **self.lies.get("claims", {}),
        }
        key: Any = self.lies.get("key", self.key)
        algorithm = self.lies.get("algorithm", "RS256")
        return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": KEY_ID})


class _Handler(BaseHTTPRequestHandler):
    provider: OidcServer

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        if parts.path == "/.well-known/openid-configuration":
            self._json(self.provider.discovery())
        elif parts.path == "/jwks":
            self._json(self.provider.jwks())
        elif parts.path == "/authorize":
            self._authorize(query)
        elif parts.path == "/userinfo":
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            self._json(self.provider.access.get(token, {"error": "invalid_token"}))
        else:
            self._json({"error": "not_found"}, 404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        form = {key: values[0] for key, values in parse_qs(body).items()}
        try:
            self._json(self.provider.token(form))
        except ValueError as error:
            self._json({"error": "invalid_grant", "error_description": str(error)}, 400)

    def _authorize(self, query: dict[str, str]) -> None:
        try:
            target = self.provider.authorize(query)
        except (ValueError, KeyError) as error:
            self._json({"error": str(error)}, 400)
            return
        self.send_response(302)
        self.send_header("Location", target)
        self.end_headers()

    def _json(self, content: dict[str, Any], status: int = 200) -> None:
        data = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Tests need no access log."""


@contextmanager
def running_provider() -> Iterator[OidcServer]:
    """A provider on a free port of this machine."""
    provider = OidcServer()
    handler = type("Handler", (_Handler,), {"provider": provider})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    provider.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
