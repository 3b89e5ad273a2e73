"""Explaining: the right change is found, the right words are said, and nothing is guessed."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from liveprofile.streams.errors import UserError
from liveprofile.streams.query.explain_answer import answers, cases, change_records, is_erased, members
from liveprofile.streams.query.explain_question import question
from liveprofile.streams.query.explain_read import Event, event_words
from liveprofile.streams.render.explanation import answer_json, answer_view, case_view

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
SESSION = "interests.session"
MESSAGE = "Interest in pans entered session interests: 41.2% of the session interest, threshold 34%."


def published(version: int, path: str, before: Any, after: Any, code: str = "INTEREST_ENTERED", **more: Any) -> Any:
    """A version with one change, `version` minutes after noon."""
    reason = {"code": code, "rule": "share-enters@1", "threshold": 0.34, "observed": 0.412}
    change = {"path": path, "op": "replace", "before": before, "after": after, "reason": reason, "message": MESSAGE}
    evidence = [{"event_id": "e1", "source": f"clicks/0/{version}", "ts": "2026-01-05T12:00:00Z", "contribution": 1.5}]
    record = {
        "version": version,
        "origin": "live",
        "changes": [change],
        "evidence": evidence,
        "models": {"embedder": "b"},
    }
    return NOON + timedelta(minutes=version), record | more


HISTORY = [
    published(1, SESSION, [], ["home/pans"]),
    published(2, "spend.band", "none", "high", "SPEND_BAND_ROSE"),
    published(3, SESSION, ["home/pans"], ["home/pans", "toys"]),
    published(4, SESSION, ["home/pans", "toys"], ["toys"], "INTEREST_LEFT"),
]


def text_of(view: Any) -> str:
    console = Console(width=120, record=True, file=StringIO())
    console.print(view)
    return console.export_text()


def test_the_change_that_made_a_path_what_it_is_comes_with_those_before_it() -> None:
    (answer,) = answers(change_records(HISTORY), question(SESSION))
    assert answer.now.version == 4
    assert [one.version for one in answer.earlier] == [3, 1]


def test_at_a_time_only_what_had_been_said_by_then_counts() -> None:
    (answer,) = answers(change_records(HISTORY), question(SESSION), at=NOON + timedelta(minutes=3))
    assert (answer.now.version, [one.version for one in answer.earlier]) == (3, [1])
    assert not list(answers(change_records(HISTORY), question(SESSION), at=NOON))


def test_a_member_of_a_set_is_explained_by_its_own_coming_and_going() -> None:
    (toys,) = answers(change_records(HISTORY), question(f"{SESSION}.toys"))
    (pans,) = answers(change_records(HISTORY), question(f"{SESSION}.pans"))
    assert (toys.now.version, toys.earlier) == (3, ())
    assert (pans.now.version, [one.version for one in pans.earlier]) == (4, [1])
    assert members(change_records(HISTORY), SESSION) == ["home/pans", "toys"]


def test_the_start_of_a_path_asks_about_all_that_begin_so() -> None:
    records = change_records([*HISTORY, published(5, "interests.long", [], ["toys"])])
    assert [one.now.path for one in answers(records, question("interests"))] == [SESSION, "interests.long"]


@pytest.mark.parametrize(
    "wrong, hint", [("interests.sesion", SESSION), ("band", "spend.band"), ("anomalis", "anomalies")]
)
def test_a_wrong_path_is_answered_with_near_ones(wrong: str, hint: str) -> None:
    with pytest.raises(UserError, match="not a path") as caught:
        question(wrong)
    assert hint in caught.value.next_step


def test_a_path_that_this_program_does_not_know_is_known_if_the_profile_has_it() -> None:
    assert question("shoe.size", ["shoe.size"]).paths == ("shoe.size",)


def test_a_version_that_was_said_twice_counts_once_and_strange_records_not_at_all() -> None:
    strange = [
        (NOON, {"unreadable": "x"}),
        (NOON, {"version": 9, "changes": None}),
        (NOON, {"version": 8, "changes": [3]}),
    ]
    assert change_records([*HISTORY, HISTORY[0], *strange]) == change_records(HISTORY)


def test_an_erasure_ends_it() -> None:
    assert not is_erased(change_records(HISTORY))
    assert is_erased(change_records([*HISTORY, published(5, "profile", None, None, "ERASED", origin="erasure")]))


def test_a_person_reads_the_sentence_the_rule_the_evidence_and_what_the_event_was() -> None:
    (answer,) = answers(change_records(HISTORY[:1]), question(SESSION))
    shown = text_of(answer_view(answer, {"clicks/0/1": [Event("view", "home/pans", "Arbo", "Cast iron pan")]}))
    assert MESSAGE in shown
    assert "A topic's share of interest rose above the enter threshold." in shown
    assert "share-enters@1: observed 0.412, threshold 0.34" in shown
    assert "view, home/pans, Arbo, “Cast iron pan”" in shown
    assert "embedder b" in shown


def test_an_event_that_is_no_longer_in_activity_is_said_to_be_gone() -> None:
    (answer,) = answers(change_records(HISTORY[:1]), question(SESSION))
    assert "no longer in activity" in text_of(answer_view(answer, {}))
    assert answer_json(answer, {})["evidence"][0]["events"] is None


def test_an_order_is_told_by_its_first_lines() -> None:
    lines = [Event("purchase", "home", None, f"Pan {n}", 5) for n in range(5)]
    assert event_words(lines) == "purchase of “Pan 0”, “Pan 1”, “Pan 2” and 2 more"


def step(state: str, minute: int, number: str = "a1", kind: str = "spend") -> Any:
    record = {
        "anomaly_id": number,
        "kind": kind,
        "state": state,
        "score": 6.5,
        "severity": 71,
        "reading": "an order of 900",
    }
    more = {"contributions": {"robust_z": 6.5}, "evidence": [], "p_value": 0.001}
    return NOON + timedelta(minutes=minute), record | more


def test_anomalies_are_told_step_by_step_the_newest_first() -> None:
    log = [
        step("raised", 1),
        step("raised", 1),
        step("cleared", 9),
        step("raised", 20, "a2"),
        step("raised", 3, "b", "velocity"),
    ]
    found = cases(log, question("anomalies.spend"))
    assert [[one["state"] for _, one in case.steps] for case in found] == [["raised"], ["raised", "cleared"]]
    assert [case.is_open for case in found] == [True, False]
    shown = text_of(case_view(found[0], {}))
    assert "robust z 6.5" in shown
    assert "once in 1,000 usual sessions" in shown


def test_hostile_texts_do_not_move_the_cursor() -> None:
    (answer,) = answers(change_records([published(1, SESSION, [], ["\x1b[2Jhome"])]), question(SESSION))
    assert "\x1b" not in text_of(answer_view(answer, {}))


def test_what_a_person_says_and_what_a_slot_is_called_can_be_asked_for() -> None:
    declared = [
        published(5, "declared", None, {"language": "en"}, "DECLARED"),
        published(6, "declared", {"language": "en"}, {"language": "de"}, "DECLARED"),
        published(7, "declared", None, {"children": "2"}, "DECLARED"),
        published(8, "interests.slots", None, {"slot": 1, "topic": "home/pans", "item": None}, "SLOT_OPENED"),
    ]
    (language,) = answers(change_records(declared), question("declared.language"))
    (slot,) = answers(change_records(declared), question("interests.slots.pans"))
    assert (language.now.version, [one.version for one in language.earlier], slot.now.version) == (6, [5], 8)
