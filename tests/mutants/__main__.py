"""`python -m tests.mutants`: breaks a sample of lines, runs the nearest tests of each, and says which ones survived.

Each result is written down as it comes, so that a run that was ended goes on where it stopped.
"""

import json
import random
import time
import tomllib
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

import click

from tests.mutants.choice import Choice
from tests.mutants.hot import NOT_THERE
from tests.mutants.readers import Readers, sources
from tests.mutants.report import written
from tests.mutants.workplace import MEASURED, ROOT, Workplace

ROOMS = ("profiles", "streams/runtime", "streams/transport", "streams/stages/ingest")
READ = ("models", "profiles", "streams")
"""Folders whose modules may use a name of the rooms."""
NEAREST: Mapping[str, Mapping[str, list[str]]] = tomllib.loads(Path(__file__).with_name("nearest.toml").read_text())
SLOWER = 6.0
"""Limit of tests in times of what they take unbroken."""
LEAST_S = 30.0
KAFKA_S = 900.0
"""Limit of the tests with a real Kafka."""
UNDECIDED = ("survived", "not reached")


def modules(rooms: Sequence[str]) -> list[str]:
    """All modules of the rooms, in order; declarations without code have no mutations."""
    found = [path.relative_to(ROOT) for room in rooms for path in sorted((ROOT / room).rglob("*.py"))]
    return [str(path) for path in found if path.name != "__init__.py"]


def nearest(module: str) -> Mapping[str, list[str]]:
    """The tests of the longest folder that the module is in.

    >>> nearest("streams/runtime/outbox.py")["tests"]
    ['tests/unit/streams/runtime']
    """
    return NEAREST[max((folder for folder in NEAREST if module.startswith(folder + "/")), key=len)]


def drawn(everything: Sequence[dict[str, Any]], rooms: Sequence[str], sample: int, seed: int) -> list[dict[str, Any]]:
    """A sample in which each room has the same number: `profiles` alone has nine tenths of all mutations.

    Rooms take turns, so that a run that was ended has a sample of each as well.
    """
    draw, chosen = random.Random(seed), []
    for room in rooms:
        inside = [one for one in everything if one["module"].startswith(room + "/")]
        chosen.append(draw.sample(inside, min(sample // len(rooms), len(inside))))
    return [one for turn in zip_longest(*chosen) for one in turn if one is not None]


class Trial:
    """Judges mutations in a workplace."""

    def __init__(self, workplace: Workplace, choice: Choice, *, with_kafka: bool) -> None:
        self._workplace = workplace
        self._choice = choice
        self._with_kafka = with_kafka
        self._sound: set[str] = set()
        self._unsound: set[str] = set()

    def judge(self, mutation: Mapping[str, Any]) -> dict[str, Any]:
        """The mutation with what became of it: killed (by which test), survived, not reached, nothing to change."""
        began = time.monotonic()
        tests = self._choice.tests(mutation)
        by = self._killer(mutation, tests) if mutation["difference"] else ""
        outcome = "killed" if by else "survived" if tests else "not reached"
        found = {name: value for name, value in mutation.items() if name != "text"}
        found["outcome"] = outcome if mutation["difference"] else "nothing to change"
        return {**found, "by": by, "tests": len(tests), "seconds": round(time.monotonic() - began, 1)}

    def _killer(self, mutation: Mapping[str, Any], tests: Sequence[str]) -> str:
        """What noticed it. It counts if the same tests pass with nothing broken, in the same order and process."""
        near = nearest(mutation["module"])
        tests = [test for test in tests or self._choice.of_files(near["tests"]) if test not in self._unsound]
        by = self._failure(mutation, tests) if tests else ""
        if by and by not in self._sound and self._failure({**mutation, "text": ""}, _until(by, tests)):
            self._unsound.add(by)
            return self._killer(mutation, tests) if by in tests else ""
        self._sound |= {by} & set(tests)
        if not by and self._with_kafka and "kafka" in near:
            by = self._workplace.cold(mutation, near["kafka"], KAFKA_S, plain=False)
        return by

    def _failure(self, mutation: Mapping[str, Any], tests: Sequence[str]) -> str:
        """The first test that fails, or what ended the run."""
        limit_s = LEAST_S + SLOWER * sum(map(self._choice.seconds.__getitem__, tests))
        if self._choice.is_hot(mutation) and (by := self._workplace.hot(mutation, tests, limit_s)) != NOT_THERE:
            return by
        return self._workplace.cold(mutation, tests, limit_s, plain=True)


def _until(by: str, tests: Sequence[str]) -> Sequence[str]:
    """The tests until the one that failed; all where none is known."""
    return tests[: tests.index(by) + 1] if by in tests else tests


@click.command()
@click.option("--sample", default=400, show_default=True, help="Mutations tried, the same number in each room.")
@click.option("--seed", default=1, show_default=True, help="Another seed draws another sample.")
@click.option(
    "--room", "rooms", multiple=True, default=ROOMS, show_default=True, help="Folders whose modules are broken."
)
@click.option("--kafka/--no-kafka", default=False, show_default=True, help="Try survivors on tests with a real Kafka.")
@click.option("--first", type=int, help="Try only so many of the sample, each room the same number.")
@click.option("--again", is_flag=True, help="Try the known survivors once more: after new tests.")
@click.option("--measure/--no-measure", default=True, show_default=True, help="Measure which lines new tests reach.")
@click.option("--folder", type=click.Path(path_type=Path), default=ROOT / "build" / "mutants", help="Where it works.")
@click.option("--tool", type=click.Path(path_type=Path), default=ROOT / ".venv-mutants" / "bin" / "python")
@click.option("--page", type=click.Path(path_type=Path), help="Write score and survivors into this page.")
def main(
    sample: int,
    seed: int,
    rooms: tuple[str, ...],
    kafka: bool,
    first: int | None,
    again: bool,
    measure: bool,
    folder: Path,
    tool: Path,
    page: Path | None,
) -> None:
    """Break a sample of lines, one at a time, in a copy of the repository, and run the tests that reach each."""
    workplace = Workplace(folder, tool)
    everything = workplace.mutations(modules(ROOMS))
    chosen = drawn(everything, ROOMS, sample, seed)[:first]
    chosen = [one for one in chosen if one["module"].startswith(tuple(rooms))]
    click.echo(f"{len(everything):,} mutations in {len(modules(ROOMS))} modules; {len(chosen)} are tried (seed {seed})")
    results = folder / f"results-{seed}.jsonl"
    known = {_key(one): one for one in map(json.loads, results.read_text().splitlines())} if results.exists() else {}
    readers = Readers(workplace.folder, list(sources(workplace.folder, READ)))
    choice = Choice(workplace.reach(measure=measure), readers, sources(workplace.folder, MEASURED))
    trial, judged = Trial(workplace, choice, with_kafka=kafka), []
    for number, mutation in enumerate(workplace.changed(chosen), 1):
        result = known.get(_key(mutation))
        if result is None or (again and result["outcome"] in UNDECIDED):
            result = trial.judge(mutation)
            with results.open("a") as file:
                file.write(json.dumps(result) + "\n")
            place = f"{result['module']}:{result['line']}"
            took = f"{result['seconds']:6.1f} s"
            click.echo(f"{number:4} of {len(chosen)}  {result['outcome']:17}  {took}  {place}  {result['by'][-80:]}")
        judged.append(result)
    text = written(judged, rooms=ROOMS, total=len(everything), seed=seed)
    click.echo(text)
    if page is not None:
        _put(page, text, seed)


def _key(mutation: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(mutation[name] for name in ("module", "operator", "occurrence", "line", "column"))


def _put(page: Path, text: str, seed: int) -> None:
    """Replace what is between the marks of the page for this seed; another seed has no place there."""
    begin, end = f"<!-- mutants {seed} -->", f"<!-- end of mutants {seed} -->"
    before, mark, rest = page.read_text().partition(begin)
    if mark:
        page.write_text(f"{before}{begin}\n\n{text}\n{end}{rest.partition(end)[2]}")


if __name__ == "__main__":
    main()
