"""The union of grants: nothing is lost or added, and order and repetition do not matter."""

from hypothesis import given
from hypothesis import strategies as st

from liveprofile.streams.admin.acls.grant import Grant, Operation, PatternType, ResourceType, union
from liveprofile.streams.admin.acls.rights import rights
from liveprofile.streams.admin.acls.role import Role
from liveprofile.streams.contract.topics import Topics

NAMES = st.sampled_from(["a", "b", "a.b", "a-b", "ab"])
SOME_OPERATIONS = st.lists(st.sampled_from(Operation), min_size=1, max_size=4).map(tuple)
GRANTS = st.lists(
    st.builds(Grant, st.sampled_from(ResourceType), NAMES, st.sampled_from(PatternType), SOME_OPERATIONS), max_size=12
)
ROLES = st.lists(st.sampled_from(Role), max_size=5)


def single(grants: list[Grant] | tuple[Grant, ...]) -> set[tuple[str, str, str, str]]:
    """Every operation by itself."""
    return {
        (one.resource_type, one.name, one.pattern_type, operation) for one in grants for operation in one.operations
    }


@given(GRANTS)
def test_a_union_allows_what_its_parts_allow(grants: list[Grant]) -> None:
    assert single(union(grants)) == single(grants)


@given(GRANTS)
def test_a_union_is_idempotent_and_sorted_and_names_each_resource_once(grants: list[Grant]) -> None:
    once = union(grants)
    assert union(once) == union([*grants, *once]) == once == tuple(sorted(once))
    assert all(one.operations == tuple(sorted(set(one.operations))) for one in once)
    assert len({(one.resource_type, one.name, one.pattern_type) for one in once}) == len(once)


@given(ROLES, ROLES)
def test_a_worker_of_several_roles_may_do_what_each_of_them_may(some: list[Role], others: list[Role]) -> None:
    topics = Topics("shop", prefix="test-")
    both = rights([*some, *others], topics)
    assert both == rights([*others, *some, *some], topics)
    assert single(both) == single(rights(some, topics)) | single(rights(others, topics))
