"""Stand-ins for PostgreSQL, Redis and the registry, in memory."""

import email.message
import functools

from core.access import Project, User
from core.already_there import AlreadyThere
from core.passwords import digest_password

# Slow on purpose, so once for each password.
digest = functools.lru_cache(digest_password)


class FakeStore:
    def __init__(self):
        self.people = {}
        self.places = {}
        self.roles = {}
        self.content = {}  # repository → list of artifacts

    def with_user(self, name, password="a password", is_admin=False):
        self.people[name] = (User(len(self.people) + 1, name, is_admin), digest(password))
        return self.people[name][0]

    def with_project(self, name, is_public=False):
        self.places[name] = Project(len(self.places) + 1, name, is_public)
        return self.places[name]

    def user(self, name):
        return self.people.get(name, (None, None))

    def add_user(self, name, digest):
        if name in self.people:
            raise AlreadyThere()
        self.people[name] = (User(len(self.people) + 1, name), digest)

    def project(self, name):
        return self.places.get(name)

    def projects(self):
        return [self.places[name] for name in sorted(self.places)]

    def add_project(self, name, is_public):
        if name in self.places:
            raise AlreadyThere()
        self.with_project(name, is_public)

    def role(self, project, user):
        return self.roles.get((project.id, user.id))

    def set_role(self, project, user, role):
        self.roles[project.id, user.id] = role

    def repositories(self, search=""):
        found = []
        for name, artifacts in sorted(self.content.items()):
            project = self.places[name.split("/")[0]]
            tags = sum(len(artifact["tags"]) for artifact in artifacts)
            size = sum(artifact["sizeBytes"] for artifact in artifacts)
            if search in name:
                found.append((project.id, project.name, project.is_public, name, tags, size))
        return found

    def artifacts(self, repository):
        return [dict(artifact) for artifact in self.content.get(repository, [])]

    def record(self, project, repository, artifact, tag):
        self.forget(repository, artifact["digest"])
        tags = [tag] if tag else []
        self.content.setdefault(repository, []).append({"digest": artifact["digest"], "sizeBytes": artifact["size_bytes"], "tags": tags})

    def forget(self, repository, digest):
        left = [artifact for artifact in self.content.get(repository, []) if artifact["digest"] != digest]
        self.content[repository] = left
        if not left:
            del self.content[repository]

    def forget_tag(self, repository, tag):
        for artifact in self.content.get(repository, []):
            artifact["tags"] = [one for one in artifact["tags"] if one != tag]


class FakeRegistry:
    def __init__(self, content=None):
        self.content = content or {}  # repository → {tag: digest}
        self.deleted = []

    def repositories(self):
        return list(self.content)

    def tags(self, repository):
        return list(self.content.get(repository, {}))

    def artifact(self, repository, reference):
        known = self.content.get(repository, {})
        digest = known.get(reference, reference)
        return {"digest": digest, "media_type": "m", "size_bytes": 7} if digest in known.values() else None

    def delete(self, repository, digest):
        self.deleted.append((repository, digest))


class FakeRedis:
    """Strings and lists, as far as the services use them."""

    def __init__(self):
        self.values = {}
        self.database = 0

    def call(self, command, *words, patience=5):
        return getattr(self, command.lower())(*words)

    def ping(self):
        return "PONG"

    def get(self, key):
        return self.values.get(key)

    def set(self, key, value, *_expiry):
        self.values[key] = str(value)

    def exists(self, key):
        return int(key in self.values)

    def delete(self, key):
        self.values.pop(key, None)

    def lpush(self, key, value):
        self.values.setdefault(key, []).insert(0, value)

    def lrem(self, key, _count, value):
        self.values[key] = [one for one in self.values.get(key, []) if one != value]

    def ltrim(self, key, first, last):
        self.values[key] = self.values[key][first : last + 1]

    def lrange(self, key, _first, _last):
        return self.values.get(key, [])

    def brpop(self, key, _seconds):
        waiting = self.values.get(key)
        return [key, waiting.pop()] if waiting else None

    def flushdb(self):
        self.values.clear()


# `del` is a word of Python, so this command needs another way.
setattr(FakeRedis, "del", FakeRedis.delete)


class FakeRequest:
    def __init__(self, route, body=None, headers=None):
        self.method, _, target = route.partition(" ")
        self.path, _, query = target.partition("?")
        self.query = {}
        for pair in filter(None, query.split("&")):
            name, _, value = pair.partition("=")
            self.query.setdefault(name, []).append(value)
        self.body = body or {}
        self.headers = email.message.Message()
        for name, value in (headers or {}).items():
            self.headers[name] = value

    def parameter(self, name, default=""):
        return self.query.get(name, [default])[0]

    def json(self):
        return self.body

    form = json
