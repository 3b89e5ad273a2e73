"""How good profiles are is told of many together, once a minute, and of nobody."""

import msgspec
from support.activities import NOON_MS

from liveprofile.profiles.facts.trait_snapshot import Quality
from liveprofile.streams.contract.model_events import ModelEvent, ModelEvents
from liveprofile.streams.stages.profile.quality_summary import LEAST_PROFILES, QualitySummary

NEWS = ModelEvents("shop", lambda: 0)
TWENTY = [Quality(at / 20, 0.5, None if at % 2 else 1.0, 0.25) for at in range(20)]


def told(events: QualitySummary, time_ms: int) -> list[ModelEvent]:
    return [msgspec.json.decode(value or b"", type=ModelEvent) for _, value, _ in events.due(time_ms)]


def test_a_summary_has_means_and_quantiles_of_those_that_have_the_measure() -> None:
    events = QualitySummary(3, NEWS)
    events.gather(TWENTY)
    (event,) = told(events, NOON_MS)
    assert (event.model, event.type, event.version) == ("profiles", "ProfileQuality", NOON_MS // 60_000)
    assert (event.details["partition"], event.details["profiles"]) == (3, 20)
    assert event.details["completeness"] == {"count": 20, "mean": 0.475, "p10": 0.095, "p50": 0.475, "p90": 0.855}
    assert event.details["consistency"]["count"] == 10


def test_it_is_told_once_a_minute_and_begins_anew_each_time() -> None:
    events = QualitySummary(0, NEWS)
    events.gather(TWENTY)
    assert len(told(events, NOON_MS)) == 1
    events.gather(TWENTY)
    assert told(events, NOON_MS + 59_999) == []
    (event,) = told(events, NOON_MS + 60_000)
    assert event.details["profiles"] == 20


def test_a_few_profiles_wait_so_that_no_single_shopper_is_told_of() -> None:
    events = QualitySummary(0, NEWS)
    events.gather(TWENTY[: LEAST_PROFILES - 1])
    assert told(events, NOON_MS) == []
    events.gather(TWENTY[:1])
    assert told(events, NOON_MS)[0].details["profiles"] == LEAST_PROFILES
