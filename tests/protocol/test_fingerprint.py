"""The fingerprint follows what the protocol says, not how it is laid out."""

from equipoise.protocol.fingerprint import fingerprint
from equipoise.protocol.model import Protocol
from equipoise.protocol.parse import parse_protocol, shipped_protocol
from protocol.trial_texts import parse_planted, reference_texts


def _protocol(texts: dict[str, str]) -> Protocol:
    protocol = parse_protocol(texts).protocol
    assert protocol is not None
    return protocol


def test_comments_and_file_names_do_not_change_the_fingerprint() -> None:
    texts = reference_texts()
    texts["trial.toml"] = "# a comment\n" + texts["trial.toml"] + "\n\n"
    texts["forms/zz.toml"] = texts.pop("forms/ae.toml")

    assert fingerprint(_protocol(texts)) == fingerprint(shipped_protocol())


def test_one_changed_word_changes_the_fingerprint() -> None:
    planted = parse_planted(
        "trial.toml", old='label = "Overall survival"', new='label = "Survival"'
    )
    assert planted.protocol is not None

    assert fingerprint(planted.protocol) != fingerprint(shipped_protocol())


def test_the_fingerprint_is_64_hexadecimal_digits() -> None:
    digits = fingerprint(shipped_protocol())

    assert len(digits) == 64
    assert int(digits, 16) >= 0
