"""The source folder of a model: the given one, or all-MiniLM-L6-v2, fetched once."""

from functools import partial
from pathlib import Path

from liveprofile.streams.cli.bars import step_bars
from liveprofile.streams.cli.context import Context


def model_source(context: Context, named: Path | None) -> tuple[Path, str | None]:
    """The folder, and the expected hash of its weights if it is the official one; shows a bar for the download."""
    if named:
        return named, None
    from liveprofile.models.recipe import OFFICIAL_SHA256
    from liveprofile.streams.admin.fetch_model import ensure_weights

    with step_bars(context) as on_progress:
        return ensure_weights(progress=partial(on_progress, "fetching all-MiniLM-L6-v2 (84 MB)")), OFFICIAL_SHA256
