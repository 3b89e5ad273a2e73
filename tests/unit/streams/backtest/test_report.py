"""Figures for people: tables on a terminal, a report in Markdown, and plots that show what the cases hold."""

import doctest
import re
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from support.paths import ROOT

from liveprofile.streams.backtest.backtest import Found
from liveprofile.streams.backtest.data_sets import DATA_SETS
from liveprofile.streams.backtest.figures import ranks, scores, users
from liveprofile.streams.backtest.figures.ablation import ablated
from liveprofile.streams.backtest.figures.judged import judge
from liveprofile.streams.backtest.report import grid, markdown
from liveprofile.streams.backtest.report.grid import grids
from liveprofile.streams.backtest.report.plots import binned, calibration, over_time
from liveprofile.streams.backtest.report.tables import tables
from liveprofile.streams.backtest.report.write import write_report
from liveprofile.streams.backtest.task.cases import BARRED, OPEN, OURS, Cases, Figured, Forecast, Ranked


def ranked(n: int = 1_200) -> Ranked:
    """Ours is better than popularity, and as good as the last item; one ablation changes much, one nothing."""
    random = np.random.default_rng(3)
    good, bad, none = np.arange(n) % 4 * 5, np.arange(n) % 40, np.full(n, 50)
    of = {
        "popularity": {OPEN: bad, BARRED: bad},
        "last|item": {OPEN: good, BARRED: good},
        OURS: {OPEN: good, BARRED: good},
    }
    cases = Ranked("next-item", random.integers(0, 200, n), np.arange(n), 50, of)
    variants = {
        name: Ranked("", cases.users, cases.times_ms, 50, {OURS: {OPEN: one}})
        for name, one in {"without words": none, "without stars": good}.items()
    }
    return Ranked(
        "next-item",
        cases.users,
        cases.times_ms,
        50,
        of,
        {"items": 50, "valid": {OURS: {OPEN: {"MRR": 0.2}}}} | ablated(cases, variants, 7),
    )


def forecast(n: int = 1_200, day_ms: int = 86_400_000) -> Forecast:
    """What happened as often as ours says."""
    random = np.random.default_rng(4)
    probabilities = random.random(n)
    times = 1_600_000_000_000 + np.arange(n) * day_ms
    happened = random.random(n) < probabilities
    said = {OURS: probabilities, "prior rate": np.full(n, 0.5)}
    return Forecast("a purchase", random.integers(0, 200, n), times, happened, said, {"recency": probabilities**2})


def written(cases: list[Cases], folder: Path) -> str:
    found = Found("simulator", 1.5, cases, [judge(one, 7, draws=100) for one in cases])
    return write_report(found, folder).read_text()


def on_a_terminal(cases: Cases) -> str:
    console = Console(width=120, record=True)
    for table in tables([judge(cases, 7, draws=100)]):
        console.print(table)
    return console.export_text(styles=True)


@pytest.mark.parametrize("module", [scores, ranks, users, grid, markdown])
def test_the_examples_are_true(module: object) -> None:
    assert doctest.testmod(module).failed == 0
    assert doctest.testmod(module).attempted > 0


def test_json_of_ranks_has_both_sides_of_every_method() -> None:
    plain = judge(ranked(), 7, draws=100).plain()
    assert list(plain) == ["task", "n", "methods", "own", "intervals", "details"]
    assert (plain["task"], plain["n"], list(plain["methods"])) == (
        "next-item",
        1_200,
        [OURS, "popularity", "last|item"],
    )
    assert list(plain["methods"][OURS][OPEN]) == ["HR@3", "HR@5", "HR@10", "NDCG@10", "MRR"]
    assert plain["methods"][OURS].keys() == {OPEN, BARRED}
    low, high = plain["intervals"]["popularity"][OPEN]["HR@10"]
    assert 0 < low < plain["methods"][OURS][OPEN]["HR@10"] - plain["methods"]["popularity"][OPEN]["HR@10"] < high


def test_json_of_a_forecast_has_auc_and_ap_alone_for_what_only_ranks() -> None:
    plain = judge(forecast(), 7, draws=100).plain()
    assert list(plain["methods"][OURS]) == ["auc", "ap", "log_loss", "ece"]
    assert list(plain["methods"]["recency"]) == list(plain["intervals"]["recency"]) == ["auc", "ap"]
    assert list(plain["own"]) == ["auc", "ap", "log_loss", "ece"]


def test_one_task_is_the_object_itself_and_several_are_a_list() -> None:
    cases = [Figured("clusters", 5, {OURS: {"NMI": 0.41237}}), Figured("drift", 6, {})]
    one, both = (Found("simulator", 1.26, cases[:n], [judge(of, 7) for of in cases[:n]]).plain() for n in (1, 2))
    assert (one["task"], one["methods"], one["dataset"], one["seconds"]) == (
        "clusters",
        {OURS: {"NMI": 0.4124}},
        "simulator",
        1.3,
    )
    assert [of["task"] for of in both["tasks"]] == ["clusters", "drift"]
    assert both["dataset"] == "simulator"


def test_cases_without_ours_or_without_anything_are_told_all_the_same() -> None:
    cases = forecast()
    alone = Forecast(
        "intent", cases.users, cases.times_ms, cases.happened, {"prior rate": cases.probabilities["prior rate"]}
    )
    assert judge(alone, 7).plain()["intervals"] == {}
    nobody = np.zeros(0)
    empty = Forecast("intent", nobody, nobody.astype(int), nobody.astype(bool), {OURS: nobody})
    assert judge(empty, 7).plain()["methods"] == {OURS: {}}
    assert on_a_terminal(empty)


def test_a_table_marks_what_ours_beats_and_the_best_is_bold() -> None:
    open_side = next(grids(judge(ranked(), 7, draws=100)))
    marks = {name: {cell.mark for cell in cells} for name, cells in open_side.rows}
    assert marks == {OURS: {""}, "popularity": {"*"}, "last|item": {""}}
    assert all(cell.best for name, cells in open_side.rows if name != "popularity" for cell in cells)
    assert "\x1b[1m" in on_a_terminal(ranked())


def test_a_lower_log_loss_is_better_and_what_is_better_than_ours_is_marked() -> None:
    cases = forecast()
    sure = np.where(cases.happened, 0.9, 0.1)
    better = Forecast("intent", cases.users, cases.times_ms, cases.happened, {**cases.probabilities, "seer": sure})
    rows = dict(next(grids(judge(better, 7, draws=100))).rows)
    assert [cell.mark for cell in rows["seer"][:3]] == ["!", "!", "!"]
    assert (rows["seer"][2].best, rows["prior rate"][2].best) == (True, False)


def test_the_report_shows_every_task_with_intervals_and_plots(tmp_path: Path) -> None:
    text = written(
        [ranked(), forecast(), Figured("clusters", 7, {OURS: {"NMI": 0.4}}, {"per kind": {"a": {"n": 1}}})], tmp_path
    )
    assert text.startswith("# Backtest of simulator\n")
    assert "| last\\|item | **" in text
    assert "| minus popularity | 0." in text
    assert "| without words | 0.0000 * |" in text
    assert "### Next-item: valid\n\n|  | open MRR |\n| --- | ---: |\n| liveprofile | 0.2000 |" in text
    assert "### Clusters: per kind" in text
    shown = {file.name for file in tmp_path.glob("*.png")}
    assert shown == {
        "next-item-over-time.png",
        "next-item-ablations.png",
        "a-purchase-over-time.png",
        "a-purchase-calibration.png",
    }
    assert all(f"]({name})" in text for name in shown)


def test_what_all_tasks_tell_alike_is_told_once_for_people(tmp_path: Path) -> None:
    details = {"shop": {"users": 60}}
    cases: list[Cases] = [
        Figured(name, 5, {OURS: {"NMI": 0.4}}, {**details, "own": at}) for at, name in enumerate(("clusters", "drift"))
    ]
    text = written(cases, tmp_path)
    assert text.count("60") == 1
    assert "## The run\n\n### Run: shop" in text
    assert "### Clusters: details" in text
    assert Found("simulator", 1.0, cases, [judge(one, 7) for one in cases]).plain()["tasks"][1]["details"]["shop"]


def test_the_same_figures_give_the_same_bytes(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        written([ranked(), forecast()], tmp_path / folder)
    for file in (tmp_path / "a").iterdir():
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes(), file.name


def test_a_calibrated_forecast_lies_on_the_diagonal() -> None:
    cases = forecast(20_000)
    said, share, counts = binned(cases.happened, cases.probabilities[OURS])
    assert np.abs(said - share).max() < 0.05
    assert counts.sum() == 20_000
    figure = calibration(cases)
    assert figure is not None
    above, below = figure.axes
    assert [line.get_label() for line in above.lines] == ["as predicted", OURS, "prior rate"]
    assert sum(bar.get_height() for bar in below.patches) == 2 * 20_000


def test_a_plot_over_time_has_windows_in_the_order_of_time() -> None:
    cases = forecast()
    late = cases.times_ms > np.median(cases.times_ms)
    turned = np.where(late, cases.probabilities[OURS], 1 - cases.probabilities[OURS])
    mixed = np.random.default_rng(0).permutation(len(late))
    shuffled = Forecast("", cases.users[mixed], cases.times_ms[mixed], cases.happened[mixed], {OURS: turned[mixed]})
    figure = over_time(shuffled)
    assert figure is not None
    values = figure.axes[0].lines[0].get_ydata()
    assert len(values) == 12
    assert max(values[:6]) < 0.5 < min(values[6:])


def test_questions_asked_at_one_moment_have_no_plot_over_time() -> None:
    assert over_time(forecast(day_ms=0)) is None
    assert over_time(forecast(150)) is None


@pytest.mark.parametrize("name", DATA_SETS)
def test_the_documentation_says_where_each_data_set_is_from(name: str) -> None:
    lines = (ROOT / "docs" / "data-sets.md").read_text().splitlines()
    assert [line for line in lines if line.startswith("|") and re.search(f"[` ]{name}`", line)]
