"""Generations of a partition's state: the log decides which of several folds of it serves.

The first generation is 1. A rebuild folds the log into the next generation; a SWITCH record puts it in force at its
offset.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

STATE_GENERATION = "state-generation"
"""Value of `what` in a SWITCH record."""
FIRST = 1


@dataclass(frozen=True, slots=True)
class AdoptedGeneration:
    """The generation that serves from an offset of the log on, with its settings and program version."""

    generation: int
    config: str
    """Digest of the profile settings."""
    program: str
    """Version of the program."""
    record: dict[str, Any]
    """The adoption record from the log, to be kept with the state."""

    @property
    def label(self) -> str:
        """Name and number."""
        return f"state@{self.generation}"

    @classmethod
    def of(cls, generation: int, config: str, program: str) -> "AdoptedGeneration":
        """The adoption of a generation.

        >>> AdoptedGeneration.of(2, "5f3a", "0.1.0").record["generation"]
        2
        """
        return cls.from_record(
            {"what": STATE_GENERATION, "generation": generation, "config": config, "program": program}
        )

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "AdoptedGeneration":
        """Read an adoption. ValueError if it names no generation."""
        generation, config, program = (record.get(name) for name in ("generation", "config", "program"))
        if not isinstance(generation, int) or generation <= FIRST:
            raise ValueError(f"an adopted generation of state is a whole number above {FIRST}, got {generation!r}")
        return cls(generation, str(config), str(program), record)


def adopted_generation(adopted: Mapping[str, Any]) -> AdoptedGeneration | None:
    """The newest generation that the log has put in force, from the adoptions in a cursor; None for the first."""
    found = adopted.get(STATE_GENERATION)
    return found if isinstance(found, AdoptedGeneration) else None
