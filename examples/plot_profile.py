"""Plots how the interests of one profile grow and fade: a PNG, without a notebook.

    python examples/plot_profile.py --out profile.png                       # a made-up shopper, folded in memory
    liveprofile watch changes --from start > changes.jsonl                  # what a real one did; Ctrl-C ends it
    python examples/plot_profile.py --changes changes.jsonl --profile 3f2a  # when interests came and went
    python examples/plot_profile.py --bootstrap localhost:9092 --profile 3f2a

Needs matplotlib: pip install 'liveprofile[plots]'.
"""

import argparse
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from liveprofile import ActivityEncoder, Changed, Changes, Fold, Policy

PATH = "interests.session"
NOON = 1_767_268_800  # 2026-01-01 12:00 UTC
Points = list[tuple[datetime, dict[str, float]]]
"""Moments, and the share of each topic then; 1 for a topic of which only its presence is known."""


def folded() -> Points:
    """Shares after each event of a made-up shopper who moves on from pans to shoes to books."""
    encoder, fold, points = ActivityEncoder(b"a key for this example"), Fold(Policy()), []
    for number in range(60):
        category = ("home/kitchen", "fashion/shoes", "books")[number // 20]
        seconds = NOON + 90 * number
        event = json.dumps({"user_id": "u-1042", "ts": seconds, "category": category}).encode()
        keys, values = encoder.encode("clicks", event, offset=number)
        fold.apply(keys, values, [number])
        session = fold.snapshots(keys)[0].interests.session
        points.append((datetime.fromtimestamp(seconds, UTC), {one.topic: one.share for one in session}))
    return points


def from_file(path: Path, profile: str) -> Points:
    """Topics after each change in a file of changes, as `liveprofile watch changes` writes it into a pipe."""
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    mine = [one for one in records if one["profile_id"].startswith(profile)]
    return [
        (datetime.fromisoformat(one["ce_time"]), dict.fromkeys(change["after"], 1.0))
        for one in mine
        for change in one["changes"]
        if change["path"] == PATH
    ]


def from_kafka(bootstrap: str, profile: str) -> Points:
    """The same from the topic."""
    group = f"example-plot-{datetime.now(UTC):%H%M%S%f}"
    with Changes(bootstrap, group, idle_s=3) as changes:
        mine = [one for one in changes if isinstance(one, Changed) and one.profile_id.startswith(profile)]
    return [
        (one.time, dict.fromkeys(change.after, 1.0))
        for one in mine
        for change in one.record.changes
        if change.path == PATH and one.time is not None
    ]


def plot(points: Points, out: Path) -> None:
    """Draw a line a topic."""
    import matplotlib

    matplotlib.use("Agg")  # draws into files, wherever there is a screen or none
    from matplotlib import pyplot
    from matplotlib.dates import date2num

    figure, axes = pyplot.subplots(figsize=(9, 4), layout="constrained")
    axes.xaxis_date()
    times = [date2num(time) for time, _ in points]
    for topic in topics_of(shares for _, shares in points):
        axes.plot(times, [shares.get(topic, 0.0) for _, shares in points], drawstyle="steps-post", label=topic)
    axes.set(ylabel="share of the session's interest", ylim=(0, 1.05), title="Interests over time")
    axes.legend(loc="upper right")
    figure.savefig(out, dpi=120)


def topics_of(all_shares: Iterable[dict[str, float]]) -> list[str]:
    """Every topic, in the order of its coming."""
    return list(dict.fromkeys(topic for shares in all_shares for topic in shares))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bootstrap", help="read the changes of a Kafka, host:port[,host:port]")
    parser.add_argument("--changes", type=Path, help="or a file of changes, one JSON object a line")
    parser.add_argument("--profile", default="", help="whose: a profile id, or the start of one")
    parser.add_argument("--out", type=Path, default=Path("profile.png"), help="the picture to write")
    given = parser.parse_args()
    if given.bootstrap:
        points = from_kafka(given.bootstrap, given.profile)
    else:
        points = from_file(given.changes, given.profile) if given.changes else folded()
    if not points:
        parser.exit(1, f"No change of {PATH} was found.\n")
    plot(points, given.out)
    print(f"{given.out}: {len(points)} points")


if __name__ == "__main__":
    main()
