"""The jobs themselves."""

import json
import time
import urllib.request

LONGEST_COLLECTION = 3600


def collect_garbage(jobs, cache, call_registryctl, drain_seconds, sleep=time.sleep):
    """Removes layers that nothing needs. Pushing is refused meanwhile, and tokens given before have run out by then."""
    jobs.set_collecting(drain_seconds + LONGEST_COLLECTION)
    try:
        sleep(drain_seconds)
        result = call_registryctl()
        # The registry remembers here which layers it has; it would believe that those just removed are there.
        cache.call("FLUSHDB")
        return result["text"]
    finally:
        jobs.set_collecting(0)


def post(url, secret, patience):
    """The JSON that another service answers to an empty request."""
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
    request = urllib.request.Request(url, data=b"{}", method="POST", headers=headers)
    with urllib.request.urlopen(request, timeout=patience) as answer:
        return json.loads(answer.read())
