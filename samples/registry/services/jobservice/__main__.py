"""`python3 -m jobservice` works until SIGTERM; with `--check` it says whether the worker is alive."""

import os
import sys
import time

from http_service import end_on_sigterm
from jobs import Jobs
from jobservice import work
from jobservice.worker import Worker
from redis_client import Redis, RedisError
from secret_file import secret

BEAT_SECONDS = 5


def main():
    end_on_sigterm()
    jobs = Jobs(Redis())
    token = secret("internal-secret")
    core = os.environ.get("CORE_URL", "http://core:8080")
    registryctl = os.environ.get("REGISTRYCTL_URL", "http://registryctl:8080")
    drain = int(os.environ.get("GC_DRAIN_SECONDS", "360"))
    # Database 1 of Redis is the registry's.
    cache = Redis(database=1)
    kinds = {
        "gc": lambda: work.collect_garbage(
            jobs, cache, lambda: work.post(f"{registryctl}/collect", token, work.LONGEST_COLLECTION), drain
        ),
        "synchronise": lambda: f"{work.post(f'{core}/internal/synchronise', token, 600)['differences']} differences",
    }
    every = {
        "gc": int(os.environ.get("GC_EVERY_SECONDS", "86400")),
        "synchronise": int(os.environ.get("SYNCHRONISE_EVERY_SECONDS", "3600")),
    }
    worker = Worker(jobs, kinds, every)
    print(f"working: {', '.join(f'{kind} every {seconds} s' for kind, seconds in every.items())}", flush=True)
    is_open = False
    while True:
        try:
            if not is_open:
                jobs.set_collecting(0)  # a collection may have been cut short with us
                is_open = True
            worker.turn(BEAT_SECONDS)
        except (OSError, RedisError) as error:
            print(f"Redis does not answer: {error}", flush=True)
            time.sleep(1)


def check():
    # A job may take long; the beat stops meanwhile, and the worker is well all the same.
    jobs = Jobs(Redis())
    if jobs.seconds_since_beat() > 6 * BEAT_SECONDS and not jobs.is_collecting():
        sys.exit("unhealthy: no sign of life in Redis")


if __name__ == "__main__":
    check() if "--check" in sys.argv else main()
