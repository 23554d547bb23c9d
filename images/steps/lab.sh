# The learner's server: our files, the learner's half of the data, and caches that would be made at every start.
set -eu
export HOME=/tmp
cp -r /mnt/files/. /
echo /opt/isomo > "$(echo /opt/venv/lib/python3*/site-packages)/isomo.pth"
# A learner's server starts without the hub's database layer, and other imports that it never uses.
/opt/venv/bin/python /mnt/shown/lazy_hub_imports.py "$(echo /opt/venv/lib/python3*/site-packages)"
cd /mnt/shown
# The generators are only shown here: with their seeds anybody could make the data again.
PYTHONPATH=/mnt/shown /opt/venv/bin/python -m labs.datasets build --out /opt/isomo/data --part learner >/dev/null
cd /
mkdir -p /opt/isomo/cache/matplotlib
MPLCONFIGDIR=/opt/isomo/cache/matplotlib /opt/venv/bin/python -c 'import matplotlib.font_manager'
# What is on is said in /opt/isomo/etc, for each role.
rm -f /opt/venv/etc/jupyter/jupyter_server_config.d/*.json /opt/venv/etc/jupyter/jupyter_notebook_config.d/*.json
chmod -R u=rwX,go=rX /opt/isomo
chmod 0755 /opt/isomo/start
/opt/venv/bin/python -m compileall -q /opt/isomo
rm -rf /tmp/* /tmp/.[!.]*
