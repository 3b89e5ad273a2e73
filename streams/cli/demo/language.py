"""A demo in another language: the settings of a shop in its country, for this process and those that it starts."""

import os

from liveprofile.models.manifest import Manifest
from liveprofile.streams.cli.context import Context
from liveprofile.streams.errors import SetupError
from liveprofile.streams.settings import Settings
from liveprofile.streams.settings.fields import walk
from liveprofile.streams.simulator.shop_words import words_of

_EXPORTS = {
    "de": "liveprofile export-model --language de --out",
    "en": "liveprofile export-model --out",
    "zh": "liveprofile export-model --recipe chinese --out",
}
"""The command that makes a language's model, before the folder."""


def speak(context: Context, language: str) -> None:
    """Take a language's currency, time zone and model, with its dimensions, where no setting says otherwise.

    SetupError where there is no model that reads it. The settings of children are those of the environment.
    """
    origins, settings = context.loaded.origins, context.settings
    words = words_of(language)
    chosen = {"currency": words.currency, "timezone": words.timezone}
    if language != "en":
        chosen["model_dir"] = str(settings.data_path / f"model-{language}")
    given = {name: value for name, value in chosen.items() if origins[name] == "default"} | {"language": language}
    os.environ.update({field.variable: given[field.name] for field in walk(Settings) if field.name in given})
    context.read_again()
    model = context.settings.model_path
    if not model.is_dir():
        raise SetupError(f"There is no model in {model} that reads {language}.", f"Run: {_EXPORTS[language]} {model}")
    if origins["profile.policy.dims"] == "default":
        os.environ["LIVEPROFILE_PROFILE__POLICY__DIMS"] = str(Manifest.load(model).dims)
        context.read_again()
