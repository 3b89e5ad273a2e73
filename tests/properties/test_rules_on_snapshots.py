"""Rules see in a snapshot what the fold sees in the row that it was made of, as far as values are not rounded in it."""

import numpy as np
import orjson
import pytest
from support.activities import DIMS, random_log

from liveprofile.profiles.fold.fold import Fold
from liveprofile.profiles.kernel.detections import DETECTION, MOST_PER_EVENT
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.segments.features import FEATURES
from liveprofile.profiles.segments.preview import _judge_all
from liveprofile.profiles.segments.rules import RuleSet
from liveprofile.streams.serve.rules.judge import Chunk, SnapshotJudge

LATER_MS = 40 * 86_400_000
NOT_IN_SNAPSHOTS = {"recent.events", "order.average"}
PLACES = {one.name: at for at, one in enumerate(FEATURES) if one.name != "lifecycle.state"}
ROUNDED = {"interest.mass": 0.03, "recent.": 0.02, "offers.": 0.02, "payments.failed": 0.02}
"""Relative errors, of counts that snapshots have with two digits and of a weight that is computed from a share."""


def every_feature() -> RuleSet:
    """Rules that compare every plain feature."""
    lines = ['name = "all"', "version = 1"]
    for at, one in enumerate(FEATURES):
        if one.name != "lifecycle.state":
            constant = f'== "{one.values[-1]}"' if one.values else ">= 1"
            lines += [
                "[[segment]]",
                f'name = "s{at}"',
                'label = ""',
                'meaning = ""',
                f"enter = '{one.name} {constant}'",
            ]
    return RuleSet.from_record({"toml": "\n".join(lines)})


@pytest.mark.parametrize("seed", range(4))
def test_every_feature_of_a_snapshot_is_the_one_of_the_row(seed: int) -> None:
    policy, rules, log = Policy(dims=DIMS), every_feature(), random_log(seed, count=600)
    fold = Fold(policy)
    fold.apply(log.keys, log.values, range(len(log)))
    judge, keys = SnapshotJudge(rules), fold.table.keys
    assert {name for names in judge.missing.values() for name in names} == NOT_IN_SNAPSHOTS
    for key in keys:
        (encoded,) = fold.encoded_snapshots([key])
        if encoded is None:
            continue
        row, snapshot = fold.table.rows[fold.table.places([key])].copy(), orjson.loads(encoded.value)
        now_ms = int(row["seen_ms"][0]) + LATER_MS
        _judge_all(row, now_ms, policy.numbers[0], rules.compiled_rules, np.zeros(MOST_PER_EVENT, DETECTION))
        truth = rules.compiled_rules.value.tolist()
        for name, place in PLACES.items():
            if name not in NOT_IN_SNAPSHOTS:
                seen = float(judge.column(place, Chunk([snapshot], now_ms, policy))[0])
                error = next((error for start, error in ROUNDED.items() if name.startswith(start)), 0.002)
                assert seen == pytest.approx(truth[place], rel=error, abs=0.011), (name, key)
