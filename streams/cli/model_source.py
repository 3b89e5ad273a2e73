"""The folder that a model is made from: the one that was named, or all-MiniLM-L6-v2, fetched once."""

from functools import partial
from pathlib import Path

from liveprofile.streams.cli.bars import step_bars
from liveprofile.streams.cli.context import Context


def model_source(context: Context, named: Path | None) -> tuple[Path, str | None]:
    """The folder, and the hash that its weights must have if it is the official one; fetched with a bar."""
    if named:
        return named, None
    from liveprofile.models.recipe import OFFICIAL_SHA256
    from liveprofile.streams.admin.fetch_model import ensure_weights

    with step_bars(context) as on_progress:
        return ensure_weights(progress=partial(on_progress, "fetching all-MiniLM-L6-v2 (84 MB)")), OFFICIAL_SHA256
