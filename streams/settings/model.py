"""All settings with meaning, unit, default and limits, as frozen structs that are filled once at the start.

The file is `liveprofile.toml`; the environment variable of `ingest.batch_deadline_ms` is
LIVEPROFILE_INGEST__BATCH_DEADLINE_MS. `streams/settings/load.py` reads both, `streams/settings/page.py` prints them.
"""

from pathlib import Path
from typing import Annotated, Literal

from msgspec.structs import force_setattr, replace

from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.settings.secret import Secret
from liveprofile.streams.settings.sections import Ingest, Items, Learn, Log, Profile, Section, Worker, doc
from liveprofile.streams.settings.serve import Serve
from liveprofile.streams.settings.time_zone import local_time
from liveprofile.streams.transport.security.settings import Security


class Settings(Section, frozen=True):
    """Settings of all parts."""

    app_id: Annotated[
        str,
        doc(
            "Name of the application: of its consumer group, and in the names of internal topics. Public topics do "
            "not have it in their names: a second application on one cluster needs its own topic_prefix",
            pattern=r"^[a-z0-9][a-z0-9._-]{0,99}$",
        ),
    ] = "liveprofile"
    bootstrap: Annotated[
        str,
        doc(
            "Kafka to talk to, HOST:PORT separated by commas; empty means the embedded broker's",
            shape="HOST:PORT, or several with commas",
        ),
    ] = ""
    data_dir: Annotated[str, doc("Folder for the embedded broker, caches and the created key", min_length=1)] = (
        ".liveprofile"
    )
    model_dir: Annotated[str, doc("Folder of the exported model; empty means `model` in data_dir", shape="a path")] = ""
    topic_prefix: Annotated[
        str,
        doc(
            "Beginning of the names of all topics and consumer groups. Each application on a cluster needs its own: "
            "a second one is refused on the topics of the first",
            pattern=r"^[a-z0-9._-]{0,99}$",
        ),
    ] = ""
    prefix_internal_topics: Annotated[
        bool,
        doc(
            "Whether internal topics and consumer groups begin with topic_prefix, too; false only for an application "
            "that was made before they did (docs/operations.md, Several shops)"
        ),
    ] = True
    partitions: Annotated[int, doc("Partitions of the topics; fixed once they exist", ge=1, le=10_000)] = 4
    replication: Annotated[int, doc("Copies of each partition; at least 3 in production", ge=1, le=32)] = 1
    pseudonym_key: Annotated[
        Secret | None,
        doc(
            "Key that user ids are pseudonymised under; at least 16 characters. Secret", shape="at least 16 characters"
        ),
    ] = None
    pseudonym_key_file: Annotated[
        str,
        doc(
            "File that holds the key; without both, the one in data_dir, created only beside the embedded broker",
            shape="a path",
        ),
    ] = ""
    currency: Annotated[
        str,
        doc(
            "The currency of spend, ISO 4217; amounts in another currency count as unknown, unless "
            "`ingest.exchange_rates` has a rate",
            pattern=r"^[A-Z]{3}$",
        ),
    ] = "EUR"
    language: Annotated[
        Literal["de", "en", "zh"],
        doc(
            "The shop's language: messages of records, what commands show unless asked otherwise, and the words by "
            "which reviews and queries are judged. "
            "Readers can have the messages in another one (`--locale`, `?locale=`)"
        ),
    ] = "en"
    timezone: Annotated[
        str,
        doc(
            "The shop's time zone, for hours, days of the week and what rules make of them; a name of the IANA "
            "database, such as Europe/Berlin",
            min_length=1,
            shape="a time zone",
        ),
    ] = "UTC"
    kafka: Security = Security()
    ingest: Ingest = Ingest()
    profile: Profile = Profile()
    learn: Learn = Learn()
    items: Items = Items()
    worker: Worker = Worker()
    serve: Serve = Serve()
    log: Log = Log()

    def __post_init__(self) -> None:
        """The fold reads the time zone from its policy, whose digest names it in every fact."""
        if self.timezone != "UTC":
            policy = self.profile.policy.changed({"local_time": local_time(self.timezone)})
            force_setattr(self, "profile", replace(self.profile, policy=policy))

    @property
    def topics(self) -> Topics:
        """The application's topics."""
        return Topics(self.app_id, self.partitions, self.topic_prefix, self.prefix_internal_topics)

    @property
    def data_path(self) -> Path:
        """`data_dir` as a path."""
        return Path(self.data_dir)

    @property
    def model_path(self) -> Path:
        """The folder of the exported model."""
        return Path(self.model_dir) if self.model_dir else self.data_path / "model"
