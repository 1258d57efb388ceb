"""The schemes by the name that the protocol gives them: a new scheme is a file and a line here."""

from collections.abc import Mapping

from equipoise.randomise.scheme import Scheme
from equipoise.randomise.schemes.permuted_blocks import allocate_by_permuted_blocks

SCHEMES: Mapping[str, Scheme] = {"permuted_blocks": allocate_by_permuted_blocks}
