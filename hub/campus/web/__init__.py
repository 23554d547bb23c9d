"""The web pages of the campus: their templates, style and scripts."""
