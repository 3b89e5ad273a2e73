"""Leads the product to the secured listener of the suite's brokers, each command and stage as the user of its role."""

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import wraps
from types import ModuleType
from typing import Any


def lead_commands(module: ModuleType) -> None:
    """Every command asks its context for Kafka."""
    import click

    from liveprofile.streams.admin.acls.role import roles_of
    from support.secured.suite import in_roles

    plain = module.Context.bootstrap

    @wraps(plain)
    def bootstrap(self: Any) -> Any:
        found, command = plain(self), click.get_current_context(silent=True)
        if command is None or found.security.is_encrypted:
            return found
        words: list[str] = []
        at = command
        while at.parent is not None:
            words.insert(0, at.info_name or "")
            at = at.parent
        stages = command.params.get("stages") or self.settings.worker.stages
        return in_roles(str(found), roles_of(" ".join(words), stages), self.settings.topics) or found

    module.Context.bootstrap = bootstrap


def lead_library(module: ModuleType) -> None:
    """Programs that follow changes have a group of their own."""
    from liveprofile.streams.contract.topics import Topics
    from support.secured.suite import in_roles

    for kind in (module.AsyncChanges, module.AsyncAnomalies):
        _lead_reader(kind, Topics, in_roles)


def _lead_reader(kind: Any, default: Callable[[], Any], in_roles: Callable[..., Any]) -> None:
    plain = kind.__init__

    @wraps(plain)
    def init(self: Any, bootstrap: Any, group: str, **options: Any) -> None:
        topics = options.get("topics") or default()
        led = in_roles(bootstrap, ["reader"], topics, [group]) if isinstance(bootstrap, str) else None
        plain(self, led or bootstrap, group, **options)

    kind.__init__ = init


def lead_stages(module: ModuleType) -> None:
    """A test's own runtime with stages of the product."""
    from liveprofile.streams.contract.topics import Topics
    from support.secured.suite import in_roles

    plain = module.Runtime.__init__

    @wraps(plain)
    def init(self: Any, stages: Any, config: Any, *more: Any, **options: Any) -> None:
        roles = [stage.name for stage in stages if stage.name in ("ingest", "profile", "learn", "items")]
        group, address = config.app_id, config.bootstrap
        if isinstance(address, str) and roles and len(roles) == len(stages):
            led = in_roles(address, roles, _topics_of(stages, group, Topics))
            config = replace(config, bootstrap=led) if led else config
        plain(self, stages, config, *more, **options)

    module.Runtime.__init__ = init


def _topics_of(stages: Sequence[Any], group: str, topics: Callable[..., Any]) -> Any:
    """Tests give their topics `APP-` as prefix, where APP is the application, so the group is `APP-APP`."""
    app_id = group[: len(group) // 2]
    return topics(app_id, prefix=f"{app_id}-") if group == f"{app_id}-{app_id}" else topics(group)


LED = {
    "liveprofile.streams.cli.context": lead_commands,
    "liveprofile.streams.query.changes": lead_library,
    "liveprofile.streams.runtime.runtime": lead_stages,
}


class _Leader(importlib.abc.MetaPathFinder):
    """Leads a module as soon as it has been imported."""

    def find_spec(self, name: str, path: Any, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        if name not in LED:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is None or spec.loader is None:
            return None
        loader, run = spec.loader, spec.loader.exec_module

        def exec_module(module: ModuleType) -> None:
            run(module)
            LED[name](module)

        loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


_led: list[str] = []


def lead() -> None:
    """Lead what is imported already, and what will be; once in a process."""
    if _led:
        return
    _led.append("done")
    for name, change in LED.items():
        if name in sys.modules:
            change(sys.modules[name])
    sys.meta_path.insert(0, _Leader())
