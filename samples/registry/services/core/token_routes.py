"""The token endpoint: https://distribution.github.io/distribution/spec/auth/token/ (GET) and …/auth/oauth/ (POST)."""

import datetime

from core import access, tokens
from http_service import HttpError


class TokenRoutes:
    def __init__(self, settings, signer, store, accounts, jobs):
        self.settings = settings
        self.signer = signer
        self.store = store
        self.accounts = accounts
        self.jobs = jobs

    def add_to(self, routes):
        routes.add("GET /service/token", self.get)
        routes.add("POST /service/token", self.post)

    def get(self, request):
        user = self.accounts.user_of(request)
        scopes = " ".join(request.query.get("scope", []))
        return self.token(user, scopes, request.parameter("service"))

    def post(self, request):
        form = request.form()
        if form.get("grant_type") != "password":
            raise HttpError(400, "only grant_type=password is served")
        user = self.accounts.log_in(form.get("username", ""), form.get("password", ""))
        return self.token(user, form.get("scope", ""), form.get("service", ""))

    def token(self, user, scopes, service):
        if service != self.settings.service:
            raise HttpError(400, f'this is the token service of "{self.settings.service}"')
        payload = tokens.claims(user.name if user else "", self.granted(user, scopes), self.settings)
        token = tokens.sign(payload, *self.signer)
        issued_at = datetime.datetime.fromtimestamp(payload["iat"], datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        return {"token": token, "access_token": token, "expires_in": self.settings.token_seconds, "issued_at": issued_at}

    def granted(self, user, scopes):
        """What of the scopes (separated by blanks) this user gets; the registry refuses what is missing then."""
        is_read_only = self.jobs.is_collecting()
        granted = []
        for scope in filter(None, map(access.parse_scope, scopes.split())):
            actions = access.grant(scope, self.allowed(user, scope), is_read_only)
            if actions:
                granted.append({"type": scope.kind, "name": scope.name, "actions": actions})
        return granted

    def allowed(self, user, scope):
        if scope.kind != "repository":
            is_catalogue = (scope.kind, scope.name) == ("registry", "catalog")
            return frozenset({"*"}) if is_catalogue and user is not None and user.is_admin else frozenset()
        project = self.store.project(access.project_of(scope.name) or "")
        role = self.store.role(project, user) if project and user else None
        return access.actions_in(project, user, role)
