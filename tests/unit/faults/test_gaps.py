"""What the fault run of rolling restarts reads from looks at offsets and from a log."""

from pytest import approx

from tests.faults.gaps import Standstills
from tests.faults.runs.processes import hand_overs


def test_a_partition_on_which_nothing_waits_does_not_stand_still() -> None:
    seen = Standstills()
    for now_s in range(10):
        seen.look("quiet", now_s, 5, 5)
        seen.look("stuck", now_s, 5, 6)
    assert seen.longest == {"quiet": 0, "stuck": 9}


def test_a_hand_over_is_read_from_its_lines_and_a_stop_without_successor_is_none() -> None:
    events = (
        (0.0, "worker stopping: finishing batches in progress, final checkpoint"),
        (0.5, "worker stopped"),
        (2.0, "profiles loaded"),
        (2.5, "items loaded"),
        (3.0, "worker ready"),
        (9.0, "worker stopping: finishing batches in progress, final checkpoint"),
        (9.5, "worker stopped"),
    )
    lines = [{"time": f"2026-01-01T00:00:{at:09.6f}Z", "instance": "w-1", "event": event} for at, event in events]
    (one,) = hand_overs(lines)
    assert one == approx({"settle": 0.5, "join": 1.5, "load": 1.0})
