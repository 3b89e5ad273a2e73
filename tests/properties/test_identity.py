"""Who is who: the persons of a set of links, whatever the order and whatever was taken back."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st
from support.identity import SHOPPERS, groups, link_records

from liveprofile.profiles.identity.links import InForce, in_force
from liveprofile.profiles.identity.record import LinkRecord, decode_link, encode_link
from liveprofile.profiles.identity.resolve import resolve
from liveprofile.profiles.identity.rules import read_rules, starter

TIGHT = read_rules(
    starter()
    .text.replace("most_identifiers = 16", "most_identifiers = 4")
    .replace('"none"  ', '"first"')
    .replace("per_person = 16", "per_person = 2")
)
RULES = st.sampled_from([starter(), TIGHT, read_rules(starter().text.replace('"none"  ', '"last"'))])


LOGS = settings(max_examples=60, deadline=None)


@LOGS
@given(link_records(), RULES, st.integers())
def test_persons_do_not_depend_on_the_order_of_the_log(records, rules, seed) -> None:
    shuffled = records * 2
    random.Random(seed).shuffle(shuffled)
    found = in_force(shuffled)
    assert found == in_force(records)
    links = list(found.links)
    random.Random(seed).shuffle(links)
    assert resolve(InForce(tuple(links), found.bans), rules) == resolve(found, rules)


@LOGS
@given(link_records(), RULES)
def test_no_person_has_two_users_without_a_merge(records, rules) -> None:
    found = in_force(one for one in records if one.kind != "merge")
    for group in groups(resolve(found, rules).anchor):
        assert sum(one.kind == "user" for one in group) <= 1


@LOGS
@given(link_records(), RULES)
def test_limits_hold_for_every_person(records, rules) -> None:
    for group in groups(resolve(in_force(records), rules).anchor):
        assert len(group) <= rules.most_identifiers
        for kind, rule in rules.types.items():
            assert rule.unique or sum(one.kind == kind for one in group) <= rule.per_person


@LOGS
@given(link_records(), RULES)
def test_a_link_that_was_taken_back_is_as_if_it_had_never_been(records, rules) -> None:
    last_ms = max((one.time_ms for one in records), default=0) + 1
    made = LinkRecord(kind="login", a=SHOPPERS[0], b=SHOPPERS[4], time_ms=last_ms, source=1_000)
    back = LinkRecord(kind="unlink", a=SHOPPERS[4], b=SHOPPERS[0], time_ms=last_ms + 1, source=1_001)
    without = [one for one in records if one.pair != made.pair]
    assert in_force([*without, made, back]) == in_force(without)
    assert resolve(in_force([*without, made, back]), rules) == resolve(in_force(without), rules)


@LOGS
@given(link_records(), RULES, st.data())
def test_a_ban_keeps_two_apart_and_changes_nothing_for_those_who_were_apart(records, rules, data) -> None:
    found = in_force(records)
    before = resolve(found, rules).anchor
    one, other = sorted(data.draw(st.lists(st.sampled_from(SHOPPERS), min_size=2, max_size=2, unique=True)))
    for ban in [(one, other), *(link[:2] for link in found.links)]:
        after = resolve(InForce(found.links, found.bans | {ban}), rules).anchor
        assert after.get(ban[0], ban[0]) != after.get(ban[1], ban[1])
        if before.get(ban[0], ban[0]) != before.get(ban[1], ban[1]):
            assert after == before


@LOGS
@given(link_records(), RULES, st.sets(st.sampled_from(SHOPPERS), max_size=3))
def test_an_erased_identifier_is_alone_and_every_link_is_joined_or_refused(records, rules, erased) -> None:
    found = in_force(records)
    persons = resolve(found, rules, erased=erased)
    for one in erased:
        assert persons.anchor.get(one, one) == one
        assert one not in set().union(*groups(persons.anchor))
    refused = {one.link for one in persons.refused}
    assert len(refused) == len(persons.refused)
    for link in set(found.links) - refused:
        assert persons.anchor[link.a] == persons.anchor[link.b]


@LOGS
@given(link_records(), RULES)
def test_a_person_resolved_alone_is_the_same_as_among_all(records, rules) -> None:
    found = in_force(records)
    whole = resolve(found, rules)
    for component in _components(found):
        part = InForce(tuple(link for link in found.links if link.a in component), found.bans)
        assert resolve(part, rules).anchor == {one: whole.anchor[one] for one in component}


@LOGS
@given(link_records(most=4))
def test_a_record_is_read_as_it_was_written(records) -> None:
    assert [decode_link(encode_link(one)) for one in records] == records


def _components(found: InForce) -> list[set[object]]:
    """The connected components of links."""
    parts: list[set[object]] = []
    for link in found.links:
        touched = [part for part in parts if link.a in part or link.b in part]
        parts = [part for part in parts if part not in touched] + [{link.a, link.b}.union(*touched)]
    return parts
