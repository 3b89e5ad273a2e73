"""The next item: tables are replayed in order, each row is asked before it happens, and what is planted is found."""

import asyncio
import gzip
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from support.offline import DrawnWiring, wiring
from support.paths import DATA as SHARED

from liveprofile.profiles.items.evidence import PARTS, Profile
from liveprofile.profiles.items.index import ItemIndex
from liveprofile.profiles.items.ranker import Ranker
from liveprofile.streams.backtest.figures.ranks import rank_figures
from liveprofile.streams.backtest.next_item.judge import Judge
from liveprofile.streams.backtest.next_item.replay import place_of, replay
from liveprofile.streams.backtest.next_item.table import read_next_item_files
from liveprofile.streams.backtest.next_item.task import FROZEN, Contest, save_weights
from liveprofile.streams.backtest.task.cases import BARRED, OPEN, OURS, Ranked
from liveprofile.streams.datasets.amazon import COLUMNS, NextItem
from liveprofile.streams.errors import UserError

DATA = SHARED / "amazon_industrial"
STEM = "Industrial_and_Scientific"
KINDS, EACH, HALF_LIFE_S = 6, 8, 30 * 86_400.0


def title(item: int) -> str:
    """Items of one kind share a word; two more are known, and never met."""
    kinds = ("tape", "glove", "drill", "caliper", "filament", "valve", "mystery")
    return f"{kinds[item // EACH]} model {item}"


def journeys() -> list[list[int]]:
    """Each item has one that follows it, of whatever kind."""
    draws = np.random.default_rng(3)
    found = [[one] for one in draws.integers(0, KINDS * EACH, 90).tolist()]
    for journey in found:
        for _ in range(4):
            journey.append((7 * journey[-1] + 3) % (KINDS * EACH))
    return found


def write_table(path: Path, rows: list[tuple[str, list[int], int]]) -> None:
    def line(user: str, had: list[int], item: int) -> str:
        titles = str([title(one) for one in had])
        return f'{user},"{titles}",{title(item)},"{had}",{item}'

    text = "\n".join([",".join(COLUMNS), *(line(*row) for row in rows)]) + "\n"
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text)


def write_tables(folder: Path, stem: str, end: str = ".csv", listed: bool = True) -> None:
    """Each user's third and fourth item are asked about in the first table, the fifth in the second."""
    users = [(f"u{at}", one) for at, one in enumerate(journeys())]
    valid = [(user, one[:step], one[step]) for step in (2, 3) for user, one in users]
    write_table(folder / f"{stem}.valid{end}", valid)
    write_table(folder / f"{stem}.test{end}", [(user, one[:4], one[4]) for user, one in users])
    if listed:
        known = {str(item): {"title": title(item), "brand": f"brand {item % 3}"} for item in range(KINDS * EACH + 2)}
        (folder / f"{stem}.item.json").write_text(json.dumps(known))
        lines = [f"<a>\t{one['title']}\t{item}" for item, one in known.items()]
        (folder / f"{stem}.info.txt").write_text("\n".join(lines))


def contest(folder: Path, wired: DrawnWiring, stem: str | None = None, limit: int | None = None) -> Contest:
    data = read_next_item_files(folder, stem, limit)
    found = Contest(data)
    asyncio.run(replay(data.rows, data.products, wired, HALF_LIFE_S, found, lambda share: None))
    return found


@pytest.fixture(scope="module")
def injected(tmp_path_factory: pytest.TempPathFactory) -> Contest:
    """A replay of generated tables."""
    folder = tmp_path_factory.mktemp("tables")
    write_tables(folder, "Office_Products")
    return contest(folder, wiring(folder))


def open_figures(cases: Ranked) -> dict[str, float]:
    return {name: rank_figures(of[OPEN], cases.items)["HR@3"] for name, of in cases.ranks.items()}


def test_what_comes_next_is_learnt_from_the_rows_before(injected: Contest) -> None:
    cases = injected.cases(seed=1)
    hits = open_figures(cases)
    assert cases.items == KINDS * EACH + 2
    assert len(cases.users) == 90
    assert hits[OURS] > 0.6 > 0.3 > hits["popularity"]
    assert hits[FROZEN] > 0.6
    assert set(hits) - {OURS, FROZEN} == {
        "popularity",
        "last item",
        "decayed mean",
        "TF-IDF decayed mean",
        "item-kNN",
        "session-kNN",
    }


def test_each_part_is_left_out_once_and_the_one_that_finds_it_is_missed(injected: Contest) -> None:
    details = injected.cases(seed=1).details
    assert set(details["ablations"]) == {f"without {part}" for part in PARTS}
    losses = {name: of["HR@3"] for name, of in details["ablations"].items()}
    assert min(losses, key=lambda name: losses[name]) == "without together"
    assert details["ablation_intervals"]["without together"]["HR@3"][1] < 0


def test_what_the_valid_rows_taught_can_be_written_and_read(injected: Contest, tmp_path: Path) -> None:
    save_weights(injected.frozen, tmp_path / "mine.json", injected.data)
    read = Ranker.of((tmp_path / "mine.json").read_bytes())
    assert read.learnt == 180 == injected.frozen.learnt
    assert injected.ranker.learnt == 270
    assert "Office_Products" in (tmp_path / "mine.json").read_text()


class Watching:
    """Keeps what is known when each row is asked."""

    def __init__(self) -> None:
        self.known: list[tuple[NextItem, list[int], float]] = []

    def begin(self, index: ItemIndex) -> None:
        self.index = index

    def had(self, user: str, items: list[str]) -> None:
        pass

    def ask(self, row: NextItem, profile: Profile) -> None:
        recent = [self.index.place[one["item"]] for one in profile["recent"]]
        self.known.append((row, recent, float(self.index.popularity.sum())))


@pytest.mark.parametrize(("end", "listed"), [(".csv", False), (".csv.gz", True)])
def test_a_row_is_asked_when_its_history_is_known_and_its_item_is_not(tmp_path: Path, end: str, listed: bool) -> None:
    write_tables(tmp_path, STEM, end, listed)
    data, watching = read_next_item_files(tmp_path, STEM, 30), Watching()
    asyncio.run(replay(data.rows, data.products, wiring(tmp_path), HALF_LIFE_S, watching, lambda share: None))
    assert len(watching.known) == 60
    for row, recent, _ in watching.known:
        assert recent == [place_of(watching.index, item) for item, _ in reversed(row.history)]
    popularity = [total for *_, total in watching.known]
    assert popularity == sorted(popularity)
    assert len(watching.index) == (KINDS * EACH + 2 if listed else len(data.products))


def test_where_the_item_that_comes_is_barred_no_place_is_right() -> None:
    judge = Judge(5)
    judge.see(OURS, np.array([5.0, 4.0, 3.0, 2.0, 1.0]), 1, [1, 2])
    judge.see(OURS, np.array([5.0, 4.0, 3.0, 2.0, 1.0]), 3, [0, 2])
    ranks = judge.ranks(0)[OURS]
    assert ranks[OPEN].tolist() == [1, 3]
    assert ranks[BARRED].tolist() == [5, 1]


def test_a_folder_that_says_not_which_tables_is_asked_about(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no file that ends in \.test\.csv"):
        read_next_item_files(tmp_path, None)
    for stem in ("Toys", STEM):
        write_tables(tmp_path, stem)
    with pytest.raises(UserError, match=rf"files of {STEM}, Toys\. Choose one"):
        read_next_item_files(tmp_path, None)
    (tmp_path / "Toys.valid.csv").unlink()
    with pytest.raises(UserError, match=r"no Toys.valid.csv in .* nor Toys.valid.csv.gz"):
        read_next_item_files(tmp_path, "Toys")


def test_the_real_tables_go_through_under_any_name(tmp_path: Path) -> None:
    if not DATA.exists():
        pytest.skip(f"SKIPPED FOR WANT OF DATA: {DATA} is not there, no real table was replayed")
    for path in DATA.glob(f"{STEM}.*"):
        shutil.copy(path, tmp_path / path.name.replace(STEM, "Office_Products"))
    cases = contest(tmp_path, wiring(tmp_path), limit=150).cases(seed=1)
    assert (cases.items, len(cases.users)) == (3_686, 150)
    assert all(len(of[way]) == 150 for of in cases.ranks.values() for way in (OPEN, BARRED))
    mean = {name: float(np.mean(1 / (of[OPEN] + 1))) for name, of in cases.ranks.items()}
    assert mean[OURS] > mean["last item"]  # vectors are drawn here: words and ties alone have to find it
