"""Users, projects, members and the catalogue in PostgreSQL. Host, user and database come from PGHOST, PGUSER and PGDATABASE."""

import contextlib
import pathlib

import psycopg2
import psycopg2.errors

from core.access import Project, User
from core.already_there import AlreadyThere
from secret_file import secret


class Store:
    def __init__(self, connect=None):
        self.connect = connect or (lambda: psycopg2.connect(password=secret("database-password"), connect_timeout=5))

    def rows(self, statement, *parameters):
        """Rows of one statement, in a transaction of its own."""
        with contextlib.closing(self.connect()) as connection, connection, connection.cursor() as cursor:
            try:
                cursor.execute(statement, parameters)
            except psycopg2.errors.UniqueViolation:
                raise AlreadyThere() from None
            return cursor.fetchall() if cursor.description else []

    def row(self, statement, *parameters):
        return next(iter(self.rows(statement, *parameters)), None)

    def prepare(self, admin_digest):
        """Tables, the first user and the first project, where they are missing."""
        self.rows(pathlib.Path(__file__).with_name("schema.sql").read_text(encoding="utf-8"))
        self.rows("INSERT INTO users (name, password, is_admin) VALUES ('admin', %s, true) ON CONFLICT DO NOTHING", admin_digest)
        self.rows("INSERT INTO projects (name, is_public) VALUES ('library', true) ON CONFLICT DO NOTHING")

    # Users

    def user(self, name):
        """The user and the digest of the password, or None twice."""
        row = self.row("SELECT id, name, is_admin, password FROM users WHERE name = %s", name)
        return (User(*row[:3]), row[3]) if row else (None, None)

    def users(self):
        return [{"name": name, "isAdmin": is_admin} for name, is_admin in self.rows("SELECT name, is_admin FROM users ORDER BY name")]

    def add_user(self, name, digest):
        self.rows("INSERT INTO users (name, password) VALUES (%s, %s)", name, digest)

    def set_password(self, user, digest):
        self.rows("UPDATE users SET password = %s WHERE id = %s", digest, user.id)

    def remove_user(self, name):
        return bool(self.rows("DELETE FROM users WHERE name = %s RETURNING id", name))

    # Projects

    def project(self, name):
        row = self.row("SELECT id, name, is_public FROM projects WHERE name = %s", name)
        return Project(*row) if row else None

    def projects(self):
        return [Project(*row) for row in self.rows("SELECT id, name, is_public FROM projects ORDER BY name")]

    def add_project(self, name, is_public):
        self.rows("INSERT INTO projects (name, is_public) VALUES (%s, %s)", name, is_public)

    def remove_project(self, project):
        self.rows("DELETE FROM projects WHERE id = %s", project.id)

    def role(self, project, user):
        row = self.row("SELECT role FROM members WHERE project_id = %s AND user_id = %s", project.id, user.id)
        return row[0] if row else None

    def members(self, project):
        rows = self.rows("SELECT name, role FROM members JOIN users ON id = user_id WHERE project_id = %s ORDER BY name", project.id)
        return [{"user": name, "role": role} for name, role in rows]

    def set_role(self, project, user, role):
        self.rows(
            "INSERT INTO members VALUES (%s, %s, %s) ON CONFLICT (project_id, user_id) DO UPDATE SET role = excluded.role",
            project.id, user.id, role,
        )  # fmt: skip

    def remove_member(self, project, user):
        self.rows("DELETE FROM members WHERE project_id = %s AND user_id = %s", project.id, user.id)

    # Catalogue

    def repositories(self, search=""):
        """Project, name, number of tags and bytes of every repository whose name contains `search`."""
        return self.rows(
            """SELECT p.id, p.name, p.is_public, r.name,
                      (SELECT count(*) FROM tags t WHERE t.repository_id = r.id),
                      (SELECT coalesce(sum(size_bytes), 0) FROM artifacts a WHERE a.repository_id = r.id)
               FROM repositories r JOIN projects p ON p.id = r.project_id
               WHERE strpos(r.name, %s) > 0 ORDER BY r.name""",
            search.lower(),
        )

    def artifacts(self, repository):
        rows = self.rows(
            """SELECT a.digest, a.media_type, a.size_bytes, to_char(a.pushed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
                      array(SELECT t.name FROM tags t WHERE t.repository_id = r.id AND t.digest = a.digest ORDER BY t.name)
               FROM artifacts a JOIN repositories r ON r.id = a.repository_id
               WHERE r.name = %s ORDER BY a.pushed_at DESC, a.digest""",
            repository,
        )
        return [dict(zip(("digest", "mediaType", "sizeBytes", "pushedAt", "tags"), row)) for row in rows]

    def record(self, project, repository, artifact, tag):
        """An artifact that is in the registry (`digest`, `media_type`, `size_bytes`), and the tag that names it now, if any."""
        with contextlib.closing(self.connect()) as connection, connection, connection.cursor() as cursor:
            cursor.execute("INSERT INTO repositories (project_id, name) VALUES (%s, %s) ON CONFLICT DO NOTHING", (project.id, repository))
            cursor.execute("SELECT id FROM repositories WHERE name = %s", (repository,))
            (repository_id,) = cursor.fetchone()
            cursor.execute(
                "INSERT INTO artifacts VALUES (%s, %s, %s, %s) ON CONFLICT (repository_id, digest) DO NOTHING",
                (repository_id, artifact["digest"], artifact["media_type"], artifact["size_bytes"]),
            )
            if tag:
                cursor.execute(
                    "INSERT INTO tags VALUES (%s, %s, %s) ON CONFLICT (repository_id, name) DO UPDATE SET digest = excluded.digest",
                    (repository_id, tag, artifact["digest"]),
                )

    def forget(self, repository, digest):
        self.rows(
            "DELETE FROM artifacts WHERE digest = %s AND repository_id = (SELECT id FROM repositories WHERE name = %s)",
            digest, repository,
        )  # fmt: skip
        self.rows("DELETE FROM repositories r WHERE name = %s AND NOT EXISTS (SELECT FROM artifacts WHERE repository_id = r.id)", repository)

    def forget_tag(self, repository, tag):
        self.rows("DELETE FROM tags WHERE name = %s AND repository_id = (SELECT id FROM repositories WHERE name = %s)", tag, repository)
