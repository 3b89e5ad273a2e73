"""A downstream service: keeps the segments of every shopper up to date, from the topic `profile-changes`.

    python examples/downstream_consumer.py --bootstrap localhost:9092 --group segment-mailer

Stop it and start it again: it goes on where it was. Start a second one with the same group: they share the work.
"""

import argparse

from liveprofile import Changed, Changes, Healed, ProfileChanged


class Segments:
    """Who is in which segment. A real service would keep this in its database."""

    def __init__(self) -> None:
        self.of: dict[str, set[str]] = {}

    def change(self, record: ProfileChanged) -> None:
        """Apply one version. It may come twice after a crash: adding and removing names twice does no harm."""
        for change in record.changes:
            if change.path == "segments":
                self.of[record.profile_id] = set(change.after)
                print(f"{record.profile_id[:8]} v{record.version}: {change.before} -> {change.after}")
                print(f"         because {change.reason.code}: {change.reason.rule}")

    def heal(self, healed: Healed) -> None:
        """Versions were missed: take the profile as it is now."""
        self.of[healed.profile_id] = {one.name for one in healed.snapshot.segments}
        print(f"{healed.profile_id[:8]} healed at version {healed.snapshot.version}")

    def forget(self, profile_id: str) -> None:
        """The shopper asked to be erased."""
        self.of.pop(profile_id, None)
        print(f"{profile_id[:8]} forgotten")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bootstrap", default="localhost:9092", help="Kafka, host:port[,host:port]")
    parser.add_argument("--group", default="example-segments", help="consumer group of this service")
    parser.add_argument("--idle", type=float, metavar="S", help="end after so many seconds without a change")
    given = parser.parse_args()
    segments = Segments()
    with Changes(given.bootstrap, given.group, idle_s=given.idle) as changes:
        for change in changes:
            match change:
                case Changed(is_erasure=True):
                    segments.forget(change.profile_id)
                case Changed(record=record):
                    segments.change(record)
                case Healed():
                    segments.heal(change)
    print(f"{len(segments.of)} profiles with segments")


if __name__ == "__main__":
    main()
