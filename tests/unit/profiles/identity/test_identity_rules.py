"""Rules of identity: what a file may say, and what its errors name."""

import re

import pytest

from liveprofile.profiles.identity.identifier import normalised, shopper_name
from liveprofile.profiles.identity.record import LinkRecord, LinkRecordError, decode_link
from liveprofile.profiles.identity.rules import IdentityRulesError, read_rules, starter


def test_the_included_rules_block_what_names_nobody() -> None:
    rules = starter()
    assert rules.label == "starter@1"
    assert len(rules.digest) == 64
    for value in ("undefined", " NULL ", "00000000-0000-0000-0000-000000000000", "test@example.org"):
        assert rules.is_blocked(value)
    for value in ("u-1042", "0a1b", "contest@example.org"):
        assert not rules.is_blocked(value)


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [
        ("version = 1", "version = 0", "version is 0"),
        ('name = "starter"', 'name = "Big Shop"', "'Big Shop'"),
        ('contested = "none"', 'contested = "both"', "contested"),
        ("kiosk_users_a_day = 5", "kiosk_users_a_day = 1", "kiosk_users_a_day is 1"),
        ("most_identifiers = 16", "most_identifiers = 17", "most_identifiers is 17: from 2 to 16"),
        ("strength = 60", "strength = 0", "email: strength is 0: from 1 to 999"),
        ("strength = 60", "strength = 80", "one strength"),
        ("per_person = 3", "per_person = 99", "loyalty: per_person is 99: from 1 to 16"),
        ("per_person = 3", "per_person = 3, unique = true", "loyalty: per_person is 3, and it is unique"),
        ("strength = 80", "strength = 180", "unique type has strength 100, another one 180"),
        ("unique = true, ", "", "unique"),
        ("anonymous = { per_person = 16, ", 'cookie = { per_person = 16, spelling = "lower", ', "no anonymous"),
        ("anonymous = { per_person = 16, ", 'anonymous = { spelling = "lower", ', "spelling must be exact"),
        ("device    =", "Device =", "Device: no name of a type"),
        ("'test@.*'", "'(('", "'((', which is no regular expression"),
        ("'test@.*'", "'.*'", "'.*', which an empty value matches"),
        ('"null", ', '"", ', "blocked has an empty value"),
        ("[identity.types]", "[identity.kinds]", "kinds"),
        ("most_identifiers = 16", "most_identifiers = ", "line 8"),
    ],
)
def test_an_error_names_the_place_and_the_limit(before: str, after: str, named: str) -> None:
    text = starter().text
    assert before in text
    with pytest.raises(IdentityRulesError, match=re.escape(named)):
        read_rules(text.replace(before, after, 1))


def test_a_file_that_is_too_long_is_not_read() -> None:
    with pytest.raises(IdentityRulesError, match="at most 65,536"):
        read_rules("#" * 70_000)


def test_profile_ids_of_known_and_anonymous_shoppers_stay_and_other_types_have_a_namespace() -> None:
    assert shopper_name("user", "u-1") == "user:u-1"
    assert shopper_name("anonymous", "c-1") == "anonymous:c-1"
    assert shopper_name("session", "s") == "ids.session:s"
    assert normalised("  Straße@X.de", "lower") == "strasse@x.de"


@pytest.mark.parametrize(
    ("kind", "value", "named"), [("E Mail", "x", "'E Mail'"), ("email", "", "empty"), ("email", "x" * 257, "257")]
)
def test_what_cannot_be_an_identifier_is_refused_without_its_value(kind: str, value: str, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        shopper_name(kind, value)


GOOD = (
    b'{"kind":"login","a":["user","%032x"],"b":["anonymous","%032x"],"time_ms":1,"source":2,"by":"record","reason":""}'
    % (1, 2)
)


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [
        (b"login", b"marry", "marry"),
        (b'"time_ms":1', b'"time_ms":-1', "time_ms"),
        (b'"user"', b'"User"', r"\$.a\[0\]"),
        (b"0002", b"00XY", r"\$.b\[1\]"),
        (b'["anonymous","%032x"]' % 2, b'["user","%032x"]' % 1, "same one"),
        (b'"source"', b'"sauce"', "sauce"),
        (b"}", b"", "cannot be read"),
        (b'"record"', b'"\xff"', "cannot be read"),
    ],
)
def test_a_damaged_record_of_links_is_refused_by_field(before: bytes, after: bytes, named: str) -> None:
    assert isinstance(decode_link(GOOD), LinkRecord)
    with pytest.raises(LinkRecordError, match=named):
        decode_link(GOOD.replace(before, after, 1))
