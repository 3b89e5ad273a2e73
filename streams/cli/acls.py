"""`liveprofile acls`: the rights on Kafka that each role needs, for tools that set them."""

import click

from liveprofile.streams.admin.acls.role import Role
from liveprofile.streams.cli.context import Context, UserError, bootstrap_option, echo_json, examples, pass_context

FORMATS = ("kafka-acls", "strimzi", "terraform", "json")
ROLES = tuple(role.value for role in Role)


def _roles(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """At least one; click would list the roles in a column."""
    if not values:
        raise click.UsageError(f"--role is missing: {', '.join(ROLES)}.")
    return values


def _principal(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    """A type and a name."""
    if value is not None and not all(value.partition(":")[::2]):
        raise click.BadParameter(f"{value!r} has no type: a principal is User:NAME.")
    return value


@click.command(
    epilog=examples(
        "liveprofile --bootstrap kafka:9092 acls --role ingest > ingest.sh",
        "liveprofile acls --role profile --role learn --role items --format strimzi",
        "liveprofile acls --role reader --group mailer --principal User:mailer --format json",
        "liveprofile acls --role admin --principal User:CN=ops --format terraform",
    )
)
@click.option(
    "--role",
    "roles",
    type=click.Choice(ROLES),
    multiple=True,
    callback=_roles,
    help="Whose rights; repeat it for a worker of several stages. Needed.",
)
@click.option("--format", "form", type=click.Choice(FORMATS), default=FORMATS[0], show_default=True, help="Format.")
@click.option(
    "--principal",
    metavar="User:NAME",
    callback=_principal,
    help="Whom they are granted to; User:liveprofile-ROLE by default, with app_id and topic_prefix.",
)
@click.option("--host", default="*", show_default=True, help="The address that requests come from; *: any.")
@click.option(
    "--group",
    "groups",
    metavar="NAME",
    multiple=True,
    help="With --role reader: the consumer group of a program that uses the library; repeat it for several.",
)
@bootstrap_option
@pass_context
def command(
    context: Context, roles: tuple[str, ...], form: str, principal: str | None, host: str, groups: tuple[str, ...]
) -> None:
    """Print the least rights on Kafka of a role; nothing is changed, and no Kafka is asked.

    \b
    ingest, profile, learn, items   workers with these stages
    reader                          show, explain, recommend, similar, watch, segments list; the library
    eraser                          erase
    admin                           topics, rebuild, upgrade, key check, segments publish
    producer                        traffic, replay; the shop's own systems
    monitor                         status; whoever measures how far workers are behind

    \b
    kafka-acls   commands for kafka-acls.sh, to the address of the settings
    strimzi      a KafkaUser, for Kafka on Kubernetes
    terraform    kafka_acl resources of the provider Mongey/kafka
    json         a list for programs

    The names follow the settings app_id and topic_prefix. No role has a right on the cluster, or on topics of others.
    Where the cluster asks who you are, add --command-config FILE to the commands for kafka-acls.sh.
    """
    from liveprofile.streams.admin.acls.grant import ANYTHING
    from liveprofile.streams.admin.acls.rights import rights

    if not {"", ANYTHING}.isdisjoint(groups):
        raise UserError("--group names one consumer group: * would be all, those of workers too.", "Name each group.")
    if groups and Role.READER not in roles:
        raise UserError("--group goes with --role reader: workers have the group of the settings.", "Leave it out.")
    topics = context.settings.topics
    chosen = [role for role in Role if role in roles]
    granted = rights(chosen, topics, groups)
    principal = principal or f"User:{'-'.join((topics.group, *chosen))}"
    if form == "kafka-acls":
        from liveprofile.streams.admin.acls.kafka_acls import kafka_acls

        click.echo(kafka_acls(granted, principal, host, str(context.bootstrap())))
    elif form == "strimzi":
        from liveprofile.streams.admin.acls.strimzi import strimzi

        click.echo(strimzi(granted, principal, host))
    elif form == "terraform":
        from liveprofile.streams.admin.acls.terraform import terraform

        click.echo(terraform(granted, principal, host))
    else:
        from liveprofile.streams.admin.acls.records import records

        echo_json(records(granted, principal, host))
