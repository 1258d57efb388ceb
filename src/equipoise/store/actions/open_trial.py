"""Open the trial: its first protocol version, before anybody has a role."""

from collections.abc import Mapping
from dataclasses import asdict, replace

from equipoise.capture.roles import Verb
from equipoise.store.actions.upload_protocol import decide_upload
from equipoise.store.deed import Decision, Deed, Done, Place
from equipoise.store.gate import perform
from equipoise.store.models import ProtocolVersion
from equipoise.store.read_rehearsed import Rehearsed
from equipoise.store.refusals import TakenError
from equipoise.store.tables import Plain


def open_trial(texts: Mapping[str, str], *, deed: Deed, rehearsed: Rehearsed | None = None) -> Done:
    """The trial opened with the protocol that `texts` say; TakenError when it is open.

    `rehearsed` says for ever that no patient is in it.
    """
    said: dict[str, Plain] = {"rehearsal": asdict(rehearsed)} if rehearsed else {}

    def decide() -> Decision:
        if ProtocolVersion.objects.exists():
            raise TakenError("the trial is open: bring in further versions as amendments")
        decided = decide_upload(texts)
        return replace(decided, note={**decided.note, **said})

    return perform(
        Verb.OPEN_TRIAL,
        deed=deed,
        place=Place(),
        asked={"texts": dict(texts), **said},
        decide=lambda _now: decide(),
    )
