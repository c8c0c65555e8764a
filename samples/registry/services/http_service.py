"""A small HTTP service: a table of routes, JSON in and out, errors as exceptions, one log line a request."""

import json
import re
import signal
import sys
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LONGEST_BODY = 4 << 20


class HttpError(Exception):
    """Ends a request with this status; the text goes to the client."""

    def __init__(self, status, text, headers=None):
        super().__init__(text)
        self.status = status
        self.headers = headers or {}


class Answer:
    def __init__(self, body=None, status=200, headers=None):
        self.body = body
        self.status = status
        self.headers = headers or {}


class Request:
    def __init__(self, handler):
        path, _, query = handler.path.partition("?")
        self.method = handler.command
        self.path = urllib.parse.unquote(path)
        self.headers = handler.headers
        self.query = urllib.parse.parse_qs(query)
        self.body = b""

    def parameter(self, name, default=""):
        return self.query.get(name, [default])[0]

    def json(self):
        """The body's object; 415 for another type (a page elsewhere cannot send this one unasked), 400 when broken."""
        if self.headers.get_content_type() not in ("application/json", "application/vnd.docker.distribution.events.v1+json"):
            raise HttpError(415, "send application/json")
        try:
            value = json.loads(self.body)
        except ValueError:
            raise HttpError(400, "the body is not JSON") from None
        if not isinstance(value, dict):
            raise HttpError(400, "the body must be a JSON object")
        return value

    def form(self):
        return {name: values[0] for name, values in urllib.parse.parse_qs(self.body.decode("utf-8", "replace")).items()}


class Routes:
    """`add("GET /things/<name>", function)`: the function gets the request and the path's parts; `<path:name>` matches slashes too."""

    def __init__(self):
        self.table = []

    def add(self, route, function):
        method, path = route.split(" ")
        pattern = re.sub(r"<(path:)?(\w+)>", lambda part: f"(?P<{part[2]}>{'.+' if part[1] else '[^/]+'})", path)
        self.table.append((method, re.compile(pattern), function))

    def answer(self, request):
        allowed = []
        for method, pattern, function in self.table:
            match = pattern.fullmatch(request.path)
            if match and method == request.method:
                result = function(request, **match.groupdict())
                return result if isinstance(result, Answer) else Answer(result)
            if match:
                allowed.append(method)
        if allowed:
            raise HttpError(405, "method not allowed", {"Allow": ", ".join(allowed)})
        raise HttpError(404, "no such page")


def handler_for(routes, quiet_paths):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 60

        def handle_any(self):
            self.close_connection = True
            request = Request(self)
            try:
                length = int(self.headers.get("Content-Length", "0"))
                if length > LONGEST_BODY:
                    raise HttpError(413, "the body is too long")
                request.body = self.rfile.read(length)
                answer = routes.answer(request)
            except HttpError as error:
                answer = Answer({"error": str(error)}, error.status, error.headers)
            except Exception as error:  # a bug or a part that does not answer: the service goes on
                print(f"{request.method} {request.path}: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
                answer = Answer({"error": "this service has a problem; its log says which"}, 503)
            self.write(answer)

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = handle_any

        def write(self, answer):
            data = b"" if answer.body is None else json.dumps(answer.body).encode()
            self.send_response(answer.status)
            headers = {"Content-Type": "application/json", "Cache-Control": "no-store", **answer.headers}
            for name, value in {**headers, "Content-Length": len(data), "Connection": "close"}.items():
                self.send_header(name, str(value))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

        def log_request(self, code="-", size="-"):
            if self.path not in quiet_paths:
                super().log_request(code, size)

        def log_message(self, format, *args):
            print(f"{self.address_string()} {format % args}", flush=True)

    return Handler


def end_on_sigterm():
    """To be called first: the first process of a container gets no default action for signals, so it sets one."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))


def serve(routes, port, quiet_paths=()):
    """Serves until the process ends."""
    server = ThreadingHTTPServer(("", port), handler_for(routes, quiet_paths))
    server.daemon_threads = True
    print(f"listening on port {port}", flush=True)
    server.serve_forever()
