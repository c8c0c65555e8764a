"""Keeps the catalogue in step with the registry: by its notifications as they come, and by a look at everything.

The registry keeps notifications in memory, so some are lost when it is killed: the second way makes good for them.
"""

from core.access import project_of
from core.registry import MANIFESTS


class Catalogue:
    def __init__(self, store, registry):
        self.store = store
        self.registry = registry

    def take_event(self, event):
        """One notification of the registry. Returns what it did about it, for the log; None when it was not for us."""
        target = event.get("target", {})
        repository = target.get("repository", "")
        if event.get("action") == "push" and target.get("mediaType") in MANIFESTS:
            return self.record(repository, target["digest"], target.get("tag"))
        if event.get("action") == "delete" and target.get("digest") and not target.get("mediaType"):
            self.store.forget(repository, target["digest"])
            return f"{repository}: {target['digest']} deleted"
        return None

    def record(self, repository, reference, tag):
        project = self.store.project(project_of(repository) or "")
        artifact = self.registry.artifact(repository, reference) if project else None
        if artifact is None:
            return None
        self.store.record(project, repository, artifact, tag)
        return f"{repository}:{tag or artifact['digest']} pushed"

    def synchronise(self):
        """Makes the catalogue what the registry has. Returns the number of differences that it found."""
        differences = 0
        for repository in sorted({*self.registry.repositories(), *(row[3] for row in self.store.repositories())}):
            differences += self.synchronise_repository(repository)
        return differences

    def synchronise_repository(self, repository):
        known = self.store.artifacts(repository)
        known_tags = {tag: artifact["digest"] for artifact in known for tag in artifact["tags"]}
        differences = 0
        found = set()
        for tag in self.registry.tags(repository):
            artifact = self.registry.artifact(repository, tag)
            if artifact is None:
                continue
            found.add(tag)
            if known_tags.get(tag) != artifact["digest"]:
                differences += self.record(repository, tag, tag) is not None
        for tag in known_tags.keys() - found:
            self.store.forget_tag(repository, tag)
            differences += 1
        for artifact in known:
            if not self.registry.artifact(repository, artifact["digest"]):
                self.store.forget(repository, artifact["digest"])
                differences += 1
        return differences
