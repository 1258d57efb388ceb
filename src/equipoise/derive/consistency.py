"""Entries that do not fit what is derived from them: soft findings, each asks a question.

Edit checks see one form and its neighbours; what needs a derived value is asked here. To add a
question: a function from `Evidence` to `tell_rows` and a `Check` in the tuple of a file
`consistency_<subject>.py`; a new file's tuple is one line in `CHECKS`. The page
docs/reference/derivation.md has the same questions, in the same order.
"""

from equipoise.capture.derived_items import complete
from equipoise.capture.frames import Frames
from equipoise.derive.consistency_check import Check, Evidence, ask
from equipoise.derive.consistency_dose import DOSE_CHECKS
from equipoise.derive.consistency_events import EVENT_CHECKS
from equipoise.derive.consistency_laboratory import LABORATORY_CHECKS
from equipoise.derive.consistency_lesions import LESION_CHECKS
from equipoise.derive.consistency_responses import RESPONSE_CHECKS
from equipoise.derive.consistency_sizes import SIZE_CHECKS
from equipoise.derive.consistency_visits import VISIT_CHECKS
from equipoise.derive.expected_forms import with_expected
from equipoise.derive.left_out import put_in_order
from equipoise.derive.schemas import Datasets
from equipoise.protocol.model import Protocol
from equipoise.vocab.finding import Finding

CHECKS: tuple[Check, ...] = (
    *VISIT_CHECKS,
    *LESION_CHECKS,
    *SIZE_CHECKS,
    *RESPONSE_CHECKS,
    *EVENT_CHECKS,
    *DOSE_CHECKS,
    *LABORATORY_CHECKS,
)


def check_consistency(
    datasets: Datasets, *, frames: Frames, protocol: Protocol
) -> tuple[Finding, ...]:
    """Every soft finding, check by check, in the order of the entries.

    `frames` are the entries from which `datasets` were derived, as of the same cut.
    """
    once, _ = put_in_order(frames)
    forms = with_expected(complete(once, protocol))
    given = Evidence(forms=forms, datasets=datasets, protocol=protocol)
    return tuple(finding for check in CHECKS for finding in ask(check, given=given))
