"""Sphinx's settings for the site of these pages; `./isomo docs` builds it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

project = "Isomo"
author = "The Isomo developers"
project_copyright = "The Isomo developers"
extensions = ["myst_parser"]
templates_path = ["templates"]
root_doc = "index"
language = "en"
html_theme = "alabaster"
html_title = "Isomo"
html_theme_options = {
    "description": "A place to learn what AI can do, and where it must not be trusted",
    "page_width": "1200px",
    "body_max_width": "none",
}
# A setting is copied from its page into a file: its quotation marks stay straight.
smartquotes = False
html_show_sourcelink = False
highlight_language = "text"
# A link may name a heading of another page; three levels of headings have names.
myst_heading_anchors = 3
# The settings file and JSON are shown in parts, which are no whole documents.
suppress_warnings = ["misc.highlighting_failure"]
