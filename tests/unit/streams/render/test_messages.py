"""Messages on the terminal: as the record has them, and no record raises."""

from typing import Any

import msgspec
import pytest
from rich.console import Console

from liveprofile.profiles.facts.facts import Change, ProfileChanged
from liveprofile.streams.reference.samples import SAMPLES
from liveprofile.streams.render.change_messages import anomaly_sentence, change_sentences, split_message
from liveprofile.streams.render.records import change_lines


def record_of(changes: list[Change]) -> dict[str, Any]:
    """A record as it is read from the topic."""
    fact = ProfileChanged("3f2a91c0", 2, "live", changes, [], {})
    decoded: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(fact))
    return decoded


def shown(record: dict[str, Any]) -> str:
    console = Console(width=400)
    with console.capture() as captured:
        for line in change_lines(record, "22:00:00"):
            console.print(line)
    return captured.get()


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda one: f"{one.reason.code}-{one.path}")
def test_the_terminal_shows_the_message_of_the_record_and_nothing_else(sample: Change) -> None:
    record = record_of([sample])
    assert change_sentences(record) == [sample.message]
    assert shown(record).strip() == f"22:00:00  3f2a91c0  v2      {sample.message}"


def test_a_record_without_a_message_is_shown_by_path_and_values() -> None:
    old = {"path": "interests.long", "before": ["pans"], "after": [], "reason": {"code": "INTEREST_LEFT"}}
    assert change_sentences({"changes": [old]}) == ["interests.long changed from pans to none."]


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"changes": None},
        {"changes": "x"},
        {"changes": [None, 3, {}]},
        {"changes": [{"path": "interests.session", "before": "x", "after": None, "reason": None}]},
        {"changes": [{"path": "brands", "before": None, "after": [None, 3], "message": None}]},
        {"changes": [{"path": "spend.band", "after": {}, "message": "Is a message."}]},
        {"changes": [{"path": "declared", "before": 3, "after": [1], "message": ""}]},
    ],
)
def test_a_strange_record_never_raises(record: Any) -> None:
    assert all(sentence.endswith(".") for sentence in change_sentences(record))


def test_an_anomaly_is_shown_by_its_message() -> None:
    message = "Anomaly interest-drift was raised, severity 71: 80% of this session lies on new topics."
    assert anomaly_sentence({"kind": "interest-drift", "state": "raised", "message": message}) == message


def test_an_anomaly_without_a_message_is_shown_by_kind_state_and_reading() -> None:
    old = {"kind": "dormant", "state": "raised", "severity": 71, "reading": "a pause of a year"}
    assert anomaly_sentence(old) == "Anomaly dormant: raised, a pause of a year."
    assert anomaly_sentence({}) == "Anomaly ?: no state."


def test_a_message_without_a_reason_is_one_part() -> None:
    assert split_message("Declared language is now de.") == ("Declared language is now de.", "")
