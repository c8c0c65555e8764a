import unittest

from core.access import ALL_ACTIONS, Project, Scope, User, actions_in, grant, parse_scope, project_of

PUBLIC = Project(1, "library", True)
PRIVATE = Project(2, "secret", False)
ADMIN = User(1, "admin", is_admin=True)
ANN = User(2, "ann")


class Scopes(unittest.TestCase):
    def test_reads_what_clients_send(self):
        self.assertEqual(parse_scope("repository:library/nginx:pull,push"), Scope("repository", "library/nginx", ("pull", "push")))
        self.assertEqual(parse_scope("registry:catalog:*"), Scope("registry", "catalog", ("*",)))
        self.assertEqual(parse_scope("repository:host:5000/a/b:pull").name, "host:5000/a/b")
        self.assertEqual(parse_scope("repository:a/b:").actions, ())

    def test_refuses_what_is_none(self):
        for text in ("", "repository", "repository:", ":a/b:pull", "repository::pull"):
            self.assertIsNone(parse_scope(text), text)

    def test_a_repository_is_in_the_project_before_its_first_slash(self):
        self.assertEqual(project_of("library/a/b"), "library")
        for name in ("alone", "library/", ""):
            self.assertIsNone(project_of(name), name)


class Actions(unittest.TestCase):
    def test_by_role(self):
        self.assertEqual(actions_in(PRIVATE, ANN, "guest"), {"pull"})
        self.assertEqual(actions_in(PRIVATE, ANN, "developer"), {"pull", "push"})
        self.assertEqual(actions_in(PRIVATE, ANN, "maintainer"), ALL_ACTIONS)
        self.assertEqual(actions_in(PRIVATE, ADMIN, None), ALL_ACTIONS)

    def test_without_one_only_public_projects_can_be_pulled(self):
        for user in (None, ANN):
            self.assertEqual(actions_in(PUBLIC, user, None), {"pull"})
            self.assertEqual(actions_in(PRIVATE, user, None), frozenset())

    def test_there_is_nothing_to_do_in_no_project_even_for_an_administrator(self):
        self.assertEqual(actions_in(None, ADMIN, None), frozenset())


class Grants(unittest.TestCase):
    def test_what_is_asked_for_and_allowed(self):
        scope = Scope("repository", "library/a", ("push", "pull"))
        self.assertEqual(grant(scope, {"pull"}), ["pull"])
        self.assertEqual(grant(scope, ALL_ACTIONS), ["push", "pull"])
        self.assertEqual(grant(Scope("repository", "library/a", ("*",)), {"pull", "push"}), ["pull", "push"])

    def test_only_pulls_while_garbage_is_collected(self):
        self.assertEqual(grant(Scope("repository", "library/a", ("*",)), ALL_ACTIONS, is_read_only=True), ["pull"])


if __name__ == "__main__":
    unittest.main()
