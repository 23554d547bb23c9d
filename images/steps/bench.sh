# The data team's bench, on top of the learner's server: our files only; the packages are there already.
set -eu
export HOME=/tmp
cp -r /mnt/files/. /
chmod -R u=rwX,go=rX /opt/isomo
chmod 0755 /opt/isomo/start
/opt/venv/bin/python -m compileall -q /opt/isomo >/dev/null || true # templates of projects do not compile
rm -rf /tmp/* /tmp/.[!.]*
