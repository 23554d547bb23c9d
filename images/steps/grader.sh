# The grader: engine, judges, and both halves of the data; the hidden one from this installation's own secret.
set -eu
export HOME=/tmp
cp -r /mnt/files/. /
echo /opt/isomo > "$(echo /opt/venv/lib/python3*/site-packages)/isomo.pth"
cd /opt/isomo
/opt/venv/bin/python -m labs.datasets build --out /opt/isomo/data --part learner >/dev/null
ISOMO_HOLDOUT_SECRET="$(cat /mnt/holdout)" /opt/venv/bin/python -m labs.datasets build \
  --out /opt/isomo/holdout --part grader >/dev/null
mkdir -p /opt/isomo/cache/matplotlib
MPLCONFIGDIR=/opt/isomo/cache/matplotlib /opt/venv/bin/python -c 'import matplotlib.font_manager'
chmod -R u=rwX,go=rX /opt/isomo
/opt/venv/bin/python -m compileall -q /opt/isomo >/dev/null || true # labs are notebooks as text, with magics
rm -rf /tmp/* /tmp/.[!.]*
