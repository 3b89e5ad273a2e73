"""Who is who, case by case: households, kiosks, merges, limits."""

import pytest
from support.identity import DAY_MS, groups, identifier, link

from liveprofile.profiles.identity.identifier import Identifier
from liveprofile.profiles.identity.links import InForce, Link, in_force
from liveprofile.profiles.identity.record import LinkRecord
from liveprofile.profiles.identity.resolve import Persons, Refused, resolve
from liveprofile.profiles.identity.rules import IdentityRules, read_rules, starter

ADA, BEN, CID = (identifier("user", number) for number in range(3))
TABLET, PHONE = identifier("anonymous", 0), identifier("anonymous", 1)
MAIL = identifier("email", 0)


def rules(**changes: str) -> IdentityRules:
    text = starter().text
    for name, value in changes.items():
        before = next(line for line in text.splitlines() if line.startswith(name))
        text = text.replace(before, f"{name} = {value}")
    return read_rules(text)


def persons(
    *links: Link, by: IdentityRules | None = None, bans: tuple[tuple[Identifier, Identifier], ...] = ()
) -> Persons:
    return resolve(InForce(links, frozenset(bans)), by or starter())


def reasons(found: Persons) -> list[Refused]:
    return [one.reason for one in found.refused]


def test_a_login_joins_a_cookie_to_its_user_whose_profile_id_is_the_persons() -> None:
    found = persons(link(TABLET, ADA), link(MAIL, ADA))
    assert found.members() == {ADA: (TABLET, MAIL, ADA)}
    assert not found.refused


@pytest.mark.parametrize(("contested", "owner"), [("none", None), ("first", ADA), ("last", BEN)])
def test_the_second_user_on_a_tablet_makes_it_nobodys_or_as_the_rules_say(contested: str, owner: Identifier) -> None:
    found = persons(link(TABLET, ADA, at_ms=1), link(TABLET, BEN, at_ms=2), by=rules(contested=f'"{contested}"'))
    assert found.anchor[TABLET] == (owner or TABLET)
    assert found.contested == {TABLET}
    assert set(reasons(found)) == {Refused.CONTESTED}
    assert len(found.refused) == (1 if owner else 2)


def test_nothing_hangs_on_a_kiosk_and_a_family_tablet_is_none() -> None:
    many = [link(TABLET, identifier("user", number), at_ms=number) for number in range(5)]
    found = persons(*many, link(TABLET, MAIL), by=rules(contested='"last"'))
    assert found.kiosks == {TABLET}
    assert not found.contested
    assert set(reasons(found)) == {Refused.KIOSK}
    over_days = [link(TABLET, identifier("user", number), at_ms=number * DAY_MS) for number in range(5)]
    assert not persons(*over_days).kiosks
    assert not persons(*many, by=rules(kiosk_users_a_day="0")).kiosks


def test_two_users_are_one_person_by_a_merge_alone() -> None:
    chain = [
        link(MAIL, ADA),
        link(MAIL, PHONE, at_ms=1),
        link(PHONE, identifier("device", 0)),
        link(identifier("device", 0), BEN),
    ]
    apart = persons(*chain)
    assert reasons(apart) == [Refused.UNIQUE]
    assert apart.anchor[ADA] != apart.anchor[BEN]
    together = persons(*chain, link(ADA, BEN, merge=True))
    assert len(groups(together.anchor)) == 1
    assert not together.refused


def test_a_cookie_of_two_merged_users_is_not_contested() -> None:
    found = persons(link(TABLET, ADA), link(TABLET, BEN), link(ADA, BEN, merge=True))
    assert groups(found.anchor) == {frozenset({TABLET, ADA, BEN})}
    assert not found.contested


def test_beyond_a_limit_the_least_recently_seen_is_let_go_and_users_stay_apart() -> None:
    cookies = [identifier("anonymous", number) for number in range(3)]
    by = rules(anonymous="{ per_person = 2, strength = 10 }")
    found = persons(*(link(one, ADA, at_ms=number) for number, one in enumerate(cookies)), by=by)
    assert groups(found.anchor) == {frozenset({*cookies[1:], ADA})}
    assert [(one.link.a, one.reason) for one in found.refused] == [(cookies[0], Refused.LIMIT)]


def test_a_person_has_most_identifiers_and_the_strong_ones_stay() -> None:
    by = rules(most_identifiers="2")
    found = persons(link(TABLET, ADA, at_ms=9), link(MAIL, ADA, at_ms=1), by=by)
    assert groups(found.anchor) == {frozenset({MAIL, ADA})}


def test_links_of_blocked_erased_unknown_and_forbidden_identifiers_keep_their_reason() -> None:
    odd = identifier("fax", 0)
    links = InForce((link(TABLET, ADA), link(PHONE, ADA), link(odd, ADA), link(MAIL, ADA)), frozenset({(MAIL, ADA)}))
    found = resolve(links, starter(), erased={TABLET}, blocked={PHONE})
    assert {one.link: one.reason for one in found.refused} == {
        link(TABLET, ADA): Refused.ERASED,
        link(PHONE, ADA): Refused.BLOCKED,
        link(odd, ADA): Refused.UNKNOWN_TYPE,
        link(MAIL, ADA): Refused.NEVER,
    }


def test_the_anchor_is_the_strongest_then_the_first_seen() -> None:
    assert persons(link(PHONE, TABLET, at_ms=5), link(PHONE, MAIL)).anchor[TABLET] == MAIL
    two = persons(link(PHONE, TABLET, at_ms=5), link(PHONE, identifier("anonymous", 7), at_ms=3))
    assert two.anchor[TABLET] == PHONE


def said(kind: str, at_ms: int, source: int = 0, by: str = "record") -> LinkRecord:
    return LinkRecord(kind=kind, a=ADA, b=TABLET, time_ms=at_ms, source=source, by=by)  # type: ignore[arg-type]  # short


def test_a_link_made_again_is_another_one_with_its_own_time() -> None:
    (found,) = in_force([said("login", 1), said("unlink", 2), said("login", 3), said("login", 4, by="operator")]).links
    assert (found.since_ms, found.seen_ms, found.by_operator) == (3, 4, True)


def test_a_login_that_comes_late_does_not_undo_what_was_taken_back_after_it() -> None:
    assert in_force([said("unlink", 2), said("login", 1)]).links == ()


def test_a_logout_takes_no_link_back() -> None:
    assert len(in_force([said("login", 1), said("logout", 2)]).links) == 1


def test_a_ban_is_lifted_by_unmerge_and_the_link_is_there_again() -> None:
    banned = in_force([said("login", 1), said("never", 2)])
    assert banned.bans == {(TABLET, ADA)}
    assert len(banned.links) == 1
    assert in_force([said("login", 1), said("never", 2), said("unmerge", 3)]) == in_force([said("login", 1)])
