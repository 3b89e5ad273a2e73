"""Writes a backtest's report into a folder: report.md and its plots."""

from pathlib import Path

from liveprofile.streams.backtest.backtest import Found
from liveprofile.streams.backtest.data_sets import DATA_SETS
from liveprofile.streams.backtest.report.grid import named_grids, split
from liveprofile.streams.backtest.report.markdown import section, titled
from liveprofile.streams.backtest.report.plots import plots


def write_report(found: Found, folder: Path) -> Path:
    """Write the report, replacing files of the same names; returns its path. The same figures give the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    data_set = DATA_SETS[found.data_set]
    paragraphs = [
        f"# Backtest of {found.data_set}",
        f"{data_set.words} Source: {data_set.source}. Licence: {data_set.licence}.",
        "The stages of the stream processed the data, and every case was predicted before it was learnt.",
    ]
    tasks, alike = split(found.judged)
    for cases, judged in zip(found.cases, tasks, strict=True):
        paragraphs += section(judged, plots(cases, judged, folder))
    if alike:
        paragraphs += ["## The run", *titled(named_grids("run", alike))]
    path = folder / "report.md"
    path.write_text("\n\n".join(paragraphs) + "\n", encoding="utf-8")
    return path
