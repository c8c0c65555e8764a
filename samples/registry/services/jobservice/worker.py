"""Jobs when they are due or asked for. The schedule is kept in Redis, so a restart neither repeats nor forgets one."""

import time


class Worker:
    """`kinds`: name → function that does the job and returns a line about it; `every`: name → seconds between two."""

    def __init__(self, jobs, kinds, every, now=time.time):
        self.jobs = jobs
        self.kinds = kinds
        self.every = every
        self.now = now

    def turn(self, patience):
        """Waits at most `patience` seconds for a request, then does what was asked for and what is due."""
        self.jobs.beat()
        asked = self.jobs.take(patience)
        if asked in self.kinds:
            self.do(asked)
        for kind in self.due():
            self.do(kind)

    def due(self):
        found = []
        for kind, seconds in self.every.items():
            at = self.jobs.due_at(kind)
            if at is None or at > self.now() + seconds:  # never planned, or planned with a longer interval
                self.jobs.set_due(kind, self.now() + seconds)
            elif at <= self.now():
                found.append(kind)
        return found

    def do(self, kind):
        if kind in self.every:
            self.jobs.set_due(kind, self.now() + self.every[kind])
        try:
            text, ok = self.kinds[kind](), True
        except Exception as error:
            text, ok = str(error), False
        print(f"{kind}: {text}", flush=True)
        ended_at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.now()))
        self.jobs.keep_result({"kind": kind, "endedAt": ended_at, "ok": ok, "text": text})
