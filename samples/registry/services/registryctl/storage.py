"""The registry's files."""

import pathlib
import re
import subprocess
import time

QUIET_SECONDS = 30


def is_uploading(storage, now=None):
    """Whether some upload has got data lately. Those left behind by clients that went away do not count."""
    now = time.time() if now is None else now
    uploads = pathlib.Path(storage).glob("docker/registry/v2/repositories/**/_uploads/*/data")
    return any(now - path.stat().st_mtime < QUIET_SECONDS for path in uploads)


def collect_garbage(config):
    """Runs the registry's own collection and says what it removed. Raises with its last words when it fails."""
    command = ["docker-registry", "garbage-collect", config]
    result = subprocess.run(command, capture_output=True, text=True, timeout=3600, check=False)
    if result.returncode != 0:
        raise RuntimeError(f"garbage-collect ended with status {result.returncode}: {result.stderr.strip()[-500:]}")
    return summary(result.stdout)


def summary(output):
    found = re.search(r"(\d+) blobs marked, (\d+) blobs and (\d+) manifests eligible for deletion", output)
    if found is None:
        return "nothing to collect"
    kept, blobs, manifests = found.groups()
    return f"{blobs} blobs and {manifests} manifests removed, {kept} blobs kept"
