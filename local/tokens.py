"""The local issuer of tokens: what an identity provider is to the deployed APIs on AWS.

An API's authorizer on AWS trusts the keys published at its issuer's URL; here the server publishes
the public half of a key that lies in the local cloud's folder.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any, get_args

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from local.places import Places, endpoint
from local.roles import Role

ISSUER_PATH = "/_issuer"
AUDIENCE = "cutover"
_KEY_ID = "local"


def issuer(port: int) -> str:
    """Give the URL that tokens name as their issuer."""
    return f"{endpoint(port)}{ISSUER_PATH}"


def issue_token(role: Role, subject: str, ttl: int, *, port: int, places: Places) -> str:
    """Sign a token for a subject that holds one role, good for `ttl` seconds.

    Raises ValueError for a role there is not.
    """
    if role not in get_args(Role):
        raise ValueError(f"no such role: {role}; there are {', '.join(get_args(Role))}")
    now = int(time.time())
    claims = {
        "iss": issuer(port),
        "aud": AUDIENCE,
        "sub": subject,
        "scope": role,
        "iat": now,
        "nbf": now,
        "exp": now + ttl,
    }
    key = _signing_key(places.signing_key)
    return jwt.encode(claims, key, algorithm="RS256", headers={"kid": _KEY_ID})


def configuration(port: int) -> dict[str, object]:
    """Describe the issuer as OpenID Connect Discovery does."""
    return {
        "issuer": issuer(port),
        "jwks_uri": f"{issuer(port)}/.well-known/jwks.json",
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["token"],
        "subject_types_supported": ["public"],
    }


def published_keys(places: Places) -> dict[str, object]:
    """Give the public key as a JSON Web Key Set."""
    public = _signing_key(places.signing_key).public_key()
    key: dict[str, Any] = json.loads(RSAAlgorithm.to_jwk(public))
    return {"keys": [key | {"kid": _KEY_ID, "use": "sig", "alg": "RS256"}]}


def _signing_key(path: Path) -> rsa.RSAPrivateKey:
    """Read the key, making it on first use; nobody else on the machine can read it."""
    if not path.exists():
        _write_new_key(path)
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError(f"{path} holds a key of another kind; remove it and a new one is made")
    return key


def _write_new_key(path: Path) -> None:
    """Write a key whole or not at all; of two processes at once the first one wins."""
    pem = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = path.with_suffix(f".{os.getpid()}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
    try:
        os.link(unfinished, path)
    except FileExistsError:
        pass  # another process was first, and its key is as good
    finally:
        unfinished.unlink()
