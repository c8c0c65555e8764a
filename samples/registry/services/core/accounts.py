"""Who asks: basic authentication, or the cookie of a session, which Redis keeps."""

import base64
import hashlib
import hmac
import http.cookies
import json
import secrets
import threading

from core import passwords
from http_service import HttpError

COOKIE = "registry_session"
# What is compared with for a name that does not exist, so that the time taken does not tell.
NOBODY = passwords.digest_password("nobody")


class Accounts:
    def __init__(self, store, redis, session_seconds):
        self.store = store
        self.redis = redis
        self.session_seconds = session_seconds
        self.known = RecentLogins()

    def log_in(self, name, password):
        """The user with this name and password, or 401."""
        user, stored = self.store.user(name)
        if self.known.has(name, password, stored):
            return user
        if not passwords.is_password(password, stored or NOBODY) or user is None:
            raise HttpError(401, "wrong user name or password", {"WWW-Authenticate": 'Basic realm="registry"'})
        self.known.add(name, password, stored)
        return user

    def user_of(self, request):
        """The user of a request; None when it says nothing about one."""
        kind, _, value = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() == "basic":
            return self.log_in(*basic_credentials(value))
        session = self.session_of(request)
        name = self.redis.call("GET", f"session:{session}") if session else None
        return self.store.user(json.loads(name))[0] if name else None

    def must_be_user(self, request):
        user = self.user_of(request)
        if user is None:
            raise HttpError(401, "log in first")
        return user

    def must_be_admin(self, request):
        user = self.must_be_user(request)
        if not user.is_admin:
            raise HttpError(403, "only an administrator may do this")
        return user

    def open_session(self, user):
        """A new session's Set-Cookie header."""
        session = secrets.token_urlsafe(32)
        self.redis.call("SET", f"session:{session}", json.dumps(user.name), "EX", self.session_seconds)
        return f"{COOKIE}={session}; Path=/; HttpOnly; Secure; SameSite=Strict; Max-Age={self.session_seconds}"

    def close_session(self, request):
        session = self.session_of(request)
        if session:
            self.redis.call("DEL", f"session:{session}")
        return f"{COOKIE}=; Path=/; HttpOnly; Secure; SameSite=Strict; Max-Age=0"

    @staticmethod
    def session_of(request):
        cookie = http.cookies.SimpleCookie(request.headers.get("Cookie", "")).get(COOKIE)
        return cookie.value if cookie else None


class RecentLogins:
    """Right answers of the last few users, since a push asks for many tokens and scrypt is slow on purpose."""

    def __init__(self, most=100):
        self.most = most
        self.key = secrets.token_bytes(32)
        self.entries = {}
        self.lock = threading.Lock()

    def has(self, name, password, stored):
        with self.lock:
            return stored is not None and hmac.compare_digest(self.entries.get(name, b""), self.mark(name, password, stored))

    def add(self, name, password, stored):
        with self.lock:
            self.entries.pop(name, None)
            self.entries[name] = self.mark(name, password, stored)
            while len(self.entries) > self.most:
                del self.entries[next(iter(self.entries))]

    def mark(self, *parts):
        return hmac.new(self.key, json.dumps(parts).encode(), hashlib.sha256).digest()


def basic_credentials(value):
    try:
        name, colon, password = base64.b64decode(value, validate=True).decode().partition(":")
    except ValueError:
        name, colon, password = "", "", ""
    if not colon:
        raise HttpError(401, "the Authorization header is broken")
    return name, password
