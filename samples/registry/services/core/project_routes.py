"""Projects and their members."""

from core import access
from core.already_there import AlreadyThere
from http_service import Answer, HttpError


class ProjectRoutes:
    def __init__(self, store, accounts):
        self.store = store
        self.accounts = accounts

    def add_to(self, routes):
        routes.add("GET /api/projects", self.list)
        routes.add("POST /api/projects", self.create)
        routes.add("DELETE /api/projects/<project>", self.remove)
        routes.add("GET /api/projects/<project>/members", self.members)
        routes.add("PUT /api/projects/<project>/members/<user>", self.set_member)
        routes.add("DELETE /api/projects/<project>/members/<user>", self.remove_member)

    def list(self, request):
        user = self.accounts.user_of(request)
        found = []
        for project in self.store.projects():
            role = self.store.role(project, user) if user else None
            actions = access.actions_in(project, user, role)
            if "pull" in actions:
                found.append({"name": project.name, "isPublic": project.is_public, "role": role, "actions": sorted(actions)})
        return found

    def create(self, request):
        self.accounts.must_be_admin(request)
        asked = request.json()
        name = asked.get("name", "")
        if not isinstance(name, str) or not access.PROJECT_NAME.fullmatch(name) or len(name) > 128:
            raise HttpError(400, "a project's name is made of a-z, 0-9, and single . _ - between them")
        try:
            self.store.add_project(name, asked.get("isPublic") is True)
        except AlreadyThere:
            raise HttpError(409, f'there is a project "{name}" already') from None
        return Answer({"name": name}, 201)

    def remove(self, request, project):
        self.accounts.must_be_admin(request)
        found = self.must_exist(project)
        if any(row[0] == found.id for row in self.store.repositories()):
            raise HttpError(409, "delete its repositories first")
        self.store.remove_project(found)
        return Answer(status=204)

    def members(self, request, project):
        self.accounts.must_be_admin(request)
        return self.store.members(self.must_exist(project))

    def set_member(self, request, project, user):
        self.accounts.must_be_admin(request)
        role = request.json().get("role")
        if role not in access.ROLES:
            raise HttpError(400, f"the role must be one of {', '.join(access.ROLES)}")
        self.store.set_role(self.must_exist(project), self.must_be_known(user), role)
        return Answer(status=204)

    def remove_member(self, request, project, user):
        self.accounts.must_be_admin(request)
        self.store.remove_member(self.must_exist(project), self.must_be_known(user))
        return Answer(status=204)

    def must_exist(self, name):
        project = self.store.project(name)
        if project is None:
            raise HttpError(404, f'there is no project "{name}"')
        return project

    def must_be_known(self, name):
        user, _ = self.store.user(name)
        if user is None:
            raise HttpError(404, f'there is no user "{name}"')
        return user
