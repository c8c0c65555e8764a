"""Jobs for jobservice, the results of the last ones, and what other services tell us."""

import hmac

import jobs
from http_service import Answer, HttpError


class JobRoutes:
    def __init__(self, accounts, queue, catalogue, events_secret):
        self.accounts = accounts
        self.queue = queue
        self.catalogue = catalogue
        self.events_secret = events_secret

    def add_to(self, routes):
        routes.add("GET /api/health", self.health)
        routes.add("GET /api/jobs", self.results)
        routes.add("POST /api/jobs/<kind>", self.ask)
        routes.add("POST /internal/events", self.events)
        routes.add("POST /internal/synchronise", self.synchronise)

    def health(self, request):
        self.accounts.store.row("SELECT 1")
        self.queue.redis.call("PING")
        return {"status": "healthy"}

    def results(self, request):
        self.accounts.must_be_admin(request)
        return self.queue.results()

    def ask(self, request, kind):
        self.accounts.must_be_admin(request)
        if kind not in jobs.KINDS:
            raise HttpError(404, f"there are the jobs {', '.join(jobs.KINDS)}")
        self.queue.ask(kind)
        return Answer({"asked": kind}, 202)

    def events(self, request):
        """Notifications of the registry."""
        self.must_be_service(request)
        for event in request.json().get("events", []):
            done = self.catalogue.take_event(event)
            if done:
                print(f"{event.get('actor', {}).get('name') or 'somebody'}: {done}", flush=True)
        return Answer()

    def synchronise(self, request):
        self.must_be_service(request)
        return {"differences": self.catalogue.synchronise()}

    def must_be_service(self, request):
        if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {self.events_secret}".encode()):
            raise HttpError(401, "this is for the services of the registry")
