"""The demo without a terminal: a line of progress every few seconds, and the summary at the end."""

from rich.table import Table

from liveprofile.streams.cli.demo.board import Board
from liveprofile.streams.render.change_messages import change_sentences
from liveprofile.streams.render.records import short_id


def progress_line(board: Board) -> str:
    """One line: flow, latency and the last published change."""
    meter = board.meter
    line = (
        f"{board.elapsed_s:4.0f} s  in {meter.events_in.per_s:,.0f}/s  out {meter.facts_out.per_s:,.1f}/s  "
        f"p50 {_ms(meter.recent.quantile(board.now_s, 0.5))}  p99 {_ms(meter.recent.quantile(board.now_s, 0.99))}  "
        f"waiting {meter.input_lag:,}+{meter.activity_lag:,}  worker {meter.cores:.0%} of a core  "
        f"changes {meter.changes:,}  anomalies {meter.anomalies:,}"
    )
    if board.changes:
        record = board.changes[0][1]
        if sentences := change_sentences(record):
            line += f"\n        {short_id(record)} {sentences[0]}"
    return line


def summary(board: Board) -> dict[str, float | int | None]:
    """The summary as numbers."""
    meter = board.meter
    return {
        "seconds": round(board.elapsed_s, 1),
        "events_in": meter.events_in.total,
        "dead_lettered": meter.dead_letters,
        "changes": meter.changes,
        "anomalies": meter.anomalies,
        "latency_p50_ms": _rounded(meter.latencies.quantile(0.5)),
        "latency_p99_ms": _rounded(meter.latencies.quantile(0.99)),
        "worker_cores": round(meter.worker_ms.total / 1000 / max(board.elapsed_s, 0.001), 3),
    }


def summary_table(board: Board) -> Table:
    """The summary as a table."""
    numbers = summary(board)
    table = Table(
        title="Summary", title_justify="left", title_style="bold", box=None, show_header=False, pad_edge=False
    )
    table.add_column(style="dim")
    table.add_column(justify="right", style="bold")
    table.add_column(style="dim")
    seconds = max(board.elapsed_s, 0.001)
    table.add_row("events in", f"{numbers['events_in']:,}", f"{board.meter.events_in.total / seconds:,.0f} a second")
    table.add_row("dead-lettered", f"{numbers['dead_lettered']:,}", "")
    table.add_row("changes", f"{numbers['changes']:,}", "")
    table.add_row("anomalies", f"{numbers['anomalies']:,}", "raised")
    measured = f"click to change, {board.meter.latencies.total:,} changes"
    table.add_row("latency p50", _ms(board.meter.latencies.quantile(0.5)), measured)
    table.add_row("latency p99", _ms(board.meter.latencies.quantile(0.99)), "")
    table.add_row("worker", f"{numbers['worker_cores']:.0%}", "of a core, all its threads")
    return table


def _ms(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f} ms"


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
