"""All layouts of one kind of record, and the migration from each to the present one: a copy by name, step by step."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from liveprofile.profiles.records.layouts.copy import Rows, copy_by_name
from liveprofile.profiles.records.layouts.fields import MakeDtype, dtype_of, fields_of, fingerprint_of
from liveprofile.profiles.records.layouts.known import Layout, read_known
from liveprofile.profiles.records.layouts.migrations import FUNCTIONS


class Changes(NamedTuple):
    """The changes to the fields of an older layout."""

    added: list[str]
    removed: list[str]
    renamed: dict[str, str]
    functions: list[str]
    """Names of the functions that give fields another meaning."""

    def words(self, most: int = 1_000) -> str:
        """For a person; of more than `most` fields it says how many they are.

        >>> Changes(["rank", "tier"], [], {"burst": "rate_burst"}, ["split"]).words()
        'by name: adds rank, tier, renames burst to rate_burst; by function split'
        >>> Changes(["rank", "tier"], [], {}, []).words(most=1)
        'by name: adds 2 fields'
        """
        renamed = [f"{old} to {new}" for old, new in self.renamed.items()]
        named = (("adds", self.added), ("drops", self.removed), ("renames", renamed))
        parts = [
            f"{verb} {', '.join(names) if len(names) <= most else f'{len(names)} fields'}"
            for verb, names in named
            if names
        ]
        by_name = f"by name: {', '.join(parts) or 'places change'}"
        return f"{by_name}; by function {', '.join(self.functions)}" if self.functions else by_name


class Family:
    """The layouts of one kind of record, the oldest first, the present one last."""

    def __init__(
        self,
        name: str,
        present: MakeDtype,
        number: int,
        *,
        known: Sequence[Layout] | None = None,
        blanks: Mapping[str, Any] | None = None,
        words: bool = False,
    ) -> None:
        """`present` is the dtype of today, `number` the first byte of its records.

        `known` are the layouts ever written; by default those of the file `name`.json. `blanks` are the initial values
        of new fields, where these are not 0. With `words`, rows are padded to whole 32-bit words.
        """
        self.name, self._present, self._words, self._blanks = name, present, words, dict(blanks or {})
        fields = fields_of(present)
        self.fingerprint = fingerprint_of(fields)
        before = read_known(name) if known is None else tuple(known)
        renamed = next((one.renamed for one in before if one.fingerprint == self.fingerprint), {})
        older = tuple(one for one in before if one.fingerprint != self.fingerprint)
        self.layouts = (*older, Layout(self.fingerprint, number, fields, renamed))
        self._places = {one.fingerprint: at for at, one in enumerate(self.layouts)}
        self._dtype = lru_cache(maxsize=32)(self._make_dtype)

    @property
    def present(self) -> Layout:
        """The layout of today."""
        return self.layouts[-1]

    def __contains__(self, fingerprint: object) -> bool:
        """Whether a layout is known."""
        return fingerprint in self._places

    def of_number(self, number: int) -> Layout | None:
        """The newest layout with records that begin with this byte; None for an unknown one."""
        return next((one for one in reversed(self.layouts) if one.number == number), None)

    def dtype(self, fingerprint: str, dims: int) -> np.dtype[np.void]:
        """The dtype of a known layout for vectors of `dims` dimensions."""
        return self._dtype(fingerprint, dims)

    def _make_dtype(self, fingerprint: str, dims: int) -> np.dtype[np.void]:
        if fingerprint == self.fingerprint:
            return self._present(dims)
        return dtype_of(self.layouts[self._places[fingerprint]].fields, dims, words=self._words)

    def migrate(self, rows: Rows, fingerprint: str, dims: int) -> Rows:
        """Rows (n,) of a known layout in the present one."""
        for before, after in pairwise(self.layouts[self._places[fingerprint] :]):
            rows = self._step(rows, before, after, self.dtype(after.fingerprint, dims))
        return rows

    def _step(self, old: Rows, before: Layout, after: Layout, dtype: np.dtype[np.void]) -> Rows:
        """Rows in the next layout: fields of the same or the new name are copied, others are blank."""
        sources = {after.renamed.get(one[0], one[0]): one[0] for one in before.fields}
        names = [one[0] for one in after.fields]
        if _differ_in_names_only(before, after):
            return np.ascontiguousarray(old).view(dtype)
        new = np.zeros(len(old), dtype)
        copy_by_name(old, new, [(sources[name], name) for name in names if name in sources])
        for name in names:
            if name not in sources and name in self._blanks:
                new[name] = self._blanks[name]
        if function := FUNCTIONS.get((before.fingerprint, after.fingerprint)):
            function(old, new)
        return new

    def changes(self, fingerprint: str) -> Changes:
        """The changes that `migrate` makes to records of a known layout."""
        layouts = self.layouts[self._places[fingerprint] :]
        first = [one[0] for one in layouts[0].fields]
        origin: dict[str, str | None] = {name: name for name in first}
        functions = []
        for before, after in pairwise(layouts):
            moved = {after.renamed.get(name, name): source for name, source in origin.items()}
            origin = {name: moved.get(name) for name, *_ in after.fields}
            if function := FUNCTIONS.get((before.fingerprint, after.fingerprint)):
                functions.append(function.__name__)
        kept = {source for source in origin.values() if source is not None}
        return Changes(
            added=[name for name, source in origin.items() if source is None],
            removed=[name for name in first if name not in kept],
            renamed={source: name for name, source in origin.items() if source not in (None, name) and source},
            functions=functions,
        )


def _differ_in_names_only(before: Layout, after: Layout) -> bool:
    """Whether all fields are at their places with their types, and there is no function: the bytes are the same."""
    renamed = [(after.renamed.get(one[0], one[0]), *one[1:]) for one in before.fields]
    return renamed == list(after.fields) and (before.fingerprint, after.fingerprint) not in FUNCTIONS
