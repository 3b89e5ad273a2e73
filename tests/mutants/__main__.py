"""`python -m tests.mutants`: breaks a sample of lines, runs the nearest tests of each, and says which ones survived.

Each result is written down as it comes, so that a run that was ended goes on where it stopped.
"""

import json
import random
import time
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from tests.mutants.report import written
from tests.mutants.workplace import NO_TESTS, ROOT, Workplace

ROOMS = ("profiles", "streams/runtime", "streams/transport", "streams/stages/ingest")
NEAREST: Mapping[str, Mapping[str, list[str]]] = tomllib.loads(Path(__file__).with_name("nearest.toml").read_text())
COMPILING_S = 600.0
"""Added to the limit of tests of compiled code: a broken function is compiled again, with all that call it."""
SLOWER = 3.0
"""Limit of tests in times of what they take unbroken."""
LEAST_S = 60.0


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
    """A sample in which each room has the same number: `profiles` alone has nine tenths of all mutations."""
    draw, chosen = random.Random(seed), []
    for room in rooms:
        inside = [one for one in everything if one["module"].startswith(room + "/")]
        chosen += draw.sample(inside, min(sample // len(rooms), len(inside)))
    return chosen


class Trial:
    """Judges mutations in a workplace."""

    def __init__(self, workplace: Workplace, *, with_kafka: bool) -> None:
        self._workplace = workplace
        self._with_kafka = with_kafka
        self._usual_s: dict[tuple[str, ...], float] = {}

    def judge(self, mutation: Mapping[str, Any]) -> dict[str, Any]:
        """The mutation with what became of it: killed, survived, or nothing to change."""
        tests = nearest(mutation["module"])
        stages = [tests["tests"], *([tests["kafka"]] if self._with_kafka and "kafka" in tests else [])]
        usual = [self._usual(tuple(stage)) for stage in stages]
        began = time.monotonic()
        with self._workplace.broken(mutation) as difference:
            outcome = "nothing to change" if not difference else "survived"
            for stage, usual_s in zip(stages, usual, strict=True):
                if outcome == "survived":
                    code, _ = self._workplace.tested(stage, self._limit_s(mutation["module"], usual_s))
                    outcome = "survived" if code == 0 else "killed"
        return {**mutation, "difference": difference, "outcome": outcome, "seconds": round(time.monotonic() - began, 1)}

    def _limit_s(self, module: str, usual_s: float) -> float:
        compiling = COMPILING_S if module.startswith("profiles/") else 0.0
        return max(LEAST_S, SLOWER * usual_s) + compiling

    def _usual(self, tests: tuple[str, ...]) -> float:
        """How long the tests take unbroken. ClickException where they fail: then nothing could be said of a mutant."""
        if tests not in self._usual_s:
            if any("profiles" in one for one in tests):
                self._workplace.tested(tests, 1_800.0)  # compiles what is not compiled yet
            code, seconds = self._workplace.tested(tests, 1_800.0)
            if code != 0:
                said = "found no test" if code == NO_TESTS else f"ended with {code}"
                raise click.ClickException(f"{' '.join(tests)} {said} before anything was broken.")
            self._usual_s[tests] = seconds
        return self._usual_s[tests]


@click.command()
@click.option("--sample", default=400, show_default=True, help="Mutations tried, the same number in each room.")
@click.option("--seed", default=1, show_default=True, help="Another seed draws another sample.")
@click.option(
    "--room", "rooms", multiple=True, default=ROOMS, show_default=True, help="Folders whose modules are broken."
)
@click.option("--kafka/--no-kafka", default=True, show_default=True, help="Try survivors on tests with a real Kafka.")
@click.option("--folder", type=click.Path(path_type=Path), default=ROOT / "build" / "mutants", help="Where it works.")
@click.option("--tool", type=click.Path(path_type=Path), default=ROOT / ".venv-mutants" / "bin" / "python")
@click.option("--page", type=click.Path(path_type=Path), help="Write score and survivors into this page.")
def main(
    sample: int, seed: int, rooms: tuple[str, ...], kafka: bool, folder: Path, tool: Path, page: Path | None
) -> None:
    """Break a sample of lines, one at a time, in a copy of the repository, and run the nearest tests of each."""
    workplace = Workplace(folder, tool)
    everything = workplace.mutations(modules(rooms))
    chosen = drawn(everything, rooms, sample, seed)
    click.echo(f"{len(everything):,} mutations in {len(modules(rooms))} modules; {len(chosen)} are tried (seed {seed})")
    trial, results = Trial(workplace, with_kafka=kafka), folder / f"results-{seed}.jsonl"
    known = {_key(one): one for one in map(json.loads, results.read_text().splitlines())} if results.exists() else {}
    judged = []
    for number, mutation in enumerate(sorted(chosen, key=lambda one: one["module"]), 1):
        if (result := known.get(_key(mutation))) is None:
            result = trial.judge(mutation)
            with results.open("a") as file:
                file.write(json.dumps(result) + "\n")
        judged.append(result)
        place = f"{result['module']}:{result['line']}"
        click.echo(f"{number:4} of {len(chosen)}  {result['outcome']:17}  {result['seconds']:6.1f} s  {place}")
    text = written(judged, total=len(everything), seed=seed)
    click.echo(text)
    if page is not None:
        _put(page, text)


def _key(mutation: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(mutation[name] for name in ("module", "operator", "occurrence", "line", "column"))


def _put(page: Path, text: str) -> None:
    """Replace what is between the marks of the page."""
    begin, end = "<!-- mutants -->", "<!-- end of mutants -->"
    before, _, rest = page.read_text().partition(begin)
    page.write_text(f"{before}{begin}\n\n{text}\n{end}{rest.partition(end)[2]}")


if __name__ == "__main__":
    main()
