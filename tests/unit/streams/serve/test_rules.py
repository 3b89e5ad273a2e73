"""Rules over HTTP: in force, checked, tried, compared, published, taken back; and whom an edit moved."""

import json
from typing import Any

import msgspec
import pytest
from support.rules import rule_text
from support.serving import Answer, Shop, change, snapshot
from support.serving_fakes import NOON_MS, TOPICS, profile_id

from liveprofile.profiles.segments.rules import RuleSet, starter
from liveprofile.streams.contract.rule_publications import publication

NOON = "2026-05-28T20:26:40.000Z"


def published(shop: Shop, text: str, ms: int = NOON_MS, **named: str) -> RuleSet:
    """Rules that somebody has published."""
    rules = RuleSet.from_record({"toml": text})
    key, value = publication(rules, ms, **named)
    shop.put(TOPICS.rules, key.decode(), value)
    shop.publisher.adopted.append(rules)
    return rules


def moved(number: int, version: int, label: str, before: list[str], after: list[str], origin: str) -> dict[str, Any]:
    """A move between segments."""
    return change(number, version, "segments", before, after, origin=origin, models={"rules": label})


async def publish(shop: Shop, text: str, *, token: str | None = None, match: str | None = None) -> Answer:
    """Publish rules in place of those in force, or of those that `match` names."""
    tag = match or (await shop.ask("/v1/rules", token=token)).headers["etag"]
    return await shop.ask("/v1/rules", method="POST", body={"toml": text}, token=token, headers={"if-match": tag})


async def test_before_any_publication_the_starter_rules_are_in_force_and_told_in_words(shop: Shop) -> None:
    found = await shop.ask("/v1/rules")
    assert (found.json["rules"], found.json["published"], found.headers["etag"]) == (
        starter().label,
        None,
        found.json["etag"],
    )
    vip = next(one for one in found.json["segments"] if one["name"] == "vip")
    assert vip["words"] == (
        "Entered when orders so far at least 5 and recent spend at least 1000. "
        "Left when recent spend below 700 or orders so far below 5, after 14d at the earliest."
    )


async def test_a_check_names_the_rule_and_line_of_every_fault(shop: Shop) -> None:
    text = rule_text("sesion.carts >= 3")
    found = (await shop.ask("/v1/rules:check", method="POST", body={"toml": text})).json
    [fault] = found["problems"]
    assert (found["valid"], fault["rule"]) == (False, "s0") and "there is no feature" in fault["text"]
    assert text.splitlines()[fault["line"] - 1] == 'name = "s0"'
    broken = (await shop.ask("/v1/rules:check", method="POST", body={"toml": 'name = "x"\nversion ='})).json
    assert broken["problems"][0]["line"] == 2
    assert (await shop.ask("/v1/rules:check", method="POST", body={"toml": rule_text("orders >= 3")})).json["valid"]


async def test_a_preview_counts_who_enters_and_leaves_with_examples(shop: Shop) -> None:
    for number in range(30):
        spend = {"orders": number % 2 * 6, "recent": 2000.0, "total": 1.0, "refunded": 0.0}
        segments = [{"name": "old", "since": NOON}] if number < 3 else []
        state = {"state": "here", "since": NOON}
        one = snapshot(number, spend=spend, segments=segments, lifecycle=state, last_seen=NOON)
        shop.put(TOPICS.profiles, profile_id(number), one)
    text = rule_text("orders >= 5", "order.average > 3", states=(("gone", "orders >= 100"), ("here", "orders >= 0")))
    found = (await shop.ask("/v1/rules:preview", method="POST", body={"toml": text})).json
    assert (found["profiles"], found["of"]) == (30, 30)
    s0 = found["segments"]["s0"]
    assert (s0["now"], s0["then"], s0["enter"], s0["leave"], len(s0["entering"])) == (0, 15, 15, 0, 15)
    assert found["segments"]["old"]["leaving"] == [profile_id(number) for number in range(3)]
    assert found["lifecycle"]["here"]["then"] == 30
    assert found["not_tried"] == {"segments/s1": ["order.average"]} and "s1" not in found["segments"]
    assert shop.audited[-1].profiles[0] == profile_id(0)


async def test_a_preview_keeps_who_stays_at_least_so_long_and_leaves_out_who_refused(shop: Shop) -> None:
    spend = {"orders": 0, "recent": 0.0, "total": 1.0, "refunded": 0.0}
    shop.put(TOPICS.profiles, profile_id(1), snapshot(1, spend=spend, segments=[{"name": "s0", "since": NOON}]))
    refused = snapshot(2, spend={**spend, "orders": 9}, segments=[], segments_refused=["s0"])
    shop.put(TOPICS.profiles, profile_id(2), refused)
    text = rule_text("orders >= 5 | | 9999d")
    found = (await shop.ask("/v1/rules:preview", method="POST", body={"toml": text})).json
    assert found["segments"]["s0"] | {"entering": [], "leaving": []} == {
        "now": 1, "then": 1, "enter": 0, "leave": 0, "entering": [], "leaving": []
    }  # fmt: skip


async def test_a_difference_names_what_is_new_gone_and_changed(shop: Shop) -> None:
    published(shop, rule_text("orders >= 5", "orders >= 6"))
    body = {"toml": rule_text("orders >= 4", version=2)}
    found = (await shop.ask("/v1/rules:diff", method="POST", body=body)).json
    assert (found["added"], found["removed"], found["changed"]) == ([], ["segments/s1"], ["segments/s0"])
    assert "+enter = '''orders >= 4'''" in found["unified"]


async def test_a_publication_has_the_name_of_the_token_and_what_it_replaces(shop: Shop) -> None:
    token = shop.tokens.create("marketing", ("segment:read", "segment:write"))
    answer = await publish(shop, rule_text("orders >= 5", version=7), token=token)
    assert (answer.status, answer.json["rules"], answer.json["by"]) == (202, "test@7", "marketing")
    [(topic, key, value)] = shop.writer.sent
    assert topic == TOPICS.rules and key is not None and value is not None
    assert json.loads(value)["replaces"] == starter().label
    assert [one.label for one in shop.publisher.adopted] == ["test@7"]


async def test_nobody_overwrites_the_edit_of_another(shop: Shop) -> None:
    stale = (await shop.ask("/v1/rules")).headers["etag"]
    published(shop, rule_text("orders >= 5"), by="colleague")
    mine = rule_text("orders >= 9", version=2)
    assert (await publish(shop, mine, match=stale)).problem == "changed-meanwhile"
    without = await shop.ask("/v1/rules", method="POST", body={"toml": mine})
    assert (without.status, without.problem) == (428, "no-precondition")
    assert shop.writer.sent == [] and (await publish(shop, mine)).status == 202


async def test_of_two_publications_at_two_replicas_the_second_takes_itself_back(shop: Shop) -> None:
    published(shop, rule_text("orders >= 5"))
    shop.writer.others = 1
    answer = await publish(shop, rule_text("orders >= 9", version=2))
    assert answer.problem == "changed-meanwhile"
    written, taken_back = shop.writer.sent
    assert taken_back == (TOPICS.rules, written[1], None) and len(shop.publisher.adopted) == 1


async def test_a_version_stands_for_one_content(shop: Shop) -> None:
    published(shop, rule_text("orders >= 5"))
    assert (await publish(shop, rule_text("orders >= 9"))).problem == "version-taken"
    wrong = await publish(shop, rule_text("nothing >= 9", version=2))
    assert (wrong.status, wrong.problem, wrong.json["problems"][0]["rule"]) == (422, "wrong-rules", "s0")


async def test_an_undo_publishes_the_former_rules_as_a_new_version(shop: Shop) -> None:
    published(shop, rule_text("orders >= 5", version=3))
    published(shop, rule_text("orders >= 6", version=4), NOON_MS + 1)
    tag = (await shop.ask("/v1/rules")).headers["etag"]
    answer = await shop.ask("/v1/rules:undo", method="POST", headers={"if-match": tag})
    assert (answer.status, answer.json["rules"], answer.json["restores"]) == (202, "test@5", "test@3")
    assert shop.publisher.adopted[-1].file.segment[0].enter == "orders >= 5"
    again = await shop.ask("/v1/rules:undo", method="POST", headers={"if-match": '"test@3-000000000000"'})
    assert again.problem == "changed-meanwhile"


async def test_rules_of_any_version_can_be_read(shop: Shop) -> None:
    published(shop, rule_text("orders >= 5", version=3), by="marketing")
    published(shop, rule_text("orders >= 6", version=4), NOON_MS + 1)
    for version in ("test@3", "3"):
        found = (await shop.ask(f"/v1/rules/{version}")).json
        assert (found["rules"], found["published"]["by"]) == ("test@3", "marketing")
    assert (await shop.ask("/v1/rules/99")).problem == "not-found"


async def test_the_history_says_who_edited_and_how_many_moved_by_it(shop: Shop) -> None:
    published(shop, rule_text("orders >= 5", version=2), by="marketing", replaces=starter().label)
    at_edit, later = (("ce_causationid", b"activity/0/70"),), (("ce_causationid", b"activity/0/99"),)
    for number in range(3):
        entered = moved(number, 1, "test@2", [], ["s0"], "timer")
        shop.put(TOPICS.profile_changes, profile_id(number), entered, headers=at_edit)
    unchanged = moved(3, 1, "test@2", [], ["of-an-unchanged-rule"], "timer")
    shop.put(TOPICS.profile_changes, profile_id(3), unchanged, headers=at_edit)
    timed = moved(0, 2, "test@2", ["s0"], [], "timer")
    shop.put(TOPICS.profile_changes, profile_id(0), timed, headers=later)
    shop.put(TOPICS.profile_changes, profile_id(1), moved(1, 2, "test@2", ["s0"], [], "live"), headers=later)
    shop.put(TOPICS.profile_changes, profile_id(2), moved(2, 2, "test@2", ["s0"], [], "feedback"), headers=later)
    [edit] = (await shop.ask("/v1/rules/history")).json["edits"]
    assert (edit["published"]["by"], edit["entered"], edit["left"]) == ("marketing", 3, 0)
    assert edit["segments"] == {"s0": {"entered": 3, "left": 0}}
    causes = (await shop.ask("/v1/segments/flows?since=2026-01-01T00:00:00Z")).json["causes"]
    assert {cause: (found.get("s0") or {}).get("left", 0) for cause, found in causes.items()} == {
        "event": 1, "time": 1, "rules": 0, "person": 1
    }  # fmt: skip


async def test_the_timeline_says_what_each_move_was_caused_by(shop: Shop) -> None:
    published(shop, rule_text("orders >= 5", version=2))
    shop.put(TOPICS.profiles, profile_id(1), snapshot(1, version=2))
    edit = (("ce_causationid", b"activity/0/70"),)
    shop.put(TOPICS.profile_changes, profile_id(1), moved(1, 1, "test@2", [], ["s0"], "timer"), headers=edit)
    shop.put(TOPICS.profile_changes, profile_id(1), moved(1, 2, "test@2", ["s0"], [], "live"))
    moments = (await shop.ask(f"/v1/profiles/{profile_id(1)}/timeline")).json["moments"]
    assert {one["version"]: (one["cause"], one["rules"]) for one in moments} == {
        1: ("rules", "test@2"),
        2: ("event", None),
    }


async def test_a_timer_long_after_a_publication_is_not_taken_for_it(shop: Shop) -> None:
    published(shop, rule_text("orders >= 5", version=2), NOON_MS - 3_600_000)
    timer = moved(1, 1, "test@2", [], ["s0"], "timer")
    shop.put(TOPICS.profile_changes, profile_id(1), timer, headers=(("ce_causationid", b"activity/0/70"),))
    [edit] = (await shop.ask("/v1/rules/history")).json["edits"]
    assert edit["entered"] == 0


@pytest.mark.parametrize("path", ["/v1/rules", "/v1/rules:undo", "/v1/rules:preview"])
async def test_who_only_reads_segments_edits_nothing(shop: Shop, path: str) -> None:
    token = shop.tokens.create("reader", ("segment:read",))
    answer = await shop.ask(path, method="POST", body={"toml": rule_text("orders >= 5")}, token=token)
    assert answer.problem == "not-allowed" and answer.json["scope"] == "segment:write"


async def test_a_publication_that_was_taken_back_is_no_edit(shop: Shop) -> None:
    rules = RuleSet.from_record({"toml": rule_text("orders >= 5")})
    key, value = publication(rules, NOON_MS)
    shop.put(TOPICS.rules, key.decode(), value)
    shop.put(TOPICS.rules, key.decode(), None)
    assert (await shop.ask("/v1/rules/history")).json["edits"] == []
    assert (await shop.ask("/v1/rules")).json["rules"] == starter().label


def test_what_the_record_says_is_read_by_whoever_does_not_know_of_later_fields() -> None:
    _, value = publication(starter(), NOON_MS, by="marketing")
    assert msgspec.json.decode(value)["by"] == "marketing"
