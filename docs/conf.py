"""The documentation site: Sphinx reads the Markdown pages of this folder; `make docs` fails on every warning."""

from importlib.metadata import version as version_of

project = "Liveprofile"
copyright = "the Liveprofile authors, Apache-2.0"
release = version_of("liveprofile")

extensions = ["myst_parser"]
exclude_patterns = ["schemas/*"]  # JSON Schema files are downloads of schemas.md
nitpicky = True  # a reference that leads nowhere is a warning, and `make docs` makes it an error

myst_heading_anchors = 3  # headings are targets under the names that GitHub gives them

html_theme = "furo"
html_title = f"Liveprofile {release}"
html_copy_source = False
html_show_sphinx = False
html_theme_options = {"navigation_with_keys": True}
