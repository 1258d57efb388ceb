"""The schemes by the name that the protocol gives them: a new scheme is a file and a line here."""

from collections.abc import Mapping

from equipoise.randomise.scheme import Scheme
from equipoise.randomise.schemes.big_stick import allocate_by_big_stick
from equipoise.randomise.schemes.block_urn import allocate_by_block_urn
from equipoise.randomise.schemes.minimisation import allocate_by_minimisation
from equipoise.randomise.schemes.permuted_blocks import allocate_by_permuted_blocks
from equipoise.randomise.schemes.simple import allocate_simply

SCHEMES: Mapping[str, Scheme] = {
    "permuted_blocks": allocate_by_permuted_blocks,
    "minimisation": allocate_by_minimisation,
    "simple": allocate_simply,
    "big_stick": allocate_by_big_stick,
    "block_urn": allocate_by_block_urn,
}
