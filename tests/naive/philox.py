"""Philox4x32-10 as the paper words it, with Python's own whole numbers (Salmon 2011, section 4)."""

MASK = 0xFFFFFFFF


def philox4x32_10(counter: tuple[int, ...], key: tuple[int, int]) -> tuple[int, ...]:
    """Four 32-bit words of a counter of four words and a key of two."""
    for round_number in range(10):
        round_key = [
            (key[0] + round_number * 0x9E3779B9) & MASK,
            (key[1] + round_number * 0xBB67AE85) & MASK,
        ]
        high_0, low_0 = divmod(0xD2511F53 * counter[0], 2**32)
        high_1, low_1 = divmod(0xCD9E8D57 * counter[2], 2**32)
        counter = (
            high_1 ^ counter[1] ^ round_key[0],
            low_1,
            high_0 ^ counter[3] ^ round_key[1],
            low_0,
        )
    return counter


def uniform(seed: int, replicate: int, subject: int, purpose: int, index: int) -> float:
    """The draw with this name: the leading 52 bits of two words, in the middle of their step."""
    words = philox4x32_10((index // 2, subject, replicate, purpose), (seed % 2**32, seed // 2**32))
    high, low = words[2:] if index % 2 else words[:2]
    return (int(f"{high:032b}{low:032b}"[:52], 2) + 0.5) / 2**52
