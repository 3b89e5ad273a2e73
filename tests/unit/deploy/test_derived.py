"""What is derived from the code in the folder deploy is as the code says."""

from pathlib import Path

import pytest
from support.paths import ROOT

from deploy.__main__ import files

FILES = files()


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_derived_file_is_as_the_code_says(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == FILES[path], "`make generate` writes it anew"


def test_no_other_dashboard_lies_beside_them() -> None:
    assert set((ROOT / "deploy" / "grafana" / "dashboards").iterdir()) < set(FILES)
