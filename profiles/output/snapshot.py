"""Makes the snapshot record of a profile: its row as names, shares and times."""

from base64 import b64encode
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.facts.facts import rfc3339
from liveprofile.profiles.facts.snapshot import (
    BrandShare,
    Cluster,
    Events,
    Hours,
    Interests,
    OpenAnomaly,
    ProfileSnapshot,
    Recent,
    Said,
    Session,
    Spend,
    TopicShare,
    Vectors,
)
from liveprofile.profiles.interests.decayed import scale_dims
from liveprofile.profiles.interests.slot_messages import item_hex
from liveprofile.profiles.interests.slot_snapshot import intents_of, slots_of
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.numeric.exact import remaining
from liveprofile.profiles.output.quality import qualities
from liveprofile.profiles.output.trait_snapshot import declared_of, traits_of
from liveprofile.profiles.predictions.adopted_models import AdoptedModel, AdoptedPredictor
from liveprofile.profiles.predictions.cold_start import AdoptedPriors, prior_of
from liveprofile.profiles.predictions.forecast import probabilities
from liveprofile.profiles.records.activity import VECTOR_ONE, Action, source_name
from liveprofile.profiles.records.vocabulary import PARTS_OF_DAY, SPEND_BANDS
from liveprofile.profiles.segments.rules import RuleSet
from liveprofile.profiles.segments.snapshot import lifecycle_shown, segments_shown
from liveprofile.profiles.state.columns import Columns
from liveprofile.profiles.state.dictionary import Dictionary
from liveprofile.profiles.state.row import ANOMALIES, RECENT, SCALES, Rows

ACTION_NAMES = tuple(action.name.lower() for action in Action)
LEAST_SHARE = 0.01
"""Topics and brands below this share are left out."""


RING = ("recent_s", "recent_action", "recent_topic", "recent_source", "recent_item")


class SnapshotContext(NamedTuple):
    """The names and models for the snapshots of rows."""

    dictionary: Dictionary
    policy: Policy
    embedder: str | None
    currency: str
    model: AdoptedModel | None
    predictor: AdoptedPredictor | None
    priors: AdoptedPriors | None
    segments: RuleSet
    """The rules that the profiles were judged by."""


def snapshots(rows: Rows, profile_ids: Sequence[str], context: SnapshotContext) -> list[ProfileSnapshot]:
    """Many profiles, each decayed to its newest event, in the order of `rows` (n,); see `Fold.snapshots`."""
    dictionary, policy, embedder, currency, model, predictor, priors, segments = context
    columns = Columns(rows)
    columns["hours"] = (rows["hours"] / VECTOR_ONE).round(4).tolist()
    columns["topics"] = _ranked(rows["topic"], rows["topic_mass"], rows["mass"])
    columns["brands"] = _ranked(rows["brand"], rows["brand_mass"][:, None], np.zeros((len(rows), 1)))
    vectors = _unit_vectors(rows["interest"])
    predictions = probabilities(rows, predictor, policy)
    quality = qualities(rows, columns["seen_ms"], policy)
    centres, intents = rows["slot"], intents_of(rows, dictionary)
    return [
        ProfileSnapshot(
            profile_id=profile_id,
            version=columns["version"][at],
            first_seen=rfc3339(columns["first_ms"][at]),
            last_seen=rfc3339(columns["seen_ms"][at]),
            events=Events(columns["events"][at], _by_action(columns["by_action"][at])),
            interests=Interests(*(_topics(ranked, dictionary) for ranked in columns["topics"][at])),
            slots=slots_of(columns, centres[at], at, dictionary),
            intent=intents[at],
            brands=[BrandShare(dictionary.name(brand), share) for brand, share, _ in columns["brands"][at][0]],
            spend=_spend(columns, at, currency),
            hours=_hours(columns["hours"][at], columns["published_part_of_day"][at], policy.local_time.name),
            session=_session(columns, at),
            recent=_recent(columns, at, dictionary),
            cluster=_cluster(columns["cluster"][at], model),
            predictions=predictions[at],
            lifecycle=lifecycle_shown(columns["lifecycle"][at], columns["lifecycle_s"][at], segments),
            segments=segments_shown(columns["member"][at], columns["member_s"][at], segments),
            segments_refused=segments.segment_names(columns["refused"][at]),
            rules=segments.label,
            traits=traits_of(columns, at, dictionary, policy),
            declared=declared_of(columns, at, dictionary),
            quality=quality[at],
            prior=prior_of(columns["events"][at], columns["entry"][at], columns["cluster"][at], dictionary, priors),
            anomalies=_anomalies(
                columns["anomaly_score"][at], columns["anomaly_severity"][at], columns["anomaly_s"][at]
            ),
            said=Said(
                *(dictionary.all([one for one in published if one]) for published in columns["published_topic"][at])
            ),
            vectors=Vectors(policy.dims, embedder, *(b64encode(vector).decode() for vector in vectors[at])),
            policy=policy.digest,
        )
        for at, profile_id in enumerate(profile_ids)
    ]


def interests_at(row: np.void, time_ms: int, policy: Policy) -> npt.NDArray[np.float64]:
    """The weights of the three scales (3,) at a time not before the newest event: computed on read, without sweeps."""
    elapsed_ms = time_ms - int(row["seen_ms"])
    left = [remaining(elapsed_ms, half_life_s) for half_life_s in policy.rules.decay_half_life_s[: len(SCALES)]]
    masses: npt.NDArray[np.float64] = row["mass"] * np.array(left)
    return masses


def _cluster(number: int, model: AdoptedModel | None) -> Cluster | None:
    return Cluster(number, model.label, model.names.get(number)) if model and number >= 0 else None


def _by_action(counts: list[float]) -> dict[str, float]:
    return {name: round(count, 2) for name, count in zip(ACTION_NAMES, counts, strict=True) if count >= LEAST_SHARE}


def _ranked(
    ids: npt.NDArray[np.uint32], masses: npt.NDArray[np.float32], totals: npt.NDArray[np.floating[Any]]
) -> list[list[list[tuple[int, float, float]]]]:
    """Id, share and weight of those above the minimum share, the heaviest first, for each profile and scale.

    Ids are (n, k), masses (n, s, k); shares are of the larger of their sum and the totals (n, s).
    """
    weights = masses.astype(np.float64)
    total = np.maximum(weights.sum(axis=2), totals)[:, :, None]
    shares = np.divide(weights, total, out=np.zeros_like(weights), where=total > 0)
    order = np.argsort(-shares, axis=2, kind="stable")
    sorted_ids = np.take_along_axis(np.broadcast_to(ids[:, None], shares.shape), order, axis=2).tolist()
    sorted_shares = np.take_along_axis(shares, order, axis=2).round(4).tolist()
    sorted_weights = np.take_along_axis(weights, order, axis=2).round(3).tolist()
    return [
        [
            [one for one in zip(*scale, strict=True) if one[0] and one[1] >= LEAST_SHARE]
            for scale in zip(*profile, strict=True)
        ]
        for profile in zip(sorted_ids, sorted_shares, sorted_weights, strict=True)
    ]


def _topics(ranked: list[tuple[int, float, float]], dictionary: Dictionary) -> list[TopicShare]:
    return [TopicShare(dictionary.name(topic), share, weight) for topic, share, weight in ranked]


def _spend(columns: Columns, at: int, currency: str) -> Spend:
    return Spend(
        band=SPEND_BANDS[columns["published_spend_band"][at]],
        total=columns["spent"][at] / 100,
        refunded=columns["refunded"][at] / 100,
        orders=columns["orders"][at],
        refunds=columns["refunds"][at],
        recent=round(columns["spend_recent"][at] / 100, 2),
        currency=currency,
        orders_priced=columns["orders_priced"][at],
    )


def _hours(histogram: list[float], part: int, timezone: str) -> Hours:
    return Hours(histogram, PARTS_OF_DAY[part - 1] if part else None, timezone)


def _session(columns: Columns, at: int) -> Session:
    counts = columns["session_by_action"][at]
    actions = {name: count for name, count in zip(ACTION_NAMES, counts, strict=True) if count}
    return Session(rfc3339(columns["session_start_ms"][at]), columns["session_events"][at], actions)


def _recent(columns: Columns, at: int, dictionary: Dictionary) -> list[Recent]:
    """The last actions, newest first."""
    newest = columns["events"][at] - 1
    rings = (columns[name][at] for name in RING)
    actions = list(zip(*rings, strict=True))
    ordered = [actions[(newest - back) % RECENT] for back in range(min(RECENT, newest + 1))]
    return [
        Recent(
            rfc3339(at_s * 1000),
            ACTION_NAMES[action],
            dictionary.name(topic) if topic else None,
            source_name(source),
            item_hex(item),
        )
        for at_s, action, topic, source, item in ordered
    ]


def _anomalies(scores: list[float], severities: list[int], since_s: list[int]) -> list[OpenAnomaly]:
    anomaly_model = zip(ANOMALIES, scores, severities, since_s, strict=True)
    return [
        OpenAnomaly(kind, round(score, 3), severity, rfc3339(at_s * 1000))
        for kind, score, severity, at_s in anomaly_model
        if at_s
    ]


def _unit_vectors(means: npt.NDArray[np.int16]) -> list[list[bytes]]:
    """Means (n, s, d) as unit vectors in little-endian float16, the bytes of each's dimensions; zeros stay zeros."""
    values = means.astype(np.float64)
    lengths = np.sqrt(np.square(values).sum(axis=2, keepdims=True))
    units = np.divide(values, lengths, out=np.zeros_like(values), where=lengths > 0).astype("<f2")
    dims = [scale_dims(scale, means.shape[2]) for scale in range(len(SCALES))]
    return [[vector[:kept].tobytes() for vector, kept in zip(profile, dims, strict=True)] for profile in units]
