"""Requests that the store refuses: each says what the person can do."""

from equipoise.vocab.finding import Finding


class RefusedError(Exception):
    """A request that was not carried out: nothing of it is written."""


class NotAllowedError(RefusedError):
    """The person has no role that may do this here."""


class StaleVersionError(RefusedError):
    """Someone else saved the entry since it was read."""


class AlreadyRandomisedError(RefusedError):
    """The subject has an arm: there is no second randomisation."""


class NotEligibleError(RefusedError):
    """Eligibility is not signed, or a criterion is not met."""


class RequestReusedError(RefusedError):
    """The request id belongs to another request."""


class ReasonMissingError(RefusedError):
    """What is complete changes only with a reason."""


class ClosedError(RefusedError):
    """The site or the thing is closed, or made by another deed."""


class WrongPasswordError(RefusedError):
    """The password given with a signature is not that of the signer."""


class UnknownError(RefusedError):
    """There is no such thing in this trial."""


class TakenError(RefusedError):
    """There is such a thing already."""


class TextRefusedError(RefusedError):
    """A text holds a character that cannot be kept."""


class DigestRefusedError(RefusedError):
    """What was given as a digest of the ledger is none, or only the start of one."""


class FindingsError(RefusedError):
    """Values that stop the deed; `findings` tells all of them."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("\n".join(str(finding) for finding in findings))
        self.findings = findings
