"""The sealed sequence opened with the key that the site was started with."""

from functools import lru_cache

from django.conf import settings
from django.utils.translation import gettext as _

from equipoise.randomise.sealed_seed import KeyRefusedError, Seed, open_seed
from equipoise.store.models import SealedSeed
from equipoise.store.refusals import ClosedError


def find_seed() -> Seed:
    """The seed of the trial; ClosedError says what is missing and whom to ask."""
    sealed = SealedSeed.objects.values_list("sealed", flat=True).first()
    if sealed is None:
        raise ClosedError(
            _("Nobody can be randomised yet: the randomisation statistician has not fixed the "
              "sequence.")
        )  # fmt: skip
    if not settings.RANDOMISATION_KEY:
        raise ClosedError(
            _("Nobody can be randomised now: the site was started without the key of the "
              "randomisation. Ask the administrator to start it with the key; nothing is lost.")
        )  # fmt: skip
    try:
        return _open(sealed, settings.RANDOMISATION_KEY)
    except KeyRefusedError as refused:
        raise ClosedError(
            _("Nobody can be randomised now: the key that the site was started with does not open "
              "the sequence. Ask the administrator to start it with the right one.")
        ) from refused  # fmt: skip


@lru_cache(maxsize=2)  # to open a seal takes a tenth of a second on purpose
def _open(sealed: str, key: str) -> Seed:
    return open_seed(sealed, key=key)
