"""The data team's bench: from a spreadsheet to an application that colleagues use. See docs/data-team.md."""
