import contextlib
import io
import unittest

from jobs import Jobs
from jobservice.work import collect_garbage
from jobservice.worker import Worker
from tests.fakes import FakeRedis


class Working(unittest.TestCase):
    def setUp(self):
        self.jobs = Jobs(FakeRedis())
        self.now = 1000.0
        self.done = []

    def worker(self, every):
        kinds = {"gc": lambda: self.done.append("gc") or "done", "broken": self.fail_on_purpose}
        return Worker(self.jobs, kinds, every, now=lambda: self.now)

    def fail_on_purpose(self):
        raise OSError("no answer")

    def turn(self, worker):
        with contextlib.redirect_stdout(io.StringIO()):
            worker.turn(0)

    def test_on_schedule_also_after_a_restart(self):
        self.turn(self.worker({"gc": 60}))
        self.assertEqual(self.done, [], "the first is due after an interval")
        self.now += 59
        self.turn(self.worker({"gc": 60}))
        self.assertEqual(self.done, [])
        self.now += 1
        self.turn(self.worker({"gc": 60}))
        self.turn(self.worker({"gc": 60}))
        self.assertEqual(self.done, ["gc"])

    def test_a_shorter_interval_counts_at_once(self):
        self.turn(self.worker({"gc": 86400}))
        worker = self.worker({"gc": 10})
        self.turn(worker)
        self.now += 10
        self.turn(worker)
        self.assertEqual(self.done, ["gc"])

    def test_on_request(self):
        self.jobs.ask("gc")
        worker = self.worker({"gc": 60})
        self.turn(worker)
        self.assertEqual(self.done, ["gc"])
        self.assertEqual(self.jobs.results()[0]["text"], "done")

    def test_goes_on_after_a_failure_and_says_so(self):
        self.jobs.ask("broken")
        worker = self.worker({})
        self.turn(worker)
        self.assertEqual((self.jobs.results()[0]["ok"], self.jobs.results()[0]["text"]), (False, "no answer"))

    def test_what_nobody_knows_is_not_done(self):
        self.jobs.redis.call("LPUSH", "jobs:queue", "sing")
        self.turn(self.worker({}))
        self.assertEqual(self.jobs.results(), [])


class Collecting(unittest.TestCase):
    def test_is_read_only_meanwhile_and_empties_the_cache(self):
        jobs, cache = Jobs(FakeRedis()), FakeRedis()
        cache.call("SET", "blob", "here")
        seen = []
        result = collect_garbage(jobs, cache, lambda: seen.append(jobs.is_collecting()) or {"text": "3 removed"}, 5, sleep=seen.append)
        self.assertEqual((result, seen), ("3 removed", [5, True]))
        self.assertFalse(jobs.is_collecting())
        self.assertIsNone(cache.call("GET", "blob"))

    def test_opens_again_after_a_failure(self):
        jobs = Jobs(FakeRedis())
        with self.assertRaises(ZeroDivisionError):
            collect_garbage(jobs, FakeRedis(), lambda: 1 // 0, 0)
        self.assertFalse(jobs.is_collecting())


if __name__ == "__main__":
    unittest.main()
