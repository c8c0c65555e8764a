import unittest

from core.catalogue import Catalogue
from tests.fakes import FakeRegistry, FakeStore


class Synchronise(unittest.TestCase):
    def setUp(self):
        self.store = FakeStore()
        self.store.with_project("library")

    def test_takes_what_was_missed_and_forgets_what_is_gone(self):
        self.store.content = {
            "library/old": [{"digest": "sha256:1", "sizeBytes": 1, "tags": ["1"]}],
            "library/web": [{"digest": "sha256:2", "sizeBytes": 1, "tags": ["2"]}],
        }
        catalogue = Catalogue(self.store, FakeRegistry({"library/web": {"2": "sha256:3"}, "library/new": {"1": "sha256:4"}}))
        self.assertGreater(catalogue.synchronise(), 0)
        self.assertEqual({name: [one["digest"] for one in artifacts] for name, artifacts in self.store.content.items()},
                         {"library/web": ["sha256:3"], "library/new": ["sha256:4"]})  # fmt: skip
        self.assertEqual(catalogue.synchronise(), 0)

    def test_leaves_out_what_is_in_no_project(self):
        Catalogue(self.store, FakeRegistry({"elsewhere/web": {"1": "sha256:1"}})).synchronise()
        self.assertEqual(self.store.content, {})


class Events(unittest.TestCase):
    def test_of_layers_and_of_pulls_are_passed_over(self):
        catalogue = Catalogue(FakeStore(), FakeRegistry())
        for action, media_type in (("push", "application/octet-stream"), ("pull", "application/vnd.oci.image.manifest.v1+json")):
            self.assertIsNone(catalogue.take_event({"action": action, "target": {"mediaType": media_type, "repository": "a/b"}}))
        self.assertIsNone(catalogue.take_event({}))

    def test_a_deletion_is_forgotten(self):
        store = FakeStore()
        store.with_project("library")
        store.content = {"library/web": [{"digest": "sha256:1", "sizeBytes": 1, "tags": []}]}
        Catalogue(store, FakeRegistry()).take_event({"action": "delete", "target": {"digest": "sha256:1", "repository": "library/web"}})
        self.assertEqual(store.content, {})


if __name__ == "__main__":
    unittest.main()
