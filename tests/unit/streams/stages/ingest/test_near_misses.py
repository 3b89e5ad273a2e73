"""Slips in the names of fields are named in the log, once each, and nothing else of a record is."""

import orjson
import pytest
from structlog.testing import capture_logs
from support.ingest_fakes import click, records

from liveprofile.streams.stages.ingest import near_misses

from .test_stage import handled


def bare(**fields: object) -> bytes:
    """A click without a title."""
    return orjson.dumps({name: value for name, value in orjson.loads(click(**fields)).items() if name != "title"})


async def lines_of(*values: bytes) -> tuple[list[dict[str, object]], object]:
    with capture_logs() as logs:
        stage, _ = await handled(records(values))
    return [line for line in logs if line["log_level"] == "warning"], stage


async def test_a_slip_is_named_once_with_the_field_that_it_looks_like():
    slip = bare(titel="Red vase", category="home")
    (line,), stage = await lines_of(*[slip] * 5)
    assert (line["input"], line["field"], line["looks_like"]) == ("clicks", "titel", "title")
    assert stage.counters.told()["clicks with a field like title"] == 5


async def test_one_field_is_named_once_however_it_is_misspelt():
    lines, _ = await lines_of(*[bare(**{name: "x"}) for name in ("titel", "tilte", "titl")])
    assert len(lines) == 1


@pytest.mark.parametrize("name", ["anna@example.org", "u-4711-4711-4711", "x" * 300, "título", "titel\n", "ti\x1b[1m"])
async def test_a_name_that_could_hold_anything_is_not_logged(name):
    lines, _ = await lines_of(bare(category="home", **{name: "x"}))
    assert lines == []


async def test_a_refused_record_has_its_slips_named_unless_it_is_another_systems():
    lines, stage = await lines_of(b'{"userId": "jane", "title": "Vase"}', b'{"type": "track", "messageId": "1",'
                                  b'"anonymousId": "a", "userId": "u", "properties": {}, "itemId": "x"}')  # fmt: skip
    assert [line["looks_like"] for line in lines] == ["user_id"]
    assert "jane" not in str(lines)
    assert stage.counters.refused_by_input["clicks"] == {"missing-user": 1, "foreign-record": 1}


async def test_after_many_records_only_some_are_looked_at(monkeypatch):
    monkeypatch.setattr(near_misses, "ALL_OF", 2)
    monkeypatch.setattr(near_misses, "ONE_IN", 5)
    _, stage = await lines_of(*[bare(titel="x", category="home")] * 20)
    assert stage.counters.near_misses == {("clicks", "title"): 2 + 4}
