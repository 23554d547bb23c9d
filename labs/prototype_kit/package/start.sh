#!/bin/sh
# The state (cases, reviews) is in /state: mount a volume there that uid 1000 may write.
set -eu
state="${PROTOTYPE_STATE:-/state}"
mkdir -p "$state"
if [ ! -e "$state/versions" ]; then cp -r /srv/versions "$state/versions"; fi
python approve.py "$state"
exec python -m labs.prototype_kit.application "$state"
