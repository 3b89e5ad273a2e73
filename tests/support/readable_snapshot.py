"""The snapshot of a profile made value by value, in plain Python: what the encoder of columns is compared with."""

from base64 import b64encode
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from liveprofile.profiles.facts.facts import rfc3339
from liveprofile.profiles.facts.snapshot import (
    BrandShare,
    Cluster,
    Events,
    Hours,
    Intent,
    Interests,
    OpenAnomaly,
    ProfileSnapshot,
    Recent,
    Said,
    Session,
    Slot,
    Spend,
    TopicShare,
    Vectors,
)
from liveprofile.profiles.fold.fold import Fold
from liveprofile.profiles.interests.decayed import scale_dims
from liveprofile.profiles.interests.slot_messages import item_hex
from liveprofile.profiles.output.snapshot import LEAST_SHARE, SnapshotContext
from liveprofile.profiles.predictions.adopted_models import AdoptedModel
from liveprofile.profiles.predictions.cold_start import prior_of
from liveprofile.profiles.predictions.forecast import probabilities
from liveprofile.profiles.records.activity import VECTOR_ONE, Action, source_name
from liveprofile.profiles.records.vocabulary import (
    PARTS_OF_DAY,
    SPEND_BANDS,
)
from liveprofile.profiles.state.columns import Columns
from liveprofile.profiles.state.dictionary import Dictionary
from liveprofile.profiles.state.row import ANOMALIES, RECENT, SCALES, SESSION, SLOTS, Rows
from support.readable_traits import declared_of, lifecycle_shown, qualities, segments_shown, traits_of

ACTION_NAMES = tuple(action.name.lower() for action in Action)
DAY_MS = 86_400_000
RING = ("recent_s", "recent_action", "recent_topic", "recent_source", "recent_item")


def readable_bytes(fold: Fold, keys: Sequence[bytes], currency: str = "EUR") -> list[bytes]:
    """The values of profiles, none of them erased, as they belong on the topic."""
    cursor = fold.cursor
    made_by = (cursor.model, cursor.predictor, cursor.priors, cursor.rules)
    context = SnapshotContext(fold.dictionary, fold.policy, fold._embedder, currency, *made_by)
    names = [key.decode("ascii", "replace") for key in keys]
    shown = readable_snapshots(fold.table.rows[fold.table.places(keys)], names, context)
    return [msgspec.json.encode(one) for one in shown]


def readable_snapshots(rows: Rows, profile_ids: Sequence[str], context: SnapshotContext) -> list[ProfileSnapshot]:
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


def slots_of(
    columns: dict[str, list[Any]], centres: npt.NDArray[np.int8], at: int, dictionary: Dictionary
) -> list[Slot]:
    """The slots of the profile at a place of the columns, the heaviest first; `centres` (s, k) are its own."""
    masses, topics, seen_s = columns["slot_mass"][at], columns["slot_topic"][at], columns["slot_s"][at]
    total = sum(masses)
    order = sorted((slot for slot in range(SLOTS) if masses[slot] > 0), key=lambda slot: -masses[slot])
    return [
        Slot(
            slot=columns["slot_number"][at][slot],
            topic=dictionary.name(topics[slot]) if topics[slot] else None,
            share=round(masses[slot] / total, 4),
            item=item_hex(columns["slot_item"][at][slot]),
            last_seen=rfc3339(seen_s[slot] * 1000),
            centre=b64encode(centres[slot].tobytes()).decode(),
        )
        for slot in order
    ]


def intents_of(rows: Rows, dictionary: Dictionary) -> list[Intent | None]:
    """The published intents of rows (n,), with their present confidence by `detect_slots.intent_confidence`."""
    published = rows["published_intent"]
    masses = rows["topic_mass"][:, SESSION].astype(np.float64)
    total = np.maximum(masses.sum(axis=1), rows["mass"][:, SESSION])
    own = np.where(rows["topic"] == published[:, None], masses, 0.0).sum(axis=1)
    length = np.sqrt(np.square(rows["interest"][:, SESSION].astype(np.float64)).sum(axis=1)) / VECTOR_ONE
    confidence = np.sqrt(np.divide(own, total, out=np.zeros_like(own), where=total > 0) * length)
    pairs = zip(published.tolist(), confidence.round(4).tolist(), strict=True)
    return [Intent(dictionary.name(topic), confidence) if topic else None for topic, confidence in pairs]
