"""Bearer tokens of the registry: JSON web tokens, signed with our key; the registry knows the key's certificate.

https://distribution.github.io/distribution/spec/auth/jwt/
"""

import base64
import json
import secrets
import time


def claims(subject, access, settings, now=None):
    """What a token says. `access` is the list that the specification calls so; `now` is for tests."""
    issued = int(time.time() if now is None else now)
    return {
        "iss": settings.issuer,
        "sub": subject,
        "aud": settings.service,
        "iat": issued,
        "nbf": issued - 5,  # clocks differ
        "exp": issued + settings.token_seconds,
        "jti": secrets.token_urlsafe(16),
        "access": access,
    }


def sign(payload, key, certificate):
    """A signed token. `key` signs bytes; `certificate` is the DER of its certificate, which the header carries as x5c."""
    header = {"typ": "JWT", "alg": "RS256", "x5c": [base64.b64encode(certificate).decode()]}
    signed = ".".join(base64url(json.dumps(part, separators=(",", ":")).encode()) for part in (header, payload))
    return f"{signed}.{base64url(key(signed.encode()))}"


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def load_signer(key_path, certificate_path):
    """The signing function of a private RSA key, and its certificate as DER."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding

    with open(key_path, "rb") as file:
        key = serialization.load_pem_private_key(file.read(), password=None)
    with open(certificate_path, "rb") as file:
        certificate = x509.load_pem_x509_certificate(file.read())
    return (
        lambda data: key.sign(data, padding.PKCS1v15(), hashes.SHA256()),
        certificate.public_bytes(serialization.Encoding.DER),
    )
