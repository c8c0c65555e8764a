"""The guestbook's application: keeps entries in PostgreSQL and serves them behind a proxy.

GET /entries.json lists the latest entries, POST /entries (form field `text`, optional `author`) adds one,
GET /healthz answers 200 while the database does. `app.py --check` asks /healthz: the container's health check.
"""

import contextlib
import json
import os
import signal
import sys
import urllib.error
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg2

PORT = int(os.environ.get("PORT", "8000"))
TITLE = os.environ.get("GUESTBOOK_TITLE", "Guestbook")
PASSWORD_FILE = os.environ.get("PGPASSWORD_FILE", "/run/secrets/db-password")
LONGEST_BODY = 16_384

TABLE = """CREATE TABLE IF NOT EXISTS entries (
  id BIGSERIAL PRIMARY KEY, author TEXT NOT NULL, text TEXT NOT NULL, written_at TIMESTAMPTZ NOT NULL DEFAULT now())"""
LATEST = "SELECT id, author, text, to_char(written_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') FROM entries ORDER BY id DESC LIMIT 100"
ADD = "INSERT INTO entries (author, text) VALUES (%s, %s)"


def query(statement, parameters=()):
    """Rows of one statement; host, user and database come from PGHOST, PGUSER and PGDATABASE."""
    with open(PASSWORD_FILE, encoding="utf-8") as file:
        password = file.read().strip()
    with contextlib.closing(psycopg2.connect(password=password, connect_timeout=3)) as connection:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/entries.json":
            entries = [dict(zip(("id", "author", "text", "writtenAt"), row)) for row in query(LATEST)]
            self.answer(200, json.dumps({"title": TITLE, "entries": entries}))
        elif self.path == "/healthz":
            query("SELECT 1")
            self.answer(200, json.dumps({"status": "ok"}))
        else:
            self.answer(404, json.dumps({"error": "no such page"}))

    def do_POST(self):
        length = int(self.headers.get("Content-Length", "0"))
        form = urllib.parse.parse_qs(self.rfile.read(min(length, LONGEST_BODY)).decode("utf-8", "replace"))
        text = form.get("text", [""])[0].strip()[:1000]
        author = form.get("author", [""])[0].strip()[:100] or "somebody"
        if self.path != "/entries" or not text:
            self.answer(400, json.dumps({"error": "post a text to /entries"}))
            return
        query(ADD, (author, text))
        self.answer(303, "", {"Location": "/"})

    def answer(self, status, body, headers=None):
        data = body.encode("utf-8")
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": len(data), **(headers or {})}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(data)

    def log_request(self, code="-", size="-"):
        if self.path != "/healthz":
            super().log_request(code, size)

    def handle_one_request(self):
        try:
            super().handle_one_request()
        except psycopg2.OperationalError as error:
            self.log_message("database: %s", str(error).strip())
            self.answer(503, json.dumps({"error": "the database does not answer"}))


def check():
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{PORT}/healthz", timeout=2)
    except (OSError, urllib.error.URLError) as error:
        sys.exit(f"unhealthy: {error}")


def serve():
    # The first process of a container gets no default action for SIGTERM.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    query(TABLE)
    server = ThreadingHTTPServer(("", PORT), Handler)
    print(f"{TITLE} listens on port {PORT}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    check() if "--check" in sys.argv else serve()
