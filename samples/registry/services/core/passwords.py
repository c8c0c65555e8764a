"""Passwords are kept as scrypt digests with a salt each: `scrypt$<salt>$<digest>`, both in hexadecimal."""

import hashlib
import hmac
import secrets

SHORTEST = 8


def digest_password(password, salt=None):
    salt = salt or secrets.token_bytes(16)
    # 2^14 and 8: 16 MB and some 40 ms, so that guessing is dear.
    digest = hashlib.scrypt(password.encode(), salt=salt, n=1 << 14, r=8, p=1)
    return f"scrypt${salt.hex()}${digest.hex()}"


def is_password(password, stored):
    _, salt, _ = stored.split("$")
    return hmac.compare_digest(digest_password(password, bytes.fromhex(salt)), stored)
