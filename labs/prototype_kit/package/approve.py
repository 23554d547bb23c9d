"""Carry the approval, which a named person gave before this archive was made, into a new state."""

import json
import sys
from pathlib import Path

from labs.prototype_kit.application.case_store import CaseStore

approval = json.loads(Path("APPROVAL.json").read_text("utf-8"))
store = CaseStore(Path(sys.argv[1]))
if approval and not store.events():
    store.event(approval["who"], approval["what"], approval["version"], approval["why"])
store.close()
