"""A digest of the settings that all workers of one application have alike, to see that they do."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import orjson

from liveprofile.streams.settings.fields import walk
from liveprofile.streams.settings.model import Settings

OF_ONE_WORKER = ("worker", "log", "kafka")
"""Sections that may differ from worker to worker, and may name hosts and users."""
OF_ONE_PLACE = ("bootstrap", "data_dir", "model_dir", "pseudonym_key", "pseudonym_key_file", "ingest.exchange_rates")


def settings_digest(settings: Settings) -> str:
    """Twelve hex digits. The key, addresses, users and paths are not in it.

    >>> settings_digest(Settings()) == settings_digest(Settings(data_dir="elsewhere"))
    True
    >>> settings_digest(Settings()) == settings_digest(Settings(currency="CHF"))
    False
    """
    values = {}
    for field in walk(Settings):
        if field.section not in OF_ONE_WORKER and field.name not in OF_ONE_PLACE and not field.is_secret:
            value: Any = settings
            for part in field.name.split("."):
                value = value[part] if isinstance(value, Mapping) else getattr(value, part)
            values[field.name] = value
    return sha256(orjson.dumps(values, default=str, option=orjson.OPT_SORT_KEYS)).hexdigest()[:12]
