"""Secrets are files below /run/secrets, or where <NAME>_FILE says."""

import os


def secret(name):
    path = os.environ.get(f"{name.upper().replace('-', '_')}_FILE", f"/run/secrets/{name}")
    with open(path, encoding="utf-8") as file:
        return file.read().strip()
