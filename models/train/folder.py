"""The folder of a training: its layout, and the checks before a training starts or resumes in it.

`weights/`       the Hugging Face folder, which `export-model --from`, `finetune --model` and `distil --model` read
`model/`         the folder that ingest loads: the setting model_dir
`base/`          the model before training, exported for comparison
`checkpoint-…`   the state that `--resume` continues from
`report.json`    figures before and after
"""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from liveprofile.models.errors import ModelError
from liveprofile.models.recipe import Recipe
from liveprofile.models.train import checkpoint

REPORT = "report.json"
OURS = frozenset({"weights", "model", "base", checkpoint.MAKING, REPORT})


@dataclass(frozen=True)
class Folder:
    """Paths in the folder `root`."""

    root: Path

    @property
    def weights(self) -> Path:
        """The Hugging Face folder."""
        return self.root / "weights"

    @property
    def model(self) -> Path:
        """The folder that ingest loads."""
        return self.root / "model"

    @property
    def base(self) -> Path:
        """The model before training."""
        return self.root / "base"

    @property
    def name(self) -> str:
        """The model's name in its id."""
        return self.root.resolve().name.lower()

    def trained(self, recipe: Recipe) -> Recipe:
        """The recipe of the model that was trained here from the model of `recipe`."""
        return replace(recipe, source=self.weights, name=self.name, expected_sha256=None)

    def begin(self, *, resume: bool) -> None:
        """ModelError unless the folder is empty or missing, or holds a training that is to be resumed."""
        present = sorted(path.name for path in self.root.iterdir()) if self.root.is_dir() else []
        if self.root.exists() and not self.root.is_dir():
            raise ModelError(f"--out {self.root} is a file", "Name a folder.")
        if foreign := [name for name in present if name not in OURS and not name.startswith(checkpoint.PREFIX)]:
            raise ModelError(f"--out {self.root} is not empty (it holds {foreign[0]})", "Name another folder.")
        if present and not resume:
            raise ModelError(
                f"--out {self.root} holds a training", "Continue it with --resume, or name another folder."
            )
        self.root.mkdir(parents=True, exist_ok=True)

    def report(self, found: dict[str, Any]) -> None:
        """Write the report."""
        (self.root / REPORT).write_text(json.dumps(found, indent=2) + "\n", "utf-8")
