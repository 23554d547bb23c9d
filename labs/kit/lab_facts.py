"""Facts of the format of labs and submissions that the kit and the lab builder share.

Neither the engine's wheel nor the hub holds the kit: `graders.contract.work_contract` and `hub.shared_names` have
what they need of these facts too, and a test compares them.
"""

from __future__ import annotations

ANSWERS = "answers.json"
"""Name of the file next to the notebook that holds the answers a learner gave with controls."""
LARGEST_ANSWERS = 256 * 1024
"""Bytes of that file at most; a larger one is not read."""
RUNGS = ("nudge", "aimed", "worked")
"""Hints of a task, in the order in which they are given."""
CAMPUS = "/services/campus"
"""Where the campus is on the hub's address; the learners' origin sends a browser on to it."""
