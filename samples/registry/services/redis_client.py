"""The few commands of Redis that the services use, over a connection per call: simple, and safe between threads."""

import os
import socket


class RedisError(Exception):
    pass


class Redis:
    def __init__(self, host=None, port=None, database=0):
        self.host = host or os.environ.get("REDIS_HOST", "redis")
        self.port = int(port or os.environ.get("REDIS_PORT", "6379"))
        self.database = database

    def call(self, *words, patience=5):
        """The reply to one command: str, int, None or a list of them. `patience` in seconds."""
        with socket.create_connection((self.host, self.port), timeout=patience) as connection:
            stream = connection.makefile("rwb")
            for command in (("SELECT", self.database), words):
                stream.write(encode(command))
            stream.flush()
            read_reply(stream)
            return read_reply(stream)


def encode(words):
    parts = [str(word).encode() for word in words]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)


def read_reply(stream):
    line = stream.readline()
    if not line.endswith(b"\r\n"):
        raise RedisError("the connection ended")
    kind, text = line[:1], line[1:-2].decode()
    if kind == b"-":
        raise RedisError(text)
    if kind == b"+":
        return text
    length = int(text)
    if kind == b":":
        return length
    if kind == b"$":
        return None if length < 0 else stream.read(length + 2)[:-2].decode()
    return None if length < 0 else [read_reply(stream) for _ in range(length)]
