"""Argon2 as the site uses it, at the least cost: tests log in some thousand times."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class QuickArgon2(Argon2PasswordHasher):
    """The same hash with one pass, one lane and the least memory (in KiB)."""

    time_cost = 1
    memory_cost = 8
    parallelism = 1
