"""Erasure, told record by record: what is forgotten, what is said, what stays."""

import numpy as np
import orjson
from support.activities import BRANDS, DIMS, activity, adoption, erasure, tick
from support.folding import Shopper, codes
from support.rules import rule_text

from liveprofile.profiles.records.activity import Action, encode, head_dtype
from liveprofile.profiles.state.codec import encode_rows
from liveprofile.streams.render.change_messages import change_sentences


def test_an_open_anomaly_vanishes_without_a_word():
    shopper = Shopper()
    shopper.does(*(activity(at_s=at * 0.5, offset=at) for at in range(120)))
    assert shopper.steps("velocity") == ["raised"]
    shopper.does(erasure(61), tick(4000))
    assert shopper.steps("velocity") == ["raised"]
    assert not shopper.row["anomaly_s"].any()


def test_an_erasure_is_said_once_however_often_it_is_asked_for():
    shopper = Shopper()
    shopper.does(activity(Action.PURCHASE, total=80, offset=1), erasure(10), erasure(20))
    shopper.does(erasure(30))
    assert codes(shopper.on("profile")) == ["ERASED"]


def test_somebody_unknown_is_erased_too_so_that_what_is_on_the_way_stays_out():
    shopper = Shopper()
    shopper.does(erasure(0))
    result = shopper.does(activity(at_s=1, offset=1), activity(at_s=2, offset=2))
    assert (result.applied, result.erased, result.changes) == (0, 2, [])
    assert (shopper.row["version"], shopper.row["events"]) == (1, 0)


def test_a_name_first_seen_after_the_erasure_is_not_learnt():
    shopper = Shopper()
    shopper.does(erasure(0), activity(topic="a name", brand=BRANDS[0], offset=1))
    assert shopper.fold.dictionary.known == {}


def test_others_go_on_as_if_nothing_had_happened():
    shopper, other = Shopper(), b"f" * 32
    shopper.does(activity(offset=1), erasure(1))
    before = shopper.fold.apply([other], [activity(at_s=5, offset=2)], [90])
    assert (before.applied, before.erased) == (1, 0)


def test_the_stub_is_blank_but_for_offset_version_and_time():
    shopper = Shopper()
    shopper.does(activity(Action.PURCHASE, total=80, brand=BRANDS[0], session="s", event_id="e", offset=7), erasure(9))
    record = encode_rows(shopper.fold.table.rows[:1], 128)[0]
    assert sum(byte not in (0, 255) for byte in record) < 20


def everything(first: int) -> list[bytes]:
    """Some of all that a shopper may do, an hour of it, on a known device."""
    whence = {"device": 7, "network": 8, "country": 9}
    acts = [
        activity(Action.VIEW, item=1, **whence),
        activity(Action.CART, item=2, **whence),
        activity(Action.PURCHASE, total=80, item=2, **whence),
        activity(Action.REVIEW, item=2, stars=50, **whence),
        activity(Action.DECLARE, subject="gender", value=5, **whence),
        activity(Action.ACCEPT, subject="bargain-hunter", **whence),
        activity(Action.FAILED, total=30, **whence),
    ]
    heads = [np.frombuffer(act, head_dtype(DIMS), 1)[0].copy() for act in acts]
    for at, head in enumerate(heads):
        head["event_time_ms"] += (first + at) * 500_000
        head["source"] += first + at
    return [encode(head, []) for head in heads]


def test_what_comes_later_tells_learners_and_items_nothing_and_starts_no_timer():
    shopper, rules = Shopper(), {"what": "rules", "toml": rule_text("orders >= 1")}
    before = shopper.does(*everything(0))
    assert before.pairs and before.examples and shopper.row["due_ms"] and shopper.row["pending_ms"].any()
    shopper.does(erasure(4000))
    later = shopper.does(*everything(10), tick(9000), adoption(9100, rules), tick(90 * 86_400))
    assert (later.pairs, later.examples, later.changes, later.anomalies) == ([], [], [], [])
    assert later.erased == len(everything(10)) and not shopper.row["due_ms"] and not shopper.row["declared"].any()


def test_the_words_for_people_say_it():
    shopper = Shopper()
    result = shopper.does(erasure(0))
    told = change_sentences(orjson.loads(result.changes[0].payload))
    assert told == ["Was erased: all its data is deleted, and later events are dropped."]
