"""What a shop says of identifiers becomes records of links, or is refused with a reason and without its values."""

import hashlib
from collections.abc import Mapping

import pytest

from liveprofile.profiles.identity.identifier import Identifier
from liveprofile.profiles.identity.links import in_force
from liveprofile.profiles.identity.preview import Move, preview
from liveprofile.profiles.identity.record import Kind, LinkRecord
from liveprofile.profiles.identity.resolve import resolve
from liveprofile.profiles.identity.rules import starter
from liveprofile.profiles.identity.statement import UnusableError, blocked_identifiers, link_records


def pseudonym(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:32]


def said(kind: Kind, values: Mapping[str, tuple[str, ...]], source: int = 0) -> list[LinkRecord]:
    return link_records(kind, values, starter(), pseudonym, time_ms=1_000 + source, source=source)


USER = Identifier("user", pseudonym("user:u1"))
MAIL = Identifier("email", pseudonym("ids.email:ada@x.org"))
COOKIE = Identifier("anonymous", pseudonym("anonymous:c1"))


def test_a_login_links_all_its_identifiers_to_the_strongest_one() -> None:
    found = said("login", {"anonymous": ("c1",), "email": (" Ada@X.org",), "user": ("u1",)})
    assert [(one.a, one.b) for one in found] == [(USER, COOKIE), (USER, MAIL)]
    without_user = said("login", {"anonymous": ("c1",), "email": ("ada@x.org",)})
    assert [(one.a, one.b) for one in without_user] == [(MAIL, COOKIE)]


@pytest.mark.parametrize(
    ("kind", "values", "reason"),
    [
        ("login", {"user": ("u1",)}, "ONE_IDENTIFIER"),
        ("login", {"user": ("u1",), "anonymous": (" ",)}, "ONE_IDENTIFIER"),
        ("login", {"user": ("u1",), "anonymous": ("undefined",)}, "BLOCKED"),
        ("login", {"user": ("u1",), "anonymous": ("x" * 300,)}, "BAD_VALUE"),
        ("login", {"user": ("u1",), "fax": ("secret",)}, "UNKNOWN_TYPE"),
        ("link", {"user": ("u1", "u2")}, "TWO_USERS"),
        ("merge", {"user": ("u1", "u2"), "email": ("ada@x.org",)}, "NOT_TWO"),
    ],
)
def test_a_statement_that_links_nobody_has_a_reason(
    kind: Kind, values: Mapping[str, tuple[str, ...]], reason: str
) -> None:
    with pytest.raises(UnusableError) as caught:
        said(kind, values)
    assert caught.value.reason == reason
    for value in (value for several in values.values() for value in several):
        assert value == " " or value not in str(caught.value)


def test_a_merge_is_of_two_users() -> None:
    (found,) = said("merge", {"user": ("u1", "u2")})
    assert {found.a, found.b} == {USER, Identifier("user", pseudonym("user:u2"))}


def test_blocked_values_are_refused_in_links_that_were_made_before() -> None:
    old = LinkRecord(
        kind="login", a=USER, b=Identifier("anonymous", pseudonym("anonymous:undefined")), time_ms=1, source=1
    )
    found = resolve(in_force([old]), starter(), blocked=blocked_identifiers(starter(), pseudonym))
    assert [one.reason for one in found.refused] == ["BLOCKED"]


def test_a_preview_has_who_joins_and_who_parts() -> None:
    log = [
        *said("login", {"user": ("u1",), "anonymous": ("c1",)}),
        *said("login", {"user": ("u1",), "email": ("a",)}, 1),
    ]
    one, both = resolve(in_force(log[:1]), starter()), resolve(in_force(log), starter())
    from_nothing = preview(None, both)
    assert len(from_nothing.joins) == 2
    assert (from_nothing.persons, dict(from_nothing.sizes)) == (1, {3: 1})
    assert preview(one, both).joins == (Move(log[1].b, log[1].b, USER),)
    assert preview(both, one).parts == (Move(log[1].b, USER, log[1].b),)
    assert preview(both, one).joins == preview(both, both).parts == ()
