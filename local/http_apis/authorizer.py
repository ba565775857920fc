"""Tokens are checked as the deployed JWT authorizer checks them.

AWS docs: "Control access to HTTP APIs with JWT authorizers".
"""

from __future__ import annotations

import json
import threading
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jwt


class Unauthorized(Exception):
    """The token is missing or not good: 401."""


class Forbidden(Exception):
    """The token is good and lacks every scope the route asks for: 403."""


@dataclass(frozen=True)
class Identity:
    """What the function learns about the caller."""

    claims: dict[str, str]
    scopes: list[str] | None


class TokenCheck:
    """Checks tokens against the keys their issuers publish, which it fetches once."""

    def __init__(self) -> None:
        self._keys: dict[str, jwt.PyJWKClient] = {}
        self._guard = threading.Lock()

    def identify(
        self, header: str | None, issuer: str, audience: Sequence[str], scopes: Sequence[str]
    ) -> Identity:
        """Give the caller's identity; raises Unauthorized or Forbidden."""
        if not header:
            raise Unauthorized
        token = header.removeprefix("Bearer ").removeprefix("bearer ").strip()
        claims = self._claims(token, issuer, audience)
        held = _words(claims.get("scope", claims.get("scp", "")))
        if scopes and not set(scopes) & set(held):
            raise Forbidden
        wanted = [scope for scope in held if scope in scopes] or None
        return Identity({name: _text(value) for name, value in claims.items()}, wanted)

    def _claims(self, token: str, issuer: str, audience: Sequence[str]) -> dict[str, Any]:
        try:
            key = self._published_by(issuer).get_signing_key_from_jwt(token)
            claims: dict[str, Any] = jwt.decode(
                token,
                key.key,
                algorithms=["RS256", "RS384", "RS512"],
                issuer=issuer,
                options={"require": ["exp", "iss"], "verify_aud": False},
            )
        except (jwt.InvalidTokenError, jwt.PyJWKClientError) as error:
            raise Unauthorized from error
        meant_for = claims.get("aud", claims.get("client_id"))
        if not set(audience) & set(meant_for if isinstance(meant_for, list) else [meant_for]):
            raise Unauthorized
        return claims

    def _published_by(self, issuer: str) -> jwt.PyJWKClient:
        with self._guard:
            if issuer not in self._keys:
                self._keys[issuer] = jwt.PyJWKClient(_keys_url(issuer), cache_keys=True)
            return self._keys[issuer]


def _keys_url(issuer: str) -> str:
    """Ask the issuer where its keys are; raises Unauthorized when it cannot be asked."""
    url = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - the deployer's own URL
            return str(json.load(answer)["jwks_uri"])
    except (OSError, ValueError, KeyError) as error:
        raise Unauthorized from error


def _words(scope: object) -> list[str]:
    return [str(one) for one in scope] if isinstance(scope, list) else str(scope).split()


def _text(value: object) -> str:
    """Write a claim as the gateway does: everything is a string, lists in brackets."""
    if isinstance(value, list):
        return f"[{' '.join(str(one) for one in value)}]"
    return value if isinstance(value, str) else json.dumps(value)
