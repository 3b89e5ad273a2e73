"""Links, anchors and paths in all Markdown files lead somewhere; `make docs` checks what only the site can know."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.anchors import anchors_plugin
from support.paths import ROOT

FOLDERS = ("benchmarks", "deploy", "docs", "liveprofile", "models", "profiles", "streams", "tests")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "tests").rglob("*.md")])
SOURCES = sorted(
    [
        ROOT / "Makefile",
        ROOT / "pyproject.toml",
        *(path for folder in FOLDERS for suffix in ("py", "toml") for path in (ROOT / folder).rglob(f"*.{suffix}")),
    ]
)
MARKDOWN = MarkdownIt("commonmark").enable("table").use(anchors_plugin, max_level=4)
PATH = re.compile(rf"(?<![\w./{{-])(?:{'|'.join(FOLDERS)})/[\w./-]*\.(?:py|md|toml|json|lock|sh)\b")
MODULE = re.compile(r"\bliveprofile(?:\.(?:models|profiles|streams)(?:\.\w+)*)")


@cache
def tokens(page: Path) -> list[Token]:
    """The tokens of a page, inline ones after the block that holds them."""
    return [
        token
        for block in MARKDOWN.parse(page.read_text(encoding="utf-8"))
        for token in (block, *(block.children or ()))
    ]


def anchors(page: Path) -> set[str]:
    """The targets within a page: its headings, under the names that GitHub gives them."""
    return {str(token.attrs["id"]) for token in tokens(page) if token.type == "heading_open" and "id" in token.attrs}


def links(page: Path) -> Iterator[str]:
    """What links and images of a page point to."""
    for token in tokens(page):
        for target in (token.attrGet("href"), token.attrGet("src")):
            if target is not None:
                yield str(target)


def name(path: Path) -> str:
    """A path as a test's id."""
    return str(path.relative_to(ROOT))


def is_module(dotted: str) -> bool:
    """Whether a dotted name is a module, or a name in one."""
    place = ROOT.joinpath(*dotted.split("."))
    if place.is_dir() or place.with_suffix(".py").is_file():
        return True
    above = place.parent.with_suffix(".py")
    above = above if above.is_file() else place.parent / "__init__.py"
    return above.is_file() and re.search(rf"\b{place.name}\b", above.read_text(encoding="utf-8")) is not None


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    for link in links(page):
        url = urlsplit(link)
        if url.scheme:
            assert url.scheme == "https" and url.hostname and "." in url.hostname, f"{link} is no address"
            continue
        target = (page.parent / url.path).resolve() if url.path else page
        assert target.exists(), f"{link}: no such file"
        if url.fragment:
            assert url.fragment in anchors(target), f"{link}: no such heading"


MADE = {"profiles/traits/quantity.py", "tests/unit/profiles/traits/test_quantity.py"}
"""Files that the reader of docs/add-a-trait.md writes."""


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_paths_and_modules_on_a_page_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert not [path for path in PATH.findall(text) if path not in MADE and not (ROOT / path).exists()]
    made = {path.removesuffix(".py").replace("/", ".") for path in MADE}
    modules = {module for module in MODULE.findall(text) if module.removeprefix("liveprofile.") not in made}
    assert not [module for module in modules if not is_module(module)]


def test_paths_in_sources_exist() -> None:
    """Docstrings, comments and messages that name a file of the repository name one that is there."""
    missing = [
        f"{name(source)}: {path}"
        for source in SOURCES
        for path in PATH.findall(source.read_text(encoding="utf-8"))
        if path not in MADE and not (ROOT / path).exists()
    ]
    assert not missing, "\n".join(missing)


def test_the_site_includes_the_pages_at_the_top_of_the_repository() -> None:
    """All but the README, whose place on the site is taken by a page of its own."""
    include = re.compile(r"^```\{include\} (\S+)$", re.MULTILINE)
    included = {
        (page.parent / path).resolve()
        for page in (ROOT / "docs").glob("*.md")
        for path in include.findall(page.read_text(encoding="utf-8"))
    }
    assert included == {*ROOT.glob("*.md")} - {ROOT / "README.md"}


def test_the_glossary_is_in_alphabetical_order_and_explains_each_term_once() -> None:
    table = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").partition("\n## ")[0]
    terms = [row.split(" | ")[0].removeprefix("| ").lower().replace("-", " ") for row in table.splitlines()[8:] if row]
    assert len(terms) > 100
    assert terms == sorted(set(terms))


def test_what_the_glossary_refers_to_is_in_it() -> None:
    table = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    assert all(f"\n| {term} |" in table for term in re.findall(r"See \*([\w -]+)\*", table))
