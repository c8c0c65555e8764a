import base64
import json
import os
import pathlib
import socketserver
import tempfile
import threading
import unittest

from core.passwords import digest_password, is_password
from core.settings import Settings
from core.tokens import claims, sign
from redis_client import Redis, RedisError
from registryctl import storage


class Passwords(unittest.TestCase):
    def test_are_recognised_and_salted(self):
        stored = digest_password("Žluťoučký kůň")
        self.assertTrue(is_password("Žluťoučký kůň", stored))
        self.assertFalse(is_password("Zlutoucky kun", stored))
        self.assertNotEqual(stored, digest_password("Žluťoučký kůň"))


class Tokens(unittest.TestCase):
    def test_are_three_parts_that_the_key_signed(self):
        settings = Settings(0, "", "the issuer", "the service", 300, 0, "")
        payload = claims("ann", [], settings, now=1000)
        self.assertEqual((payload["iss"], payload["aud"], payload["sub"]), ("the issuer", "the service", "ann"))
        self.assertEqual((payload["nbf"], payload["exp"]), (995, 1300))
        signed = []
        token = sign(payload, lambda data: signed.append(data) or b"\xff\xfe", b"certificate")
        header, body, signature = token.split(".")
        self.assertEqual(signed, [f"{header}.{body}".encode()])
        self.assertEqual(signature, "__4")
        decoded = json.loads(base64.urlsafe_b64decode(header + "=="))
        self.assertEqual(decoded, {"typ": "JWT", "alg": "RS256", "x5c": [base64.b64encode(b"certificate").decode()]})


class RedisClient(unittest.TestCase):
    def test_speaks_the_protocol(self):
        received = []
        replies = iter([b"+OK\r\n:42\r\n", b"+OK\r\n$-1\r\n", b"+OK\r\n*2\r\n$1\r\na\r\n$4\r\n\xc3\xa9\r\n\r\n", b"+OK\r\n-ERR no\r\n"])

        class Server(socketserver.BaseRequestHandler):
            def handle(self):
                received.append(self.request.recv(4096))
                self.request.sendall(next(replies))

        with socketserver.TCPServer(("127.0.0.1", 0), Server) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            redis = Redis("127.0.0.1", server.server_address[1], database=1)
            self.assertEqual(redis.call("INCR", "né"), 42)
            self.assertIsNone(redis.call("GET", "x"))
            self.assertEqual(redis.call("BRPOP", "q", 1), ["a", "é\r\n"])
            with self.assertRaisesRegex(RedisError, "ERR no"):
                redis.call("SING")
            server.shutdown()
        self.assertEqual(received[0], "*2\r\n$6\r\nSELECT\r\n$1\r\n1\r\n*2\r\n$4\r\nINCR\r\n$3\r\nné\r\n".encode())


class Storage(unittest.TestCase):
    def test_an_upload_that_gets_data_is_one(self):
        with tempfile.TemporaryDirectory() as directory:
            data = pathlib.Path(directory, "docker/registry/v2/repositories/library/a/_uploads/1/data")
            data.parent.mkdir(parents=True)
            self.assertFalse(storage.is_uploading(directory))
            data.write_bytes(b"x")
            os.utime(data, (1000, 1000))
            self.assertTrue(storage.is_uploading(directory, now=1010))
            self.assertFalse(storage.is_uploading(directory, now=1000 + storage.QUIET_SECONDS + 1), "left behind")

    def test_says_what_was_removed(self):
        text = "library/a\n\n12 blobs marked, 3 blobs and 1 manifests eligible for deletion\nblob eligible for deletion: sha256:1"
        self.assertEqual(storage.summary(text), "3 blobs and 1 manifests removed, 12 blobs kept")
        self.assertEqual(storage.summary(""), "nothing to collect")


if __name__ == "__main__":
    unittest.main()
