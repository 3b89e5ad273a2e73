"""The report: the newest result of each fault, kept in results.jsonl, written as docs/reliability.md.

python -m tests.faults.report                          # writes docs/reliability.md

The results are part of the repository, so that a run of some faults leaves what is known of the others.
"""

from __future__ import annotations

import math
import os
import platform
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import orjson

from tests.faults.catalogue import FAULTS

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reliability.md"
RESULTS = Path(__file__).with_name("results.jsonl")
COMMAND = "make faults"
INVARIANTS = {
    "I1": "State: per profile, the bytes in the state topic equal an offline fold of `activity`.",
    "I2": "Conservation: every record produced was applied, or dropped for a stated reason, or is a dead letter.",
    "I3": "Facts: those published are those of the offline fold; a repeated one has the same payload as before.",
    "I4": "Durability: workers that find nothing but the state topic arrive at the same profiles.",
    "I5": "Order: the versions of a profile have no gap, and no state record is older than one before it.",
    "I6": "Models: a model version equals the fold of the examples that it covers, by its own record.",
    "I8": "Privacy: planted canary strings are found nowhere, after an erasure's deadline.",
    "I9": "Items: what stands on `items` and `item-neighbours` is the fold of the item events, to the byte.",
}
"""I7, time, is the recovery column: from the fault until less than a second of traffic waits."""

IMPOSSIBLE = {
    "F22": ("consent is withdrawn", "there is no consent input"),
    "F28": ("an API is abused", "tests/unit/streams/serve/test_safety.py has bad tokens, floods and huge bodies"),
}
"""Title and reason of the faults that nothing can be done with yet."""

Result = Mapping[str, Any]


@dataclass(frozen=True)
class Place:
    """Where and with what the runs were made."""

    machine: str
    system: str
    versions: Mapping[str, str]
    commit: str
    day: date
    command: str = COMMAND


def newest(results: Iterable[Result]) -> list[Result]:
    """The last result of every fault, in the order of the matrix; what is not in the matrix comes last."""
    order = {name: place for place, name in enumerate(FAULTS)}
    last = {_name(result): result for result in results}
    return sorted(last.values(), key=lambda result: (order.get(result["fault"], len(order)), _name(result)))


def _name(result: Result) -> str:
    """A fault survived with profiles in memory is not yet survived with RocksDB."""
    state = result.get("notes", {}).get("state", "memory") if isinstance(result.get("notes"), Mapping) else "memory"
    return str(result["fault"]) if state == "memory" else f"{result['fault']} ({state})"


def page(results: Iterable[Result], place: Place) -> str:
    """The report as Markdown."""
    found = newest(results)
    runs = [result for result in found if "invariants" in result]
    controls = [result for result in found if "invariants" not in result]
    parts = [
        _head(place, _machines(runs, place)),
        _runs(runs),
        BOUND if runs else "",
        _besides(runs),
        _controls(controls),
        LIMITS,
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _machines(runs: Iterable[Result], place: Place) -> str:
    """The machines of the runs, each once."""
    return "; ".join(sorted({result.get("machine", place.machine) for result in runs}) or [place.machine])


def _head(place: Place, machines: str) -> str:
    versions = ", ".join(f"{name} {number}" for name, number in place.versions.items())
    words = "\n".join(f"- **{name}** {text}" for name, text in INVARIANTS.items())
    return f"""# Reliability

What was done to running workers and brokers, and what came of it. Written by `{place.command}` on {place.day} at commit
{place.commit}; the last column of the matrix has the commit of each run. Real Apache Kafka, real worker processes, no
mocks. After each run an oracle reads all topics and folds the log offline:

{words}

The number under an invariant is how often it was violated; a run is survived when all are 0, and whatever else its
fault demands holds. *Repeats* are facts that stand in their topic more than once, with the same id and the same
payload: that is what effectively once allows, and what consumers can drop by id.

| machine | {machines} |
| --- | --- |
| system | {place.system} |
| versions | {versions} |"""


def _runs(runs: list[Result]) -> str:
    if not runs:
        return ""
    columns = [name for name in INVARIANTS if any(name in result["invariants"] for result in runs)]
    recovery = "recovery s: median, p95, most"
    head = ["fault", "", "times", "events", *columns, recovery, "repeats", "survived", "commit"]
    made = {result["fault"] for result in runs}
    empty = [""] * (len(columns) + 2)
    missing = [
        [name, title, "0", "", *empty, f"not run: {why}", ""]
        for name, (title, why) in _not_run().items()
        if name not in made
    ]
    rows = [_row(result, columns) for result in runs]
    return _table("## The matrix", head, sorted([*rows, *missing], key=lambda row: _number(row[0])))


def _not_run() -> dict[str, tuple[str, str]]:
    """Title and reason by fault, for those without a result."""
    later = {fault.id: (fault.title, "not at this release") for fault in FAULTS.values()}
    return later | IMPOSSIBLE


def _number(name: str) -> tuple[float, str]:
    """F2 comes before F10, and faults with names for numbers come last."""
    number = name.partition(" ")[0].removeprefix("F")
    return int(number) if number.isdigit() else math.inf, name


def _row(result: Result, columns: list[str]) -> list[str]:
    fault, recovery = FAULTS.get(result["fault"]), result["recovery_s"]
    counts = [str(result["invariants"].get(name, "")) for name in columns]
    seconds = ", ".join(f"{recovery[name]:.1f}" for name in ("median", "p95", "max")) if recovery else ""
    survived = "yes" if result["ok"] else "**no**: " + ("; ".join(result.get("problems", [])) or "see the counts")
    times = [_name(result), fault.title if fault else "", str(result["n"]), f"{result['events']:,}"]
    return [*times, *counts, seconds, f"{result['repeats']:,}", survived, result.get("commit", "not noted")]


BOUND = """No failure in n tries does not mean that there is none: with 95% confidence its rate is below about 3/n,
where n is *times*: 15% for a fault that struck 20 times, 6% for 50."""

# fmt: off
USUAL_NOTES = frozenset((
    "state", "seconds", "stale_writes", "produced", "dead_letters", "model_versions", "profiles", "facts",
    "beyond_applied", "activities", "applied", "resent", "duplicates", "erased", "worker_starts", "struck_again",
    "worker_exits", "items",
))
# fmt: on


def _besides(runs: list[Result]) -> str:
    """What single faults measured besides."""
    rows = []
    for result in runs:
        own = {name: value for name, value in result["notes"].items() if name not in USUAL_NOTES}
        rows += [[_name(result), name.replace("_", " "), _plain(value)] for name, value in own.items()]
    return _table("## Measured besides", ["fault", "", ""], rows) if rows else ""


def _plain(value: Any) -> str:
    """A figure, or several by name."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_plain(one)}" for name, one in value.items())
    return f"{value:,.4g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)


def _controls(controls: list[Result]) -> str:
    if not controls:
        return ""
    rows = [
        [
            result["fault"].removeprefix("control-"),
            result["title"],
            f"{result['events']:,}",
            f"{result['lost']:,}",
            f"{result['double']:,}",
            "yes" if result["ok"] else "**no**",
        ]
        for result in controls
    ]
    table = _table("## The negative control", ["fault", "", "events", "lost", "counted twice", "shown"], rows)
    return f"""{table}

The same kind of harm done to a stock Faust application: an agent that counts each shopper's events in a `Table`,
at_least_once, acks from all (`tests/faults/stock/worker.py` says why it counts wrongly). A harness that saw nothing
there would prove little here. The truth is the input topic; the application's counts are those that a new worker would
recover."""


def _table(title: str, head: list[str], rows: list[list[str]]) -> str:
    lines = [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows)]
    return f"{title}\n\n" + "\n".join(lines)


LIMITS = """## Limits

- One machine, loopback network, disks that keep what they report as written. A broker that loses what it has
  acknowledged loses it for us, too: run three, with two in sync.
- Kafka's own checksum is what finds a byte that changed inside a state record or an activity; our own checks find
  another layout, another length, and numbers that cannot be.
- Runs that share the machine with others recover later than they would alone; `p95` is judged where a fault says so.
- Traffic is simulated, and the same for a seed; moments of harm are drawn from the seed, yet two runs are never alike:
  threads and sockets are not."""


def this_place() -> Place:
    """This machine, this checkout, today."""
    return Place(
        machine=machine(),
        system=f"{platform.system()} {platform.release().partition('-')[0]}",
        versions={"Python": platform.python_version(), "Kafka": _kafka()}
        | {name: version(name) for name in ("faust-streaming", "aiokafka")},
        commit=checkout(),
        day=datetime.now(UTC).date(),
    )


def machine() -> str:
    """This machine in a few words."""
    return f"{_cpu()}, {os.cpu_count()} cores, {_memory_gib()} GiB"


def _cpu() -> str:
    for line in _read("/proc/cpuinfo"):
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _memory_gib() -> int:
    for line in _read("/proc/meminfo"):
        if line.startswith("MemTotal"):
            return round(int(line.split()[1]) / (1 << 20))
    return 0


def _read(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []


def _kafka() -> str:
    from liveprofile.streams.broker.jars import kafka_version

    return kafka_version()


def checkout() -> str:
    """The commit of this checkout, "-dirty" where files differ from it."""
    command = ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--exclude", "*"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    return found.stdout.strip() or "unknown"


def read(path: Path) -> list[Result]:
    """Results from a file of JSON lines, oldest first. ValueError names the line that is none."""
    found: list[Result] = []
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        try:
            found.append(orjson.loads(line))
        except orjson.JSONDecodeError as error:
            raise ValueError(f"{path}, line {number} is not JSON ({error}): delete the line") from None
    return found


def write(results: Path = RESULTS, path: Path = PAGE) -> None:
    """Write the page from a results file, and leave the newest result of each fault in the file."""
    kept = newest(read(results))
    path.write_text(page(kept, this_place()), encoding="utf-8")
    results.write_bytes(b"".join(orjson.dumps(result) + b"\n" for result in kept))


if __name__ == "__main__":
    write(*map(Path, sys.argv[1:3]))
