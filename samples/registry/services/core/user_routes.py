"""Users, and the portal's sessions."""

from core import access, passwords
from core.already_there import AlreadyThere
from http_service import Answer, HttpError


class UserRoutes:
    def __init__(self, store, accounts):
        self.store = store
        self.accounts = accounts

    def add_to(self, routes):
        routes.add("GET /api/session", self.who)
        routes.add("POST /api/session", self.log_in)
        routes.add("DELETE /api/session", self.log_out)
        routes.add("GET /api/users", self.list)
        routes.add("POST /api/users", self.create)
        routes.add("PUT /api/users/<name>/password", self.change_password)
        routes.add("DELETE /api/users/<name>", self.remove)

    def who(self, request):
        user = self.accounts.user_of(request)
        return {"user": user.name if user else None, "isAdmin": bool(user and user.is_admin)}

    def log_in(self, request):
        asked = request.json()
        user = self.accounts.log_in(str(asked.get("user", "")), str(asked.get("password", "")))
        cookie = self.accounts.open_session(user)
        return Answer({"user": user.name, "isAdmin": user.is_admin}, headers={"Set-Cookie": cookie})

    def log_out(self, request):
        return Answer(status=204, headers={"Set-Cookie": self.accounts.close_session(request)})

    def list(self, request):
        self.accounts.must_be_admin(request)
        return self.store.users()

    def create(self, request):
        self.accounts.must_be_admin(request)
        asked = request.json()
        name = str(asked.get("name", ""))
        if not access.USER_NAME.fullmatch(name):
            raise HttpError(400, "a user's name is made of letters, digits and . _ - and begins with a letter or digit")
        try:
            self.store.add_user(name, new_password(asked))
        except AlreadyThere:
            raise HttpError(409, f'there is a user "{name}" already') from None
        return Answer({"name": name}, 201)

    def change_password(self, request, name):
        user = self.accounts.must_be_user(request)
        if user.name != name:
            self.accounts.must_be_admin(request)
        target, _ = self.store.user(name)
        if target is None:
            raise HttpError(404, f'there is no user "{name}"')
        self.store.set_password(target, new_password(request.json()))
        return Answer(status=204)

    def remove(self, request, name):
        if self.accounts.must_be_admin(request).name == name:
            raise HttpError(409, "nobody can remove themselves")
        if not self.store.remove_user(name):
            raise HttpError(404, f'there is no user "{name}"')
        return Answer(status=204)


def new_password(asked):
    password = str(asked.get("password", ""))
    if len(password) < passwords.SHORTEST:
        raise HttpError(400, f"a password has {passwords.SHORTEST} characters at least")
    return passwords.digest_password(password)
