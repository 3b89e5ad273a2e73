"""A small simulated shop, judged: the same figures each time, of the right cases."""

from pathlib import Path

from support.offline import wiring

from streams.backtest.simulated import SimulatedShop


async def judged(tmp_path: Path) -> dict:
    shares: list[float] = []
    shop = SimulatedShop(wiring(tmp_path), users=60, days=3.0, seed=3)
    found = await shop.run(shares.append)
    assert shares == sorted(shares)
    return found


async def test_a_shop_is_judged_by_its_own_truth_and_always_alike(tmp_path: Path) -> None:
    found = await judged(tmp_path)
    assert found == await judged(tmp_path)
    assert found["said"]["activities"] > 1_000
    assert 0.5 < found["interests"]["long"]["precision"] <= 1.0
    assert 0 < found["intent"]["happened"] < found["intent"]["cases"]
    assert found["churn"]["cases"] > 30
    assert found["anomalies"]["planted"] + found["anomalies"]["planted_before"] > 0
    for part in ("intent", "purchase within 7 days", "churn"):
        assert found[part]["prior rate"]["calibration_error"] == 0.0
        assert {"recency", "frequency"} < found[part].keys()
