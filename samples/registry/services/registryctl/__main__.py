"""`python3 -m registryctl` serves: POST /collect collects garbage, GET /health says that we are here."""

import hmac
import os
import threading

from http_service import HttpError, Routes, end_on_sigterm, serve
from registryctl import storage
from secret_file import secret

CONFIG = "/etc/docker/registry/config.yml"
STORAGE = "/var/lib/registry"


def main():
    end_on_sigterm()
    expected = f"Bearer {secret('internal-secret')}".encode()
    lock = threading.Lock()

    def collect(request):
        if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), expected):
            raise HttpError(401, "this is for the services of the registry")
        if not lock.acquire(blocking=False):
            raise HttpError(409, "garbage is being collected already")
        try:
            if storage.is_uploading(STORAGE):
                raise HttpError(409, "an upload is going on")
            text = storage.collect_garbage(CONFIG)
            print(text, flush=True)
            return {"text": text}
        finally:
            lock.release()

    routes = Routes()
    routes.add("GET /health", lambda request: {"status": "healthy"})
    routes.add("POST /collect", collect)
    serve(routes, int(os.environ.get("PORT", "8080")), quiet_paths=("/health",))


if __name__ == "__main__":
    main()
