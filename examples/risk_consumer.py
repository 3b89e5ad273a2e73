"""A risk system: holds orders back while an anomaly is open, and lets them go when it is cleared.

    python examples/risk_consumer.py --bootstrap localhost:9092 --least-severity 60

It reads the topic `profile-anomalies`, in an event loop of its own.
"""

import argparse
import asyncio

from liveprofile import AnomalyChanged, AsyncAnomalies


class Holds:
    """The profiles whose orders are held, and the anomalies that hold them."""

    def __init__(self, least_severity: int) -> None:
        self.least_severity = least_severity
        self.open: dict[str, set[str]] = {}

    def take(self, anomaly: AnomalyChanged) -> None:
        """Act on one step in the life of an anomaly; taking a step twice changes nothing."""
        if anomaly.state == "cleared":
            self._release(anomaly)
        elif anomaly.severity >= self.least_severity:
            self._hold(anomaly)

    def _hold(self, anomaly: AnomalyChanged) -> None:
        holding = self.open.setdefault(anomaly.profile_id, set())
        if anomaly.anomaly_id not in holding:
            holding.add(anomaly.anomaly_id)
            print(f"HOLD    {anomaly.profile_id[:8]}  {anomaly.kind}, severity {anomaly.severity}: {anomaly.reading}")

    def _release(self, anomaly: AnomalyChanged) -> None:
        holding = self.open.get(anomaly.profile_id, set())
        holding.discard(anomaly.anomaly_id)
        if not holding and self.open.pop(anomaly.profile_id, None) is not None:
            print(f"RELEASE {anomaly.profile_id[:8]}  {anomaly.kind} is over")


async def watch(bootstrap: str, group: str, holds: Holds, idle_s: float | None) -> None:
    async with AsyncAnomalies(bootstrap, group, idle_s=idle_s) as anomalies:
        async for anomaly in anomalies:
            holds.take(anomaly)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bootstrap", default="localhost:9092", help="Kafka, host:port[,host:port]")
    parser.add_argument("--group", default="example-risk", help="consumer group of this service")
    parser.add_argument("--least-severity", type=int, default=50, help="0 to 100; 50 is the threshold of an anomaly")
    parser.add_argument("--idle", type=float, metavar="S", help="end after so many seconds without an anomaly")
    given = parser.parse_args()
    holds = Holds(given.least_severity)
    asyncio.run(watch(given.bootstrap, given.group, holds, given.idle))
    print(f"{len(holds.open)} profiles held")


if __name__ == "__main__":
    main()
