"""The result of a peer that cannot be measured, and of one that fails."""

from pathlib import Path

import pytest

from benchmarks import peers
from benchmarks.peer_kinds import PEERS


def installed(root: Path, *names: str) -> None:
    """A .venv-peers with these packages."""
    for name in names:
        about = root / ".venv-peers/lib/python3.11/site-packages" / f"{name}-1.0.dist-info"
        about.mkdir(parents=True)
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")


def test_a_missing_environment_names_the_command_that_makes_it(monkeypatch, tmp_path):
    monkeypatch.setattr(peers, "ROOT", tmp_path)
    said: list[str] = []
    found = peers.run(said.append, only=("quix_streams",))
    assert "make bench-peers" in found["quix_streams"]["not_measured"]
    assert "NOT MEASURED" in said[0]


def test_a_peer_without_a_wheel_is_named_in_the_result(monkeypatch, tmp_path):
    monkeypatch.setattr(peers, "ROOT", tmp_path)
    installed(tmp_path, "quixstreams")
    found = peers.run(lambda _: None, only=("bytewax",))
    assert "no wheel" in found["bytewax"]["not_measured"]


def test_a_peer_that_fails_says_so_and_the_next_is_measured(monkeypatch):
    def measured(peer, quick, progress):
        if peer.name == "bytewax":
            raise SystemExit("bytewax ended with 1")
        return {"events_per_s": 5}

    monkeypatch.setattr(peers, "_missing", lambda peer: None)
    monkeypatch.setattr(peers, "PARTS", (measured, lambda peer, quick, progress: {"lost": 0}))
    found = peers.run(lambda _: None, only=("bytewax", "stock_faust"))
    assert found == {"bytewax": {"failed": "bytewax ended with 1"}, "stock_faust": {"events_per_s": 5, "lost": 0}}


def test_what_was_measured_before_a_failure_is_kept(monkeypatch):
    def failing(peer, quick, progress):
        raise TimeoutError

    monkeypatch.setattr(peers, "PARTS", (lambda peer, quick, progress: {"events_per_s": 5}, failing))
    found = peers.run(lambda _: None, only=("liveprofile",))["liveprofile"]
    assert found == {"events_per_s": 5, "failed": "it did not come to the end of its input in time"}


def test_an_unknown_peer_is_refused_with_the_names_of_all(monkeypatch):
    with pytest.raises(SystemExit, match="stock_faust_take"):
        peers.run(lambda _: None, only=("spark",))


def test_our_own_worker_and_stock_faust_need_no_other_environment(monkeypatch, tmp_path):
    monkeypatch.setattr(peers, "ROOT", tmp_path)
    assert [name for name, peer in PEERS.items() if peers._missing(peer) is None] == [
        "liveprofile",
        "stock_faust",
        "stock_faust_take",
    ]
