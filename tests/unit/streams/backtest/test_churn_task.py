"""The churn task on a small shop: asked at the cut, of the right people, and answered by what came after it."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import orjson
import pytest
from support.offline import DrawnWiring

from liveprofile.streams.backtest.churn.bought import of_records
from liveprofile.streams.backtest.churn.task import AS_SHIPPED, DAY_MS, Question
from liveprofile.streams.backtest.engine.parts import offline
from liveprofile.streams.backtest.figures.scores import roc_auc
from liveprofile.streams.backtest.task.cases import OURS, Forecast
from liveprofile.streams.backtest.task.run import Run
from liveprofile.streams.datasets.record import utc_ms
from liveprofile.streams.errors import UserError
from liveprofile.streams.settings import Settings
from liveprofile.streams.settings.sections import Learn

QUESTION = Question("jsonl", "*.jsonl", "EUR", "2026-05-31", "2026-08-31", lambda _, records: of_records(records), 14)


@dataclass(frozen=True, slots=True)
class DrawnRun(Run):
    """With drawn vectors instead of a model's."""

    def wiring(self) -> DrawnWiring:
        return DrawnWiring(offline(self.settings))


def shop(users: int = 150) -> list[dict[str, object]]:
    """Half come about every 8 days, half about every 24; each leaves for good at a time of its own."""
    random, start, end = np.random.default_rng(5), utc_ms("2026-01-05"), QUESTION.end_ms
    purchases = []
    for user in range(users):
        gap, now = (8 if user % 2 else 24) * DAY_MS, start + random.uniform(0, 60) * DAY_MS
        leaves = now + random.exponential(120 * DAY_MS)
        while now < min(leaves, end):
            purchases.append({"topic": "purchases", "user_id": f"u{user}", "ts": int(now), "order_id": f"{user}-{now}"})
            now += random.exponential(gap)
    return sorted(purchases, key=lambda one: one["ts"])


def run_over(tmp_path: Path, purchases: list[dict[str, object]]) -> DrawnRun:
    more = {"items": [{"item_id": "tea", "title": "Tea", "price": 3.0, "quantity": 1}], "total": 3.0}
    path = tmp_path / "shop.jsonl"
    path.write_bytes(b"\n".join(orjson.dumps(one | more | {"event_id": one["order_id"]}) for one in purchases))
    learn = Learn(first_model_after=100, model_every=100)
    return DrawnRun(Settings(data_dir=str(tmp_path), learn=learn), path)


async def test_everybody_known_is_asked_about_and_what_comes_later_is_the_answer(tmp_path: Path) -> None:
    purchases = shop()
    cases, as_shipped = await QUESTION.ask(run_over(tmp_path, purchases))
    assert isinstance(cases, Forecast) and isinstance(as_shipped, Forecast)
    before = {one["user_id"] for one in purchases if one["ts"] < QUESTION.now_ms}
    after = {one["user_id"] for one in purchases if one["ts"] >= QUESTION.now_ms}
    assert set(cases.users) == before
    assert dict(zip(cases.users, cases.happened, strict=True)) == {user: user not in after for user in before}
    assert cases.details["records"] == sum(one["ts"] < QUESTION.now_ms for one in purchases)
    assert roc_auc(cases.happened, cases.probabilities[OURS]) > 0.75
    assert set(cases.scores) == {"recency", "frequency", "BG/NBD"}
    assert (cases.task, as_shipped.task) == ("churn", AS_SHIPPED)
    assert np.array_equal(as_shipped.happened, cases.happened), "one question, asked of two policies"
    assert not np.array_equal(as_shipped.probabilities[OURS], cases.probabilities[OURS])
    later = [one | {"ts": one["ts"] + 1} if one["ts"] >= QUESTION.now_ms else one for one in purchases]
    (again,) = await replace(QUESTION, absence_days=None).ask(run_over(tmp_path, later))
    assert np.array_equal(again.probabilities[OURS], as_shipped.probabilities[OURS])


async def test_a_file_that_ends_before_the_question_is_refused(tmp_path: Path) -> None:
    run = run_over(tmp_path, shop(20))
    with pytest.raises(UserError, match="no purchases on both sides of 2026-05-31"):
        await QUESTION.ask(replace(run, limit=10))


@pytest.mark.parametrize("cut", ["2025-12-31", "2026-08-30", "2026-08-31", "2027-01-01"])
async def test_a_cut_outside_of_the_known_answers_is_refused_with_the_range(tmp_path: Path, cut: str) -> None:
    """At the end of the file everybody has left: figures of such a cut say nothing, and look splendid."""
    purchases = [one for one in shop(20) if utc_ms("2026-01-10") <= one["ts"] < utc_ms("2026-08-31")]
    first, last = (f"{datetime.fromtimestamp(one['ts'] / 1000, UTC):%Y-%m-%d}" for one in (purchases[0], purchases[-1]))
    asked = replace(QUESTION, asked=cut, until=None)
    with pytest.raises(UserError, match=rf"{cut}: they are from {first} to {last}") as refused:
        await asked.ask(run_over(tmp_path, purchases))
    assert f"Give --cut a day from {first} to " in refused.value.next_step


async def test_where_all_known_shoppers_have_left_nothing_is_compared(tmp_path: Path) -> None:
    purchases = [one for one in shop(20) if one["ts"] < QUESTION.now_ms]
    purchases.append({"topic": "purchases", "user_id": "new", "ts": QUESTION.end_ms - 1, "order_id": "last"})
    with pytest.raises(UserError, match="nobody buys again until 2026-08-31: nothing can be compared"):
        await replace(QUESTION, until=None).ask(run_over(tmp_path, purchases))


async def test_with_a_cut_the_answer_reaches_to_the_last_day_of_the_file(tmp_path: Path) -> None:
    purchases = [one for one in shop() if one["ts"] < utc_ms("2026-07-20")]
    asked = replace(QUESTION, asked="2026-04-30", until=None, absence_days=None)
    (cases,) = await asked.ask(run_over(tmp_path, purchases))
    assert (cases.details["asked"], cases.details["until"]) == ("2026-04-30", "2026-07-19")
    after = {one["user_id"] for one in purchases if one["ts"] >= asked.now_ms}
    assert dict(zip(cases.users, cases.happened, strict=True)) == {user: user not in after for user in cases.users}
