"""Pairs from a log: what was chosen for a query in its session, and a user's next item."""

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from liveprofile.models.train.pairs import Pair
from liveprofile.streams.datasets.pair_file import read_pairs
from liveprofile.streams.datasets.pairs_from_log import LogPairs, read_log
from liveprofile.streams.datasets.record import CLICKS, PURCHASES, SEARCHES, Record
from liveprofile.streams.errors import UserError

MINUTE = 60_000


def search(query: str, minute: float = 0, user: str = "ann", **more: Any) -> Record:
    return Record(SEARCHES, user, {"user_id": user, "ts": round(minute * MINUTE), "query": query, **more})


def click(title: str, minute: float = 0, user: str = "ann", **more: Any) -> Record:
    fields = {"user_id": user, "ts": round(minute * MINUTE), "action": "click", "title": title, **more}
    return Record(CLICKS, user, fields)


def pairs(*records: Record) -> list[tuple[str, str]]:
    return [(pair.anchor, pair.positive) for pair in LogPairs().of(records)]


def test_a_query_goes_with_each_item_chosen_after_it_and_an_item_with_the_next() -> None:
    on_progress = pairs(search("tea"), click("Green tea", 1), click("Teapot", 2))
    assert on_progress == [("tea", "Green tea"), ("tea", "Teapot"), ("Green tea", "Teapot")]


def test_a_newer_query_takes_the_place_of_the_older() -> None:
    assert pairs(search("tea"), search("coffee", 1), click("Mocha", 2)) == [("coffee", "Mocha")]


def test_a_query_ends_with_its_session_by_name_or_after_half_an_hour() -> None:
    assert pairs(search("tea"), click("Pan", 31)) == []
    assert pairs(search("tea", session_id="one"), click("Pan", 1, session_id="two")) == []
    assert pairs(search("tea", session_id="one"), click("Pot", 45, session_id="one")) == [("tea", "Pot")]


def test_users_do_not_mix() -> None:
    assert pairs(search("tea"), click("Pan", 1, user="bob"), click("Pot", 2, user="bob")) == [("Pan", "Pot")]


def test_a_view_a_dismissal_and_a_refund_choose_nothing() -> None:
    back = {"user_id": "ann", "ts": 3, "kind": "refund", "items": [{"title": "Pan"}]}
    acts = [click("Pan", 1, action="view"), click("Pan", 1, action="dismiss"), Record(PURCHASES, "ann", back)]
    assert pairs(search("tea"), *acts) == []


def test_a_basket_chooses_its_items_in_their_order() -> None:
    items = [{"title": "Pan"}, {"title": "Lid"}, {"item_id": "untitled"}]
    assert pairs(Record(PURCHASES, "ann", {"user_id": "ann", "ts": 1, "items": items})) == [("Pan", "Lid")]


def test_one_title_twice_in_a_row_is_no_pair_and_equal_pairs_are_told_once() -> None:
    on_progress = LogPairs()
    found = list(on_progress.of([click("Pan"), click("PAN", 1), click("Lid", 2), click("PAN", 3), click("Lid", 4)]))
    assert [(pair.anchor, pair.positive) for pair in found] == [("PAN", "Lid"), ("Lid", "PAN")]
    assert sum(on_progress.skipped.values()) == 1


def test_a_folder_is_read_whole_in_the_order_of_time(tmp_path: Path) -> None:
    lines = [{"topic": "clicks", "user_id": "ann", "ts": 2_000_000_000_000 + n, "title": f"T{n}"} for n in range(3)]
    lines = [line | {"action": "click"} for line in lines]
    (tmp_path / "late.jsonl").write_text(f"{json.dumps(lines[2])}\n{json.dumps(lines[1])}\n")
    with gzip.open(tmp_path / "early.jsonl.gz", "wt") as file:
        file.write(json.dumps(lines[0]))
    found = read_log(tmp_path, "jsonl", None, seed=0, skipped=Counter())
    assert [(pair.anchor, pair.positive) for pair in found] == [("T0", "T1"), ("T1", "T2")]
    assert len(read_log(tmp_path, "jsonl", 1, seed=0, skipped=Counter())) == 1


def test_a_log_without_a_pair_is_refused(tmp_path: Path) -> None:
    (tmp_path / "views.jsonl").write_text('{"topic": "clicks", "user_id": "a", "title": "Pan"}\n')
    with pytest.raises(UserError, match="gives no pair"):
        read_log(tmp_path / "views.jsonl", "jsonl", None, seed=0, skipped=Counter())


@pytest.mark.parametrize("name", ["pairs.jsonl", "pairs.csv"])
def test_a_file_of_pairs_is_read_and_what_is_none_is_counted(tmp_path: Path, name: str) -> None:
    good = '{"anchor": " red  pan ", "positive": "Pan", "group": "u1"}'
    json_lines = good + '\n{"anchor": "x"}\n{"anchor": "a", "positive": "A"}\n'
    csv_lines = "anchor,positive,group\n red  pan ,Pan,u1\nx\na,A,\n"
    (tmp_path / name).write_text(csv_lines if name.endswith("csv") else json_lines)
    skipped: Counter[str] = Counter()
    assert read_pairs(tmp_path / name, skipped) == [Pair("red pan", "Pan", "u1")]
    assert skipped.total() == 2
