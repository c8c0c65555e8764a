"""Settings of core, from its environment (compose.yaml, core.env)."""

import os
from dataclasses import dataclass

from secret_file import secret


@dataclass(frozen=True)
class Settings:
    port: int
    registry_url: str
    issuer: str
    service: str
    token_seconds: int
    session_seconds: int
    events_secret: str


def read_settings():
    return Settings(
        port=int(os.environ.get("PORT", "8080")),
        registry_url=os.environ.get("REGISTRY_URL", "http://registry:5000"),
        issuer=os.environ.get("TOKEN_ISSUER", "registry-core"),
        service=os.environ.get("TOKEN_SERVICE", "registry"),
        token_seconds=int(os.environ.get("TOKEN_SECONDS", "300")),
        session_seconds=int(os.environ.get("SESSION_SECONDS", "28800")),
        events_secret=secret("internal-secret"),
    )
