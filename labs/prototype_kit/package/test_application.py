"""Ask a running application: python3 test_application.py http://127.0.0.1:8080 [HEADER=NAME]. Needs Python only."""

import json
import sys
import urllib.request
from pathlib import Path

address = sys.argv[1].rstrip("/")
header = dict(word.split("=", 1) for word in sys.argv[2:])
request = Path(__file__).parent / "examples" / "request.json"
asked = urllib.request.Request(
    f"{address}/api/decide", data=request.read_bytes(), headers={"Content-Type": "application/json", **header}
)
with urllib.request.urlopen(asked, timeout=60) as found:
    answers = json.load(found)["answers"]
for answer in answers:
    print(answer.get("label"), answer.get("confidence"), answer.get("person") or answer.get("problems") or "")
sys.exit(0 if len(answers) == 2 else 1)
