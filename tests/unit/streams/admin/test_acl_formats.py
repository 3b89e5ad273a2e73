"""Each format holds the same grants: what is printed is read back, and compared."""

import re
import shlex
from collections.abc import Callable, Iterator, Sequence

import hcl2
import pytest
import yaml

from liveprofile.streams.admin.acls.grant import Grant, Operation, PatternType, ResourceType, union
from liveprofile.streams.admin.acls.kafka_acls import kafka_acls
from liveprofile.streams.admin.acls.names import camel_case
from liveprofile.streams.admin.acls.records import records
from liveprofile.streams.admin.acls.rights import rights
from liveprofile.streams.admin.acls.role import Role
from liveprofile.streams.admin.acls.strimzi import strimzi
from liveprofile.streams.admin.acls.terraform import terraform
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.errors import UserError

PRINCIPAL, HOST = "User:shop's-${worker}", "10.0.0.7"
EVERY_ROLE = [(role,) for role in Role] + [tuple(Role)]
OPERATIONS = {camel_case(operation): operation for operation in Operation}
ARGUMENT = re.compile(r'^  (\w+) += "(.*)"$', re.MULTILINE)
RESOURCE = re.compile(r'resource "kafka_acl" "([A-Za-z_][\w-]*)" \{\n(.*?)\n\}', re.DOTALL)


def of_shell(text: str) -> Iterator[Grant]:
    """The grants of commands, as `kafka-acls.sh` would read them."""
    for line in text.splitlines():
        words = shlex.split(line)
        assert words[:4] == ["kafka-acls.sh", "--bootstrap-server", "kafka:9092", "--add"]
        options = list(zip(words[4::2], words[5::2], strict=True))
        one = dict(options)
        assert (one["--allow-principal"], one["--allow-host"]) == (PRINCIPAL, HOST)
        types = {"--topic": "TOPIC", "--group": "GROUP", "--transactional-id": "TRANSACTIONAL_ID"}
        ((option, name),) = [(option, value) for option, value in options if option in types]
        pattern = PatternType(one["--resource-pattern-type"].upper())
        operations = tuple(OPERATIONS[value] for option, value in options if option == "--operation")
        yield Grant(ResourceType(types[option]), name, pattern, operations)


def of_yaml(text: str) -> Iterator[Grant]:
    """The grants of a KafkaUser."""
    types = {"topic": "TOPIC", "group": "GROUP", "transactionalId": "TRANSACTIONAL_ID"}
    patterns = {"literal": PatternType.LITERAL, "prefix": PatternType.PREFIXED}
    for rule in yaml.safe_load(text)["spec"]["authorization"]["acls"]:
        assert rule["host"] == HOST
        resource = rule["resource"]
        operations = tuple(OPERATIONS[one] for one in rule["operations"])
        yield Grant(
            ResourceType(types[resource["type"]]), resource["name"], patterns[resource["patternType"]], operations
        )


def of_hcl(text: str) -> Iterator[Grant]:
    """The grants of resources, one for each operation."""
    types = {"Topic": "TOPIC", "Group": "GROUP", "TransactionalID": "TRANSACTIONAL_ID"}
    found = RESOURCE.findall(text)
    assert len({name for name, _ in found}) == len(found) == text.count("resource ")
    for _, body in found:
        one = dict(ARGUMENT.findall(body))
        assert one["acl_principal"] == PRINCIPAL.replace("${", "$${")
        assert (one["acl_host"], one["acl_permission_type"]) == (HOST, "Allow")
        yield Grant(
            ResourceType(types[one["resource_type"]]),
            one["resource_name"],
            PatternType(one["resource_pattern_type_filter"].upper()),
            (OPERATIONS[one["acl_operation"]],),
        )


def of_records(found: Sequence[dict[str, object]]) -> Iterator[Grant]:
    """The grants of a list for programs."""
    for one in found:
        assert (one["principal"], one["host"], one["permission_type"]) == (PRINCIPAL, HOST, "ALLOW")
        operations = one["operations"]
        assert isinstance(operations, list)
        yield Grant(
            ResourceType(str(one["resource_type"])),
            str(one["name"]),
            PatternType(str(one["pattern_type"])),
            tuple(map(Operation, operations)),
        )


FORMATS: dict[str, Callable[[Sequence[Grant]], Iterator[Grant]]] = {
    "kafka-acls": lambda grants: of_shell(kafka_acls(grants, PRINCIPAL, HOST, "kafka:9092")),
    "strimzi": lambda grants: of_yaml(strimzi(grants, "User:worker", HOST)),
    "terraform": lambda grants: of_hcl(terraform(grants, PRINCIPAL, HOST)),
    "json": lambda grants: of_records(records(grants, PRINCIPAL, HOST)),
}


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("roles", EVERY_ROLE, ids=lambda roles: "+".join(roles))
def test_a_format_holds_the_grants_that_it_was_given(form: str, roles: tuple[Role, ...]) -> None:
    grants = rights(roles, Topics("my_shop", prefix="a.b-"))
    assert union(FORMATS[form](grants)) == grants


@pytest.mark.parametrize("roles", EVERY_ROLE, ids=lambda roles: "+".join(roles))
def test_terraform_is_hcl_that_a_parser_reads_as_the_same_rights(roles: tuple[Role, ...]) -> None:
    grants = rights(roles, Topics("my_shop", prefix="a.b-"))
    (text, wanted) = terraform(grants, "User:worker", HOST), of_records(records(grants, PRINCIPAL, HOST))
    types = {"Topic": "TOPIC", "Group": "GROUP", "TransactionalID": "TRANSACTIONAL_ID"}
    found = []
    for block in hcl2.loads(text)["resource"]:
        ((kind, named),) = block.items()
        ((_, values),) = [(name, body) for name, body in named.items()]
        one = {name: value.strip('"') for name, value in values.items() if isinstance(value, str)}
        assert kind.strip('"') == "kafka_acl"
        assert (one["acl_principal"], one["acl_host"], one["acl_permission_type"]) == ("User:worker", HOST, "Allow")
        pattern = PatternType(one["resource_pattern_type_filter"].upper())
        operation = OPERATIONS[one["acl_operation"]]
        found.append(Grant(ResourceType(types[one["resource_type"]]), one["resource_name"], pattern, (operation,)))
    assert union(found) == union(wanted)


@pytest.mark.parametrize("form", ["kafka-acls", "strimzi", "json"])
def test_names_with_signs_of_the_format_stay_what_they_are(form: str) -> None:
    grants = rights([Role.READER], Topics(), ['it\'s: "mine" # $HOME', "- a\\b"])
    assert union(FORMATS[form](grants)) == grants


def test_resources_of_terraform_have_names_of_their_own() -> None:
    grants = rights([Role.READER], Topics(), ["a.b", "a_b"])
    assert union(FORMATS["terraform"](grants)) == grants


@pytest.mark.parametrize(
    "principal, name, authentication",
    [("User:shop-ingest", "shop-ingest", "scram-sha-512"), ("User:CN=shop.ops", "shop.ops", "tls")],
)
def test_a_kafka_user_is_called_as_its_principal(principal: str, name: str, authentication: str) -> None:
    found = yaml.safe_load(strimzi(rights([Role.INGEST], Topics()), principal, "*"))
    assert (found["kind"], found["apiVersion"]) == ("KafkaUser", "kafka.strimzi.io/v1")
    assert found["metadata"]["name"] == name
    assert found["spec"]["authentication"] == {"type": authentication}


@pytest.mark.parametrize("principal", ["User:My_Shop", "User:CN=a,OU=b", "User:CN=", f"User:{'a' * 64}"])
def test_a_principal_that_kubernetes_has_no_name_for_is_refused(principal: str) -> None:
    with pytest.raises(UserError, match="KafkaUser"):
        strimzi(rights([Role.INGEST], Topics()), principal, "*")
