"""Consumers outlive the workers that they were built for: what a later version adds is read, not refused."""

import msgspec
import pytest

from liveprofile.profiles.facts.facts import Code, ProfileChanged
from liveprofile.profiles.records.decode import DecodeError

CHANGE = {
    "path": "moods",
    "op": "add",
    "before": None,
    "after": "calm",
    "reason": {"code": "MOOD_FOUND", "rule": "mood@1", "threshold": 0.5, "observed": 0.7},
}
RECORD = {
    "profile_id": "a57ad515edc580a1",
    "version": 2,
    "origin": "forecast",
    "changes": [CHANGE],
    "evidence": [],
    "models": {},
}


def test_a_reason_code_and_an_origin_of_a_later_version_are_read_as_they_are() -> None:
    found = ProfileChanged.decode(msgspec.json.encode(RECORD))
    assert found.origin == "forecast"
    assert found.changes[0].reason.code == "MOOD_FOUND"
    assert "MOOD_FOUND" not in set(Code)


def test_a_known_reason_code_that_was_read_equals_its_name() -> None:
    known = CHANGE | {"reason": {**CHANGE["reason"], "code": "CHANCE_ROSE"}}  # type: ignore[dict-item]
    found = ProfileChanged.decode(msgspec.json.encode(RECORD | {"changes": [known]}))
    assert found.changes[0].reason.code == Code.CHANCE_ROSE


def test_a_code_of_the_wrong_type_is_refused() -> None:
    wrong = CHANGE | {"reason": {**CHANGE["reason"], "code": 7}}  # type: ignore[dict-item]
    with pytest.raises(DecodeError, match="code"):
        ProfileChanged.decode(msgspec.json.encode(RECORD | {"changes": [wrong]}))
