"""What is said of a peer that cannot be measured, and of one that fails."""

from pathlib import Path

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
    def rates(peer, quick, progress):
        if peer.name == "bytewax":
            raise SystemExit("bytewax ended with 1")
        return {"events_per_s": 5}

    monkeypatch.setattr(peers, "_missing", lambda peer: None)
    monkeypatch.setattr(peers, "_rates", rates)
    monkeypatch.setattr(peers, "_after_kill", lambda peer, quick, progress: {"lost": 0})
    found = peers.run(lambda _: None, only=("bytewax", "stock_faust"))
    assert found == {"bytewax": {"failed": "bytewax ended with 1"}, "stock_faust": {"events_per_s": 5, "lost": 0}}


def test_our_own_worker_and_stock_faust_need_no_other_environment(monkeypatch, tmp_path):
    monkeypatch.setattr(peers, "ROOT", tmp_path)
    assert [name for name, peer in PEERS.items() if peers._missing(peer) is None] == [
        "liveprofile",
        "stock_faust",
        "stock_faust_take",
    ]
