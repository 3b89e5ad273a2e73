"""`python -m tests.upgrade.expected`: writes what the present program makes of golden logs, after a change by design.

What a golden folder holds is never written again: its logs and its state are read by every later program. What comes of
them changes when the rules of the fold do. Then the new results are written beside it, into `expected/`, and each part
that differs is named in `normal.CHANGED`, with the reason. Parts that are not named there must be as they were.
"""

import asyncio
import lzma
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from threadpoolctl import threadpool_info

from tests.upgrade.golden import LOGS, digests_of
from tests.upgrade.program import GoldenFold
from tests.upgrade.record_file import Record, read_records

GOLDEN = Path(__file__).with_name("golden")
EXPECTED = Path(__file__).with_name("expected")


def arithmetic() -> str:
    """What sums run on here: learners' numbers differ in their last bits from one kind of processor to the other.

    The kernels of linear algebra, and the newest instructions that NumPy uses.
    """
    kernels = {one["architecture"] for one in threadpool_info() if one["user_api"] == "blas"}
    instructions: Any = np.show_config(mode="dicts")
    return f"{' '.join(sorted(kernels))}, NumPy {instructions['SIMD Extensions']['found'][-1]}"


def read_expected(folder: Path, name: str) -> dict[str, Any]:
    """The present results of a golden folder."""
    found: dict[str, Any] = orjson.loads(lzma.decompress((EXPECTED / folder.name / f"{name}.json.xz").read_bytes()))
    return found


async def go_on(folder: Path, fold: GoldenFold) -> list[tuple[str, bytes]]:
    """Load the state of a golden folder, fold the rest of its log; the facts, by id."""
    cut = orjson.loads((folder / "activity.json").read_bytes())["checkpoint"]
    log = read_records(folder / "activity.records.xz")
    fold.partition.fold.restore(read_records(folder / "state.records.xz"))
    await fold.take(log, cut, len(log))
    return fold.facts()


async def write_expected(folder: Path) -> None:
    """Write the results of one golden folder."""
    for name in LOGS:
        digests = await digests_of(read_records(folder / f"{name}.records.xz"), _item_events(folder, name))
        _write(folder, name, {"digests": digests, "arithmetic": arithmetic()})
    with tempfile.TemporaryDirectory() as place:
        fold = GoldenFold(Path(place))
        facts = await go_on(folder, fold)
        shown = list(map(orjson.loads, fold.end().snapshots))
    _write(
        folder, "profiles", {"at_the_end": shown, "facts_after": [[one, orjson.loads(value)] for one, value in facts]}
    )


def _item_events(folder: Path, name: str) -> Sequence[Record]:
    return read_records(folder / "item-events.records.xz") if name == "activity" else []


def _write(folder: Path, name: str, content: Any) -> None:
    path = EXPECTED / folder.name / f"{name}.json.xz"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(lzma.compress(orjson.dumps(content, option=orjson.OPT_SORT_KEYS), preset=9))


if __name__ == "__main__":
    for one in sorted(GOLDEN.iterdir()):
        asyncio.run(write_expected(one))
