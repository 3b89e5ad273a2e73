"""Writes the snapshot records of profiles: their rows as names, shares and times, column by column (`json_columns`)."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.facts.json_columns import (
    NULL,
    Encoded,
    Texts,
    base64_texts,
    counted,
    lists,
    members,
    numbers,
    objects,
    texts,
    times,
)
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
from liveprofile.profiles.facts.trait_snapshot import Quality
from liveprofile.profiles.interests.decayed import scale_dims
from liveprofile.profiles.interests.slot_snapshot import intents_of, item_texts, slots_of
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.numeric.exact import remaining
from liveprofile.profiles.numeric.rounding import rounded
from liveprofile.profiles.output.quality import qualities
from liveprofile.profiles.output.trait_snapshot import declared_of, traits_of
from liveprofile.profiles.predictions.adopted_models import AdoptedModel, AdoptedPredictor
from liveprofile.profiles.predictions.cold_start import AdoptedPriors, prior_of
from liveprofile.profiles.predictions.forecast import probabilities
from liveprofile.profiles.records.activity import VECTOR_ONE, Action, source_name
from liveprofile.profiles.records.vocabulary import PARTS_OF_DAY, SPEND_BANDS
from liveprofile.profiles.segments.rules import RuleSet
from liveprofile.profiles.segments.snapshot import lifecycles_of, segments_of
from liveprofile.profiles.state.columns import Columns
from liveprofile.profiles.state.dictionary import Dictionary
from liveprofile.profiles.state.row import ANOMALIES, RECENT, SCALES, Rows

LEAST_SHARE = 0.01
"""Topics and brands below this share are left out."""
RING = ("recent_s", "recent_action", "recent_topic", "recent_source", "recent_item")
_ACTIONS = texts(action.name.lower() for action in Action)
_ANOMALIES, _SPEND_BANDS, _DAYPARTS = texts(ANOMALIES), texts(SPEND_BANDS), texts([None, *PARTS_OF_DAY])


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


class EncodedSnapshot(NamedTuple):
    """A profile's snapshot."""

    value: bytes
    """A `ProfileSnapshot` as JSON: the same bytes whenever the same log is folded."""
    quality: Quality
    """Its quality, which is in the value, too."""


def encoded_snapshots(rows: Rows, profile_ids: Sequence[str], context: SnapshotContext) -> list[EncodedSnapshot]:
    """Many profiles, each decayed to its newest event, in the order of `rows` (n,); see `Fold.snapshots`."""
    dictionary, policy, embedder, currency, model, predictor, priors, segments = context
    if not len(rows):
        return []
    columns, names = Columns(rows), Encoded(dictionary.name)
    quality = qualities(rows, columns["seen_ms"], policy)
    values = objects(
        ProfileSnapshot,
        profile_id=texts(profile_ids),
        version=numbers(rows["version"]),
        first_seen=times(rows["first_ms"]),
        last_seen=times(rows["seen_ms"]),
        events=_events(rows),
        interests=_interests(rows, names),
        slots=slots_of(rows, names),
        intent=intents_of(rows, names),
        brands=_brands(rows, names),
        spend=_spend(rows, currency),
        hours=_hours(rows, policy.local_time.name),
        session=_session(rows),
        recent=_recent(rows, names),
        traits=traits_of(columns, names, policy),
        declared=declared_of(columns, dictionary),
        quality=texts(quality),
        prior=_priors(columns, dictionary, priors),
        cluster=_clusters(rows, model),
        lifecycle=lifecycles_of(rows, segments),
        segments=segments_of(rows, segments),
        segments_refused=Encoded(segments.segment_names).all(rows["refused"]),
        rules=_same(segments.label, rows),
        predictions=texts(probabilities(rows, predictor, policy)) if predictor else _same({}, rows),
        anomalies=_anomalies(rows),
        said=_said(rows, names),
        vectors=_vectors(rows, embedder, policy),
        policy=_same(policy.digest, rows),
    )
    return list(map(EncodedSnapshot, values, quality))


def interests_at(row: np.void, time_ms: int, policy: Policy) -> npt.NDArray[np.float64]:
    """The weights of the three scales (3,) at a time not before the newest event: computed on read, without sweeps."""
    elapsed_ms = time_ms - int(row["seen_ms"])
    left = [remaining(elapsed_ms, half_life_s) for half_life_s in policy.rules.decay_half_life_s[: len(SCALES)]]
    masses: npt.NDArray[np.float64] = row["mass"] * np.array(left)
    return masses


def _same(value: object, rows: Rows) -> Texts:
    """A value that all profiles have."""
    return texts([value]) * len(rows)


def _named(names: Sequence[bytes], places: npt.NDArray[np.generic]) -> Texts:
    """The texts at places (n,) of a closed list."""
    return [names[place] for place in places.tolist()]


def _events(rows: Rows) -> Texts:
    """Counts of activities; of actions those that do not round to nothing."""
    decayed = rows["by_action"].astype(np.float64)
    by_action = counted(_ACTIONS, rounded(decayed, 2), decayed >= LEAST_SHARE)
    return objects(Events, total=numbers(rows["events"]), by_action=by_action)


def _interests(rows: Rows, names: Encoded) -> Texts:
    """Topics at three time scales."""
    found = _ranked(rows["topic"], rows["topic_mass"], rows["mass"])
    topics = objects(TopicShare, topic=names.all(found.ids), share=numbers(found.shares), mass=numbers(found.weights))
    ranked, scales = lists(topics, found.counts), len(SCALES)
    return objects(Interests, **{scale: ranked[at::scales] for at, scale in enumerate(SCALES)})


def _brands(rows: Rows, names: Encoded) -> Texts:
    found = _ranked(rows["brand"], rows["brand_mass"][:, None], np.zeros((len(rows), 1)))
    return lists(objects(BrandShare, brand=names.all(found.ids), share=numbers(found.shares)), found.counts)


class _Ranked(NamedTuple):
    """The ids (m,) of topics or brands, the heaviest first in each list, with how many each of the lists has."""

    ids: npt.NDArray[np.uint32]
    shares: npt.NDArray[np.float64]
    weights: npt.NDArray[np.float64]
    counts: npt.NDArray[np.int64]


def _ranked(ids: npt.NDArray[np.uint32], masses: npt.NDArray[np.float32], totals: npt.NDArray[np.floating]) -> _Ranked:
    """Those above the minimum share, in a list for each profile and scale.

    Ids are (n, k), masses (n, s, k); shares are of the larger of their sum and the totals (n, s).
    """
    weights = masses.astype(np.float64)
    total = np.maximum(weights.sum(axis=2), totals)[:, :, None]
    shares = np.divide(weights, total, out=np.zeros_like(weights), where=total > 0)
    order = np.argsort(-shares, axis=2, kind="stable")
    ids = np.take_along_axis(np.broadcast_to(ids[:, None], shares.shape), order, axis=2)
    shares = np.take_along_axis(shares, order, axis=2).round(4)
    shown = (ids != 0) & (shares >= LEAST_SHARE)
    weights = np.take_along_axis(weights, order, axis=2)[shown].round(3)
    return _Ranked(ids[shown], shares[shown], weights, shown.sum(axis=2).ravel())


def _spend(rows: Rows, currency: str) -> Texts:
    return objects(
        Spend,
        band=_named(_SPEND_BANDS, rows["published_spend_band"]),
        total=numbers(rows["spent"] / 100),
        refunded=numbers(rows["refunded"] / 100),
        orders=numbers(rows["orders"]),
        refunds=numbers(rows["refunds"]),
        recent=numbers(rounded(rows["spend_recent"].astype(np.float64) / 100, 2)),
        currency=_same(currency, rows),
        orders_priced=numbers(rows["orders_priced"]),
    )


def _hours(rows: Rows, timezone: str) -> Texts:
    zone = members("timezone", [timezone if timezone != "UTC" else None]) * len(rows)
    return objects(
        Hours,
        histogram=numbers((rows["hours"] / VECTOR_ONE).round(4)),
        daypart=_named(_DAYPARTS, rows["published_part_of_day"]),
        timezone=zone,
    )


def _session(rows: Rows) -> Texts:
    counts = rows["session_by_action"]
    return objects(
        Session,
        started=times(rows["session_start_ms"]),
        events=numbers(rows["session_events"]),
        actions=counted(_ACTIONS, counts, counts != 0),
    )


def _recent(rows: Rows, names: Encoded) -> Texts:
    """The last actions, newest first."""
    events, back = rows["events"].astype(np.int64), np.arange(RECENT)
    shown = back < events[:, None]
    places = (events[:, None] - 1 - back) % RECENT
    at_s, action, topic, source, item = (np.take_along_axis(rows[name], places, axis=1)[shown] for name in RING)
    actions = objects(
        Recent,
        ts=times(at_s.astype(np.int64) * 1000),
        action=_named(_ACTIONS, action),
        topic=names.all_known(topic),
        source=list(map(_source_text, source.tolist())),
        item=item_texts(item),
    )
    return lists(actions, shown.sum(axis=1))


@lru_cache(maxsize=65_536)
def _source_text(source: int) -> bytes:
    return b'"%b"' % source_name(source).encode()


def _clusters(rows: Rows, model: AdoptedModel | None) -> Texts:
    if model is None:
        return [NULL] * len(rows)
    return Encoded(lambda one: Cluster(one, model.label, model.names.get(one)) if one >= 0 else None).all(
        rows["cluster"]
    )


def _priors(columns: Columns, dictionary: Dictionary, priors: AdoptedPriors | None) -> Texts:
    if priors is None:
        return [NULL] * len(columns.rows)
    begun = columns.together("events", "entry", "cluster")
    return texts(prior_of(events, entry, cluster, dictionary, priors) for events, entry, cluster in begun)


def _anomalies(rows: Rows) -> Texts:
    """The open anomalies."""
    since_s = rows["anomaly_s"]
    shown = since_s != 0
    anomalies = objects(
        OpenAnomaly,
        kind=_named(_ANOMALIES, shown.nonzero()[1]),
        score=numbers(rounded(rows["anomaly_score"][shown], 3)),
        severity=numbers(rows["anomaly_severity"][shown]),
        since=times(since_s[shown].astype(np.int64) * 1000),
    )
    return lists(anomalies, shown.sum(axis=1))


def _said(rows: Rows, names: Encoded) -> Texts:
    """The topics as last published."""
    published = rows["published_topic"]
    topics = lists(names.all(published[published != 0]), (published != 0).sum(axis=2).ravel())
    return objects(Said, **{scale: topics[at :: len(SCALES)] for at, scale in enumerate(SCALES)})


def _vectors(rows: Rows, embedder: str | None, policy: Policy) -> Texts:
    """The interests as unit vectors in little-endian float16, each with its dimensions; zeros stay zeros."""
    values = rows["interest"].astype(np.float64)
    lengths = np.sqrt(np.square(values).sum(axis=2, keepdims=True))
    units = np.divide(values, lengths, out=np.zeros_like(values), where=lengths > 0).astype("<f2")
    dims = units.shape[2]
    vectors = {name: base64_texts(units[:, at, : scale_dims(at, dims)]) for at, name in enumerate(SCALES)}
    return objects(Vectors, dim=_same(policy.dims, rows), model=_same(embedder, rows), **vectors)
