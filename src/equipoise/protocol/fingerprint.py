"""The fingerprint of a protocol: a digest of what it says, whatever the layout of its text."""

import hashlib
import json

from equipoise.protocol.model import Protocol


def fingerprint(protocol: Protocol) -> str:
    """The SHA-256 of the canonical JSON of the protocol, as 64 hexadecimal digits."""
    said = protocol.model_dump(mode="json")
    said["form"] = sorted(said["form"], key=lambda form: form["form"])
    canonical = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8")).hexdigest()
