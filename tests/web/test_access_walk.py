"""Every address of the site, walked by every role, for a GET and a POST, own site and another."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from equipoise.capture.roles import Role, Scope, scope_of
from equipoise.store.actions.add_account import Person, add_account
from equipoise.store.actions.grant_role import grant_role
from equipoise.store.deed import OPERATOR
from equipoise.store.embedded import Server
from store.people import by
from web.access_table import DOOR, GROUPS, LETTERS, TABLE
from web.visitors import WHO, log_in, screen_and_ask

Answers = dict[Role, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of the table: what a method answers, and to whom (None: it cannot be sent)."""

    name: str
    place: dict[str, str]
    get: Answers | None
    post: Answers | None


def cells(text: str) -> Iterator[list[str]]:
    """The cells of a table, line by line."""
    for line in text.strip().splitlines():
        yield [cell.strip() for cell in line.split("|")]


def place_of(cell: str) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in cell.split())


def read_rows(text: str) -> list[Row]:
    return [
        Row(name=name, place=place_of(place), get=_allowed(get), post=_allowed(post))
        for name, place, get, post in cells(text)
    ]


def _allowed(cell: str) -> Answers | None:
    """`200 inv sub; 404 bli`: what is answered to whom."""
    if cell == "-":
        return None
    told: dict[Role, int] = {}
    for part in cell.split(";"):
        status, *letters = part.split()
        for word in letters:
            told |= dict.fromkeys(GROUPS.get(word) or {LETTERS[word]}, int(status))
    return told


def patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    for each in resolver.url_patterns:
        if isinstance(each, URLResolver):
            yield from patterns(each)
        else:
            yield each


def address(row: Row, *, subject: str) -> str:
    told = {n: subject if v == "SUBJECT" else v for n, v in row.place.items()}
    return reverse(row.name, kwargs=told)


def ask(client: Client, method: str, url: str) -> int:
    answered: int = getattr(client, method)(url).status_code
    return answered


def expected(allowed: Answers | None, role: Role) -> int:
    return 405 if allowed is None else allowed.get(role, 403)


ROWS = read_rows(TABLE)


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    named = {str(pattern.name) for pattern in patterns(get_resolver())}
    rows = [row.name for row in ROWS] + [line[0] for line in cells(DOOR)]
    assert len(rows) == len(set(rows)), "a row stands twice"
    assert named == set(rows)


def test_every_page_of_ours_is_guarded_by_the_one_decorator() -> None:
    ours = {row.name for row in ROWS}
    bare = [p.name for p in patterns(get_resolver()) if not hasattr(p.callback, "rule")]
    assert ours.isdisjoint(bare)


def test_every_role_is_answered_what_the_table_says(site: Server) -> None:
    subject = screen_and_ask()
    wrong = []
    for role in Role:
        client = log_in(WHO[role])
        for row in ROWS:
            for method, allowed in (("get", row.get), ("post", row.post)):
                told = expected(allowed, role)
                answered = ask(client, method, address(row, subject=subject))
                if answered != told:
                    wrong.append(f"{role} {method} {row.name}: {answered}, not {told}")
    assert wrong == [], "\n".join(wrong)


def wander(role: Role, *, subject: str) -> Iterator[str]:
    """Where one of this role at site 02 is not answered what he should be."""
    username = f"far-{role.value}"
    add_account(Person(username=username, name=username), deed=by(OPERATOR))
    grant_role(username, role=role, site="02", deed=by(OPERATOR))
    client = log_in(username)
    for row in ROWS:
        if "SUBJECT" not in row.place.values():
            continue
        for method, allowed in (("get", row.get), ("post", row.post)):
            told = expected(allowed, role)
            told = 404 if allowed is not None and role in allowed else told
            answered = ask(client, method, address(row, subject=subject))
            if answered not in {told, 404}:  # a role barred from this form alone reads 404 as well
                yield f"{role} {method} {row.name}: {answered}, not {told}"


def test_another_site_finds_nothing_of_a_subject(site: Server) -> None:
    """Whoever could open the page at his own site is told that there is no such subject."""
    subject = screen_and_ask()
    local = [role for role in Role if scope_of(role) is not Scope.TRIAL]
    wrong = [line for role in local for line in wander(role, subject=subject)]
    assert len(local) >= 6
    assert wrong == [], "\n".join(wrong)


def test_nobody_reads_or_sends_a_page_without_a_log_in(site: Server) -> None:
    client = Client()
    for row in ROWS:
        url = address(row, subject=screen_and_ask())
        if row.get is not None:
            answer = client.get(url)
            assert answer.status_code == 302
            assert answer.headers["Location"].startswith(reverse("account_login") + "?next=")
        assert ask(client, "post", url) == (405 if row.post is None else 401), row.name


def test_the_door_answers_nobody_and_anybody_what_the_table_says(site: Server) -> None:
    wrong = []
    for name, place, nobody, anybody in cells(DOOR):
        for words, told in (("nobody", nobody), ("anybody", anybody)):
            for method, status in zip(("get", "post"), told.split(), strict=True):
                client = Client() if words == "nobody" else log_in("kim")
                answered = ask(client, method, reverse(name, kwargs=place_of(place)))
                if answered != int(status):
                    wrong.append(f"{words} {method} {name}: {answered}, not {status}")
    assert wrong == [], "\n".join(wrong)
