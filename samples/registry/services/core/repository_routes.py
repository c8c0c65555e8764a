"""The catalogue: repositories, what is in them, and deleting. What a user may not pull does not exist for them."""

from core import access
from http_service import Answer, HttpError


class RepositoryRoutes:
    def __init__(self, store, accounts, registry):
        self.store = store
        self.accounts = accounts
        self.registry = registry

    def add_to(self, routes):
        routes.add("GET /api/repositories", self.list)
        routes.add("GET /api/repositories/<path:repository>/artifacts", self.artifacts)
        routes.add("DELETE /api/repositories/<path:repository>/artifacts/<digest>", self.delete)

    def list(self, request):
        user = self.accounts.user_of(request)
        actions = {}
        found = []
        for project_id, project_name, is_public, name, tags, size in self.store.repositories(request.parameter("search")):
            if project_name not in actions:
                actions[project_name] = self.actions(access.Project(project_id, project_name, is_public), user)
            if "pull" in actions[project_name]:
                found.append({"name": name, "tags": tags, "sizeBytes": int(size)})
        return found

    def artifacts(self, request, repository):
        self.must_be_allowed(request, repository, "pull")
        return self.store.artifacts(repository)

    def delete(self, request, repository, digest):
        """Deletes an artifact with all its tags: the registry knows no tag without what it names."""
        self.must_be_allowed(request, repository, "delete")
        if not any(artifact["digest"] == digest for artifact in self.store.artifacts(repository)):
            raise HttpError(404, f"{repository} has nothing with this digest")
        self.registry.delete(repository, digest)
        self.store.forget(repository, digest)
        return Answer(status=204)

    def must_be_allowed(self, request, repository, action):
        user = self.accounts.user_of(request)
        allowed = self.actions(self.store.project(access.project_of(repository) or ""), user)
        if "pull" not in allowed:
            raise HttpError(404 if user else 401, f'there is no repository "{repository}" for you')
        if action not in allowed:
            raise HttpError(403 if user else 401, f"your role does not allow to {action}")

    def actions(self, project, user):
        role = self.store.role(project, user) if project and user else None
        return access.actions_in(project, user, role)
