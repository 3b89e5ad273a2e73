"""Pseudonyms are stable under a key, differ between keys and namespaces, and never show the key."""

import pickle

import pytest
from aiokafka.partitioner import DefaultPartitioner

from liveprofile.streams.stages.ingest.pseudonym import (
    CACHED_SHOPPERS,
    PseudonymKey,
    Pseudonyms,
    anonymous_shopper,
    known_shopper,
)

KEY = PseudonymKey(b"0123456789abcdef")


def test_a_profile_id_is_32_hexadecimal_digits_and_always_the_same():
    profile_id, _ = Pseudonyms(KEY, 4).of(known_shopper("jane"))
    # printf user:jane | openssl dgst -sha256 -hmac 0123456789abcdef
    assert profile_id == b"8a203cf405be1622503bfadb68854664"
    assert Pseudonyms(KEY, 8).of(known_shopper("jane"))[0] == profile_id


def test_users_and_anonymous_visitors_are_separate_namespaces():
    pseudonyms = Pseudonyms(KEY, 4)
    assert pseudonyms.of(known_shopper("7")) != pseudonyms.of(anonymous_shopper("7"))


def test_another_key_gives_another_id():
    other = Pseudonyms(PseudonymKey(b"another key of 22 bytes"), 4)
    assert other.of(known_shopper("jane"))[0] != Pseudonyms(KEY, 4).of(known_shopper("jane"))[0]


def test_the_partition_is_the_one_that_kafka_itself_would_choose():
    pseudonyms, choose = Pseudonyms(KEY, 7), DefaultPartitioner()
    for number in range(200):
        profile_id, partition = pseudonyms.of(known_shopper(str(number)))
        assert partition == choose(profile_id, list(range(7)), [])


def test_each_cache_remembers_as_many_as_it_is_told_and_as_a_rule_two_to_the_seventeenth():
    for pseudonyms, cached in ((Pseudonyms(KEY, 4, cached=3), 3), (Pseudonyms(KEY, 4), CACHED_SHOPPERS)):
        caches = (pseudonyms.of, pseudonyms.device, pseudonyms.network, pseudonyms.session, pseudonyms.stored_item_id)
        assert [cache.cache_parameters()["maxsize"] for cache in caches] == [cached] * 5
    assert CACHED_SHOPPERS == 2**17


def test_the_key_never_shows_itself():
    assert "0123456789abcdef" not in f"{KEY!r} {KEY!s}"
    with pytest.raises(TypeError):
        pickle.dumps(KEY)


def test_a_short_key_is_refused_with_the_next_step():
    with pytest.raises(ValueError, match=r"at least 16.*secrets"):
        PseudonymKey(b"short")
