"""The churn task: replay a file up to a cut, predict who will buy nothing more, and compare with the rest."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from liveprofile.profiles.predictions.forecast import absence_probabilities
from liveprofile.profiles.state.row import TASKS
from liveprofile.streams.backtest.churn.baselines import DAY_MS, churn_scores
from liveprofile.streams.backtest.churn.bought import Bought, of_records
from liveprofile.streams.backtest.engine.arrivals import of_file
from liveprofile.streams.backtest.engine.engine import Engine
from liveprofile.streams.backtest.engine.parts import pseudonyms
from liveprofile.streams.backtest.task.cases import OURS, Cases, Forecast
from liveprofile.streams.backtest.task.run import Run
from liveprofile.streams.datasets.files import DataFile
from liveprofile.streams.datasets.formats import FORMATS
from liveprofile.streams.datasets.reading import read_file
from liveprofile.streams.datasets.record import Record, Skipped, utc_ms
from liveprofile.streams.errors import UserError
from liveprofile.streams.stages.ingest.pseudonym import known_shopper

CHURN = TASKS.index("churn")

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Question:
    """Which shoppers with a purchase until the end of one day buy nothing more until the end of another day."""

    form: str
    """The file's format, by the name that `replay` takes."""
    files: str
    """Pattern of its name, if a folder is given."""
    currency: str
    """The shop's."""
    asked: str
    """The last known day, such as 2011-06-01."""
    until: str | None
    """The day up to which the answer is known; None: the last day of the file."""
    bought: Callable[[Path, Sequence[Record]], Bought] = lambda _, records: of_records(records)
    """Purchases of all shoppers."""
    absence_days: float | None = None
    """The absence that counts as churn, chosen on earlier cuts: shorter than the question, so that labels are known.

    None for the value of the settings.
    """

    @property
    def now_ms(self) -> int:
        """Time of the question."""
        return utc_ms(self.asked) + DAY_MS

    @property
    def end_ms(self) -> int:
        """Time when the answer is known. ValueError before the file was looked at, where it decides."""
        if self.until is None:
            raise ValueError("the last day of the file is not known yet")
        return utc_ms(self.until) + DAY_MS

    @property
    def days(self) -> float:
        """Days between the two."""
        return (self.end_ms - self.now_ms) / DAY_MS

    def ask(self, run: Run) -> Awaitable[Sequence[Cases]]:
        """The task."""
        return churn(self, run)


AS_SHIPPED = "churn, policy as shipped"
"""The same question to a stream whose absence that counts as churn was not set for the shop."""


async def churn(question: Question, run: Run) -> list[Cases]:
    """One case per shopper with a purchase. UserError if the file does not cover the question.

    Where the question has an absence of its own, the policy that ships answers it as well, as a second task.
    """
    path = file_at(run.path(), question.files)
    with DataFile(path) as file:
        records = list(read_file(file, path, FORMATS[question.form], Skipped(), run.limit))
    bought, now_ms = question.bought(path, records), question.now_ms
    question = _reaching(question, records, bought, path.name)
    known = {user: times for user, times in bought.items() if times[0] < now_ms}
    churned = np.array([not any(now_ms <= time_ms < question.end_ms for time_ms in times) for times in known.values()])
    if churned.all() or not churned.any():
        who = "nobody" if churned.all() else "everybody"
        raise UserError(
            f"Of the {len(known)} shoppers that {path.name} knows at {question.asked}, {who} buys again until "
            f"{question.until}: nothing can be compared.",
            "Give an earlier day to --cut." if churned.all() else "Give a later day to --cut.",
        )
    history = [[time_ms for time_ms in times if time_ms < now_ms] for times in known.values()]
    scores = churn_scores(history, now_ms, question.days / 7)
    tasks = {"churn": question}
    if question.absence_days is not None:
        tasks[AS_SHIPPED] = replace(question, absence_days=None)
    cases: list[Cases] = []
    for task, one in tasks.items():
        found, details = await _probabilities(_of_shop(run, one), list(known), _before(records, now_ms), one)
        cases.append(
            Forecast(
                task,
                np.array(list(known)),
                np.full(len(known), now_ms),
                churned,
                probabilities={OURS: found, "prior rate": np.full(len(known), float(churned.mean()))},
                scores=scores,
                details={"asked": one.asked, "until": one.until, "happened": int(churned.sum()), **details},
            )
        )
    return cases


def _reaching(question: Question, records: Sequence[Record], bought: Bought, name: str) -> Question:
    """The question with the day up to which its answer is known. UserError if that is not after the cut."""
    times = [time_ms for one in bought.values() for time_ms in (one[0], one[-1])]
    if not times:
        raise UserError(f"{name} has no purchases.", "Take the whole file.")
    first, last = _day(min(times)), _day(max(times))
    if not first <= question.asked < last:
        raise UserError(
            f"{name} has no purchases on both sides of {question.asked}: they are from {first} to {last}.",
            f"Give --cut a day from {first} to {_day(utc_ms(last) - DAY_MS)}, or take the whole file.",
        )
    end_ms = max([record.time_ms for record in records if record.time_ms is not None], default=max(times))
    return question if question.until is not None else replace(question, until=_day(max(end_ms, max(times))))


def _day(time_ms: int) -> str:
    """The UTC day of a time."""
    return datetime.fromtimestamp(time_ms / 1000, UTC).date().isoformat()


def file_at(path: Path, pattern: str) -> Path:
    """The file itself, or the only matching one of a folder. UserError if a folder has none or several."""
    if not path.is_dir():
        return path
    found = sorted(path.glob(pattern))
    if len(found) != 1:
        raise UserError(f"{path} has {len(found)} files named {pattern}, expected 1.", "Give the file to --data.")
    return found[0]


def _of_shop(run: Run, question: Question) -> Run:
    """The run with the settings of such a shop."""
    profile = run.settings.profile
    if (days := question.absence_days) is not None:
        profile = msgspec.structs.replace(
            profile, policy=profile.policy.changed({"predictions.absence_days": {"shortest": days, "longest": days}})
        )
    return replace(run, settings=msgspec.structs.replace(run.settings, currency=question.currency, profile=profile))


def _before(records: Sequence[Record], now_ms: int) -> list[Record]:
    return [record for record in records if (record.time_ms or 0) < now_ms]


async def _probabilities(
    run: Run, users: Sequence[str], records: Sequence[Record], question: Question
) -> tuple[Floats, Mapping[str, int | str]]:
    """The stream's prediction for each user (n,) at that time; the mean prediction for unknown users."""
    ids = pseudonyms()
    keys = [ids.of(known_shopper(user))[0] for user in users]
    async with Engine(run.wiring()) as engine:
        await engine.run(of_file(records), lambda done: run.progress(done / len(records)))
        await engine.wait_until(question.now_ms)
        fold = engine.partitions[0].fold
        predictor, seen = fold.cursor.predictor, set(fold.table.keys)
        details = {"records": engine.records, "activities": engine.counters.applied}
        if predictor is None or not predictor.scorecards.ready[CHURN]:
            raise UserError(f"{len(records)} records gave no churn model.", "Take the whole file.")
        known = np.array([key in seen for key in keys])
        rows = fold.table.rows[fold.table.places([key for key in keys if key in seen])]
        predicted = absence_probabilities(rows, question.now_ms, question.days, predictor, fold.policy)
        probabilities = np.full(len(keys), predicted.mean())
        probabilities[known] = predicted
        return probabilities, {**details, "not known to the stream": int((~known).sum()), "model": predictor.label}
