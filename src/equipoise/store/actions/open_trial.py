"""Open the trial: its first protocol version, before anybody has a role."""

from collections.abc import Mapping

from equipoise.capture.roles import Verb
from equipoise.store.actions.upload_protocol import decide_upload
from equipoise.store.deed import Decision, Deed, Done, Place
from equipoise.store.gate import perform
from equipoise.store.models import ProtocolVersion
from equipoise.store.refusals import TakenError


def open_trial(texts: Mapping[str, str], *, deed: Deed) -> Done:
    """The trial opened with the protocol that `texts` say; TakenError when it is open."""

    def decide() -> Decision:
        if ProtocolVersion.objects.exists():
            raise TakenError("the trial is open: bring in further versions as amendments")
        return decide_upload(texts)

    return perform(
        Verb.OPEN_TRIAL,
        deed=deed,
        place=Place(),
        asked={"texts": dict(texts)},
        decide=lambda _now: decide(),
    )
