"""Who may do what: the registry's scopes, and the roles of a project's members."""

import re
from dataclasses import dataclass

ROLES = {
    "guest": frozenset({"pull"}),
    "developer": frozenset({"pull", "push"}),
    "maintainer": frozenset({"pull", "push", "delete"}),
}
ALL_ACTIONS = ROLES["maintainer"]
PROJECT_NAME = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")
USER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


@dataclass(frozen=True)
class User:
    id: int
    name: str
    is_admin: bool = False


@dataclass(frozen=True)
class Project:
    id: int
    name: str
    is_public: bool


@dataclass(frozen=True)
class Scope:
    kind: str
    name: str
    actions: tuple


def parse_scope(text):
    """A scope as the token specification writes it, `repository:library/nginx:pull,push`; None when it is not one."""
    kind, _, rest = text.partition(":")
    name, _, actions = rest.rpartition(":")
    if not kind or not name:
        return None
    return Scope(kind, name, tuple(action for action in actions.split(",") if action))


def project_of(repository):
    """Name of the project that a repository belongs to: all before the first slash; None without one."""
    project, slash, rest = repository.partition("/")
    return project if slash and rest else None


def actions_in(project, user, role):
    """What a user (None: nobody in particular) with this role (None: no member) may do in a project."""
    if project is None:
        return frozenset()
    if user is not None and user.is_admin:
        return ALL_ACTIONS
    granted = ROLES[role] if user is not None and role is not None else frozenset()
    return granted | {"pull"} if project.is_public else granted


def grant(scope, allowed, is_read_only=False):
    """The part of a scope that is allowed, in the order in which it was asked for; `*` asks for all that there is."""
    asked = sorted(allowed) if "*" in scope.actions else scope.actions
    return [action for action in asked if action in allowed and not (is_read_only and action != "pull")]
