"""The ground truth that is written beside the traffic."""

from itertools import islice
from pathlib import Path

import orjson

from liveprofile.streams.simulator.labels import LabelBook
from liveprofile.streams.simulator.simulator import Simulator


def write(path: Path, count: int) -> list[dict[str, object]]:
    with LabelBook(path) as book:
        for event in islice(Simulator(7, 2_000, user_events_per_s=0.005, broken_share=0.002).events(), count):
            book.note(event, event.event_time_ms)
    return [orjson.loads(line) for line in path.read_bytes().splitlines()]


def test_the_lines_are_what_the_events_say(tmp_path: Path) -> None:
    lines = write(tmp_path / "truth.jsonl", 12_000)
    ended = {line["anomaly_id"]: line for line in lines if line["state"] == "ended"}
    shop = Simulator(7, 2_000, user_events_per_s=0.005, broken_share=0.002)
    events = [event for event in islice(shop.events(), 12_000) if event.label]
    for name, line in ended.items():
        own = [event for event in events if event.label and event.label.anomaly_id == name]
        assert line["events"] == len(own)
        assert (line["first_ts"], line["last_ts"]) == (own[0].event_time_ms, own[-1].event_time_ms)
        assert line["last_event_id"] == own[-1].event_id.decode()
    assert {line["kind"] for line in ended.values()} >= {"burst", "bot", "spend-spike", "broken-record"}


def test_what_the_end_of_the_traffic_cuts_off_is_said_to_be_cut_off(tmp_path: Path) -> None:
    lines = write(tmp_path / "truth.jsonl", 800)
    assert [line["state"] for line in lines if line["kind"] == "bot"] == ["begun", "cut-off"]


def test_without_a_file_the_planted_kinds_are_still_counted() -> None:
    book = LabelBook()
    for event in islice(Simulator(7, 2_000, user_events_per_s=0.005).events(), 8_000):
        book.note(event, event.event_time_ms)
    assert book.injected["burst"] >= 1
