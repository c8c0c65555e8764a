"""What core and jobservice share in Redis: the queue of jobs, when each is due, how the last ones ended."""

import json
import time

KINDS = ("gc", "synchronise")
RESULTS_KEPT = 20


class Jobs:
    def __init__(self, redis):
        self.redis = redis

    def ask(self, kind):
        """One waiting job of a kind is enough."""
        self.redis.call("LREM", "jobs:queue", 0, kind)
        self.redis.call("LPUSH", "jobs:queue", kind)

    def take(self, patience):
        """The next job that somebody asked for, waiting for one this many seconds; None when nobody did."""
        reply = self.redis.call("BRPOP", "jobs:queue", patience, patience=patience + 5)
        return reply[1] if reply else None

    def due_at(self, kind):
        value = self.redis.call("GET", f"jobs:due:{kind}")
        return float(value) if value else None

    def set_due(self, kind, when):
        self.redis.call("SET", f"jobs:due:{kind}", when)

    def is_collecting(self):
        """While garbage is collected nobody gets a token to push."""
        return self.redis.call("EXISTS", "jobs:collecting") == 1

    def set_collecting(self, seconds):
        """For so long at most; 0 ends it."""
        if seconds:
            self.redis.call("SET", "jobs:collecting", "1", "EX", seconds)
        else:
            self.redis.call("DEL", "jobs:collecting")

    def beat(self):
        self.redis.call("SET", "jobs:alive", int(time.time()))

    def seconds_since_beat(self):
        value = self.redis.call("GET", "jobs:alive")
        return time.time() - float(value) if value else float("inf")

    def keep_result(self, result):
        self.redis.call("LPUSH", "jobs:results", json.dumps(result))
        self.redis.call("LTRIM", "jobs:results", 0, RESULTS_KEPT - 1)

    def results(self):
        """The latest first: kind, endedAt, ok, text."""
        return [json.loads(text) for text in self.redis.call("LRANGE", "jobs:results", 0, -1)]
