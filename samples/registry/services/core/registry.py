"""The registry behind us, asked with tokens that we sign ourselves."""

import json
import urllib.error
import urllib.parse
import urllib.request

from core import tokens

MANIFESTS = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)

# The registry gives no more at once.
PAGE = 1000


class Registry:
    def __init__(self, settings, signer):
        self.settings = settings
        self.signer = signer

    def repositories(self):
        access = [{"type": "registry", "name": "catalog", "actions": ["*"]}]
        found = []
        while True:
            last = urllib.parse.quote(found[-1], safe="") if found else ""
            page = json.loads(self.ask("GET", f"/v2/_catalog?n={PAGE}&last={last}", access).read())["repositories"]
            found.extend(page)
            if len(page) < PAGE:
                return found

    def tags(self, repository):
        answer = self.ask("GET", f"/v2/{repository}/tags/list", pull(repository))
        return (json.loads(answer.read())["tags"] or []) if answer else []

    def artifact(self, repository, reference):
        """Digest, media type and total size of what a tag or digest names; None when there is no such manifest."""
        answer = self.ask("GET", f"/v2/{repository}/manifests/{reference}", pull(repository))
        if answer is None:
            return None
        text = answer.read()
        manifest = json.loads(text)
        parts = [manifest["config"], *manifest["layers"]] if "layers" in manifest else []
        children = [self.artifact(repository, child["digest"]) for child in manifest.get("manifests", [])]
        return {
            "digest": answer.headers["Docker-Content-Digest"],
            "media_type": answer.headers["Content-Type"],
            "size_bytes": len(text) + sum(part["size"] for part in parts) + sum(child["size_bytes"] for child in children if child),
        }

    def delete(self, repository, digest):
        """Deletes a manifest; layers stay until garbage is collected. Nothing happens when it is gone already."""
        self.ask("DELETE", f"/v2/{repository}/manifests/{digest}", [{"type": "repository", "name": repository, "actions": ["delete"]}])

    def ask(self, method, path, access):
        payload = tokens.claims("core", access, self.settings)
        headers = {"Authorization": f"Bearer {tokens.sign(payload, *self.signer)}", "Accept": ", ".join(MANIFESTS)}
        request = urllib.request.Request(self.settings.registry_url + path, method=method, headers=headers)
        try:
            return urllib.request.urlopen(request, timeout=20)
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return None
            raise


def pull(repository):
    return [{"type": "repository", "name": repository, "actions": ["pull"]}]
