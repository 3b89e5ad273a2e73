"""Parses a question: a path of the profile, a member of a path's set, several paths by their start, or anomalies."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from liveprofile.profiles.state.row import ANOMALIES, PATHS
from liveprofile.streams.errors import UserError

ANOMALY = "anomalies"


@dataclass(frozen=True, slots=True)
class Question:
    """Paths, and a member if the question is about one."""

    paths: tuple[str, ...]
    member: str | None = None
    kinds: tuple[str, ...] = ()
    """Kinds of anomaly; then there are no paths."""


def question(asked: str, published: Iterable[str] = ()) -> Question:
    """Parse `asked`; `published` are the paths in a profile's changes. UserError with suggestions for an unknown path.

    >>> question("spend").paths, question("segments.loyal").member, question("anomalies.spend").kinds
    (('spend.band',), 'loyal', ('spend',))
    """
    asked, known = asked.strip(), list(dict.fromkeys([*PATHS, *published]))
    if asked == ANOMALY:
        return Question((), kinds=ANOMALIES)
    if asked in known:
        return Question((asked,))
    kind = asked.removeprefix(f"{ANOMALY}.")
    if kind != asked and kind in ANOMALIES:
        return Question((), kinds=(kind,))
    if asked and (starting := tuple(path for path in known if path.startswith(asked))):
        return Question(starting)
    owners = [path for path in known if asked.startswith((f"{path}.", f"{path}/"))]
    if owners:
        owner = max(owners, key=len)
        return Question((owner,), asked[len(owner) + 1 :])
    raise _unknown(asked, known)


def _unknown(asked: str, known: list[str]) -> UserError:
    """The error with the nearest possible questions."""
    all_ = [*known, ANOMALY, *(f"{ANOMALY}.{kind}" for kind in ANOMALIES)]
    last = {path.rpartition(".")[2]: path for path in reversed(all_)}
    near = [*get_close_matches(asked, all_, n=3, cutoff=0.5)]
    near += [last[word] for word in get_close_matches(asked.rpartition(".")[2], last, n=2, cutoff=0.6)]
    words = ", ".join(dict.fromkeys(near)) if near else ", ".join(all_)
    hint = f"Did you mean {words}?" if near else f"Paths are {words}."
    return UserError(f"{asked!r} is not a path of a profile.", hint)
