"""A process that answers requests one by one, by JSON lines over pipes of its own: tests write to the usual ones."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


class Server:
    """`python -m MODULE ARGUMENTS` with the file numbers of its pipes in MUTANTS_FDS."""

    def __init__(self, module: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
        """Starts it, and waits until it is ready."""
        theirs, ours = os.pipe()
        mine, answers = os.pipe()
        self._process = subprocess.Popen(
            [sys.executable, "-m", *module],
            cwd=folder,
            env={**environment, "MUTANTS_FDS": f"{theirs},{answers}"},
            pass_fds=(theirs, answers),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs)
        os.close(answers)
        self._requests, self._answers = os.fdopen(ours, "w"), os.fdopen(mine)
        self.ready: int = json.loads(self._line())

    def asked(self, request: Mapping[str, Any]) -> str:
        """What became of it."""
        print(json.dumps(request), file=self._requests, flush=True)
        answer: str = json.loads(self._line())["by"]
        return answer

    def _line(self) -> str:
        if not (line := self._answers.readline()):
            raise RuntimeError(f"{' '.join(map(str, self._process.args))[:200]} ended with {self._process.wait()}.")  # type: ignore[arg-type]
        return line
