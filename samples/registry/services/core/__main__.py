"""`python3 -m core` serves. Settings come from the environment, secrets from files."""

import threading
import time

from core import passwords, tokens
from core.accounts import Accounts
from core.catalogue import Catalogue
from core.job_routes import JobRoutes
from core.project_routes import ProjectRoutes
from core.registry import Registry
from core.repository_routes import RepositoryRoutes
from core.settings import read_settings
from core.store import Store
from core.token_routes import TokenRoutes
from core.user_routes import UserRoutes
from http_service import Routes, end_on_sigterm, serve
from jobs import Jobs
from redis_client import Redis
from secret_file import secret


def main():
    end_on_sigterm()
    settings = read_settings()
    signer = tokens.load_signer("/run/secrets/token-key", "/run/secrets/token-certificate")
    store = Store()
    store.prepare(passwords.digest_password(secret("admin-password")))
    redis = Redis()
    jobs = Jobs(redis)
    accounts = Accounts(store, redis, settings.session_seconds)
    registry = Registry(settings, signer)
    catalogue = Catalogue(store, registry)
    routes = Routes()
    for group in (
        TokenRoutes(settings, signer, store, accounts, jobs),
        ProjectRoutes(store, accounts),
        RepositoryRoutes(store, accounts, registry),
        UserRoutes(store, accounts),
        JobRoutes(accounts, jobs, catalogue, settings.events_secret),
    ):
        group.add_to(routes)
    threading.Thread(target=catch_up, args=(catalogue,), daemon=True).start()
    serve(routes, settings.port, quiet_paths=("/api/health",))


def catch_up(catalogue):
    """What was pushed while we were away, once the registry answers."""
    while True:
        try:
            print(f"catalogue: {catalogue.synchronise()} differences to the registry", flush=True)
            return
        except Exception as error:
            print(f"catalogue: {error}; again in 5 s", flush=True)
            time.sleep(5)


if __name__ == "__main__":
    main()
