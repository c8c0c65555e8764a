import base64
import json
import unittest

from core.accounts import Accounts
from core.catalogue import Catalogue
from core.job_routes import JobRoutes
from core.project_routes import ProjectRoutes
from core.repository_routes import RepositoryRoutes
from core.settings import Settings
from core.token_routes import TokenRoutes
from core.user_routes import UserRoutes
from http_service import HttpError, Routes
from jobs import Jobs
from tests.fakes import FakeRedis, FakeRegistry, FakeRequest, FakeStore

SETTINGS = Settings(8080, "http://registry:5000", "registry-core", "registry", 300, 60, "the secret of services")


def basic(name, password="a password"):
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


class Api(unittest.TestCase):
    def setUp(self):
        self.store = FakeStore()
        self.store.with_user("admin", is_admin=True)
        ann = self.store.with_user("ann")
        self.store.with_project("library", is_public=True)
        team = self.store.with_project("team")
        self.store.set_role(team, ann, "developer")
        self.store.content = {
            "library/web": [{"digest": "sha256:1", "sizeBytes": 10, "tags": ["1", "latest"]}],
            "team/api": [{"digest": "sha256:2", "sizeBytes": 20, "tags": ["2"]}],
        }
        self.jobs = Jobs(FakeRedis())
        self.registry = FakeRegistry()
        accounts = Accounts(self.store, self.jobs.redis, 60)
        self.routes = Routes()
        for group in (
            TokenRoutes(SETTINGS, (lambda data: b"signed", b"certificate"), self.store, accounts, self.jobs),
            ProjectRoutes(self.store, accounts),
            RepositoryRoutes(self.store, accounts, self.registry),
            UserRoutes(self.store, accounts),
            JobRoutes(accounts, self.jobs, Catalogue(self.store, self.registry), SETTINGS.events_secret),
        ):
            group.add_to(self.routes)

    def ask(self, route, body=None, headers=None):
        return self.routes.answer(FakeRequest(route, body, headers))

    def refused(self, status, route, body=None, headers=None):
        with self.assertRaises(HttpError) as raised:
            self.ask(route, body, headers)
        self.assertEqual(raised.exception.status, status, raised.exception)
        return raised.exception

    def granted(self, scope, headers=None):
        token = self.ask(f"GET /service/token?service=registry&scope={scope}", headers=headers).body["token"]
        payload = token.split(".")[1]
        access = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["access"]
        return [action for one in access for action in one["actions"]]


class Tokens(Api):
    def test_carry_what_the_user_may_do(self):
        self.assertEqual(self.granted("repository:team/api:pull,push,delete", basic("ann")), ["pull", "push"])
        self.assertEqual(self.granted("repository:team/api:pull,push,delete", basic("admin")), ["pull", "push", "delete"])
        self.assertEqual(self.granted("repository:library/web:pull,push", basic("ann")), ["pull"])

    def test_are_given_to_everybody_for_what_is_public(self):
        self.assertEqual(self.granted("repository:library/web:pull,push"), ["pull"])
        self.assertEqual(self.granted("repository:team/api:pull"), [])

    def test_name_nothing_in_a_project_that_does_not_exist(self):
        self.assertEqual(self.granted("repository:nowhere/web:push", basic("admin")), [])

    def test_are_refused_for_a_wrong_password_and_for_nobody_alike(self):
        one = self.refused(401, "GET /service/token?service=registry", headers=basic("ann", "wrong"))
        other = self.refused(401, "GET /service/token?service=registry", headers=basic("nobody", "wrong"))
        self.assertEqual(str(one), str(other))

    def test_a_right_answer_remembered_is_forgotten_with_the_password(self):
        self.granted("repository:team/api:pull", basic("ann"))
        self.store.with_user("ann", "another password")
        self.refused(401, "GET /service/token?service=registry", headers=basic("ann"))

    def test_of_another_service_are_refused(self):
        self.refused(400, "GET /service/token?service=other", headers=basic("ann"))

    def test_allow_no_push_while_garbage_is_collected(self):
        self.jobs.set_collecting(60)
        self.assertEqual(self.granted("repository:team/api:pull,push", basic("ann")), ["pull"])
        self.jobs.set_collecting(0)
        self.assertEqual(self.granted("repository:team/api:pull,push", basic("ann")), ["pull", "push"])

    def test_the_catalogue_is_the_administrators(self):
        self.assertEqual(self.granted("registry:catalog:*", basic("ann")), [])
        self.assertEqual(self.granted("registry:catalog:*", basic("admin")), ["*"])
        self.assertEqual(self.granted("registry:other:*", basic("admin")), [])

    def test_by_post_as_containerd_asks(self):
        form = {"grant_type": "password", "username": "ann", "password": "a password", "service": "registry", "scope": ""}
        self.assertIn("access_token", self.ask("POST /service/token", form).body)
        self.refused(401, "POST /service/token", {**form, "password": "wrong"})


class Repositories(Api):
    def test_show_what_may_be_pulled(self):
        self.assertEqual([one["name"] for one in self.ask("GET /api/repositories").body], ["library/web"])
        seen = self.ask("GET /api/repositories", headers=basic("ann")).body
        self.assertEqual([one["name"] for one in seen], ["library/web", "team/api"])
        self.assertEqual(seen[0], {"name": "library/web", "tags": 2, "sizeBytes": 10})
        found = self.ask("GET /api/repositories?search=api", headers=basic("ann")).body
        self.assertEqual([one["name"] for one in found], ["team/api"])

    def test_that_may_not_be_pulled_do_not_exist(self):
        self.refused(401, "GET /api/repositories/team/api/artifacts")
        self.store.with_user("bob")
        self.refused(404, "GET /api/repositories/team/api/artifacts", headers=basic("bob"))
        self.assertEqual(self.ask("GET /api/repositories/team/api/artifacts", headers=basic("ann")).body[0]["digest"], "sha256:2")

    def test_are_deleted_by_those_who_may(self):
        path = "DELETE /api/repositories/team/api/artifacts/sha256:2"
        self.refused(403, path, headers=basic("ann"))
        self.assertEqual(self.registry.deleted, [])
        self.refused(404, "DELETE /api/repositories/team/api/artifacts/sha256:9", headers=basic("admin"))
        self.assertEqual(self.ask(path, headers=basic("admin")).status, 204)
        self.assertEqual(self.registry.deleted, [("team/api", "sha256:2")])
        self.assertNotIn("team/api", self.store.content)


class People(Api):
    def test_log_in_with_a_cookie_and_out(self):
        answer = self.ask("POST /api/session", {"user": "ann", "password": "a password"})
        cookie = answer.headers["Set-Cookie"]
        for word in ("HttpOnly", "Secure", "SameSite=Strict"):
            self.assertIn(word, cookie)
        headers = {"Cookie": cookie.split(";")[0]}
        self.assertEqual(self.ask("GET /api/session", headers=headers).body["user"], "ann")
        self.ask("DELETE /api/session", headers=headers)
        self.assertIsNone(self.ask("GET /api/session", headers=headers).body["user"])

    def test_are_made_by_an_administrator(self):
        self.refused(401, "POST /api/users", {"name": "eve", "password": "long enough"})
        self.refused(403, "POST /api/users", {"name": "eve", "password": "long enough"}, basic("ann"))
        self.refused(400, "POST /api/users", {"name": "eve", "password": "short"}, basic("admin"))
        self.refused(400, "POST /api/users", {"name": "e:ve", "password": "long enough"}, basic("admin"))
        self.assertEqual(self.ask("POST /api/users", {"name": "eve", "password": "long enough"}, basic("admin")).status, 201)
        self.refused(409, "POST /api/users", {"name": "eve", "password": "long enough"}, basic("admin"))

    def test_get_roles_in_projects(self):
        self.refused(400, "PUT /api/projects/team/members/ann", {"role": "king"}, basic("admin"))
        self.refused(404, "PUT /api/projects/team/members/nobody", {"role": "guest"}, basic("admin"))
        self.refused(403, "PUT /api/projects/team/members/ann", {"role": "maintainer"}, basic("ann"))
        self.ask("PUT /api/projects/team/members/ann", {"role": "maintainer"}, basic("admin"))
        mine = self.ask("GET /api/projects", headers=basic("ann")).body
        self.assertEqual(mine[1], {"name": "team", "isPublic": False, "role": "maintainer", "actions": ["delete", "pull", "push"]})


class Projects(Api):
    def test_have_names_that_the_registry_takes(self):
        for name in ("", "Upper", "a/b", "-a", "a__b!", 7):
            self.refused(400, "POST /api/projects", {"name": name}, basic("admin"))
        self.assertEqual(self.ask("POST /api/projects", {"name": "new-one", "isPublic": True}, basic("admin")).status, 201)
        self.refused(409, "POST /api/projects", {"name": "new-one"}, basic("admin"))

    def test_with_something_in_them_stay(self):
        self.refused(409, "DELETE /api/projects/team", headers=basic("admin"))


class Services(Api):
    def test_tell_what_was_pushed(self):
        self.registry.content = {"team/new": {"1": "sha256:3"}}
        media_type = "application/vnd.oci.image.manifest.v1+json"
        event = {"action": "push", "target": {"mediaType": media_type, "repository": "team/new", "digest": "sha256:3", "tag": "1"}}
        self.refused(401, "POST /internal/events", {"events": [event]}, basic("admin"))
        self.ask("POST /internal/events", {"events": [event]}, {"Authorization": "Bearer the secret of services"})
        self.assertEqual(self.store.content["team/new"][0]["tags"], ["1"])

    def test_get_jobs_from_administrators(self):
        self.refused(403, "POST /api/jobs/gc", headers=basic("ann"))
        self.refused(404, "POST /api/jobs/sing", headers=basic("admin"))
        for _ in range(2):
            self.assertEqual(self.ask("POST /api/jobs/gc", headers=basic("admin")).status, 202)
        self.assertEqual([self.jobs.take(1), self.jobs.take(1)], ["gc", None])


if __name__ == "__main__":
    unittest.main()
