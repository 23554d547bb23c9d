# The data team's bench, on top of the learner's server: our files only; the packages are there already.
set -eu
export HOME=/tmp
cp -r /mnt/files/. /
chmod -R u=rwX,go=rX /opt/isomo
chmod 0755 /opt/isomo/start /opt/isomo/labs/prototype_kit/bin/*
# Typed in a terminal of a project's server.
ln -sf /opt/isomo/labs/prototype_kit/bin/* /opt/venv/bin/
# Packages that a team fetches from the office's mirror come after all that the image brings.
printf 'import os, sys; sys.path.extend(filter(None, [os.environ.get("ISOMO_TEAM_PACKAGES")]))\n' \
  >"$(echo /opt/venv/lib/python3*/site-packages)/isomo_team_packages.pth"
/opt/venv/bin/python -m compileall -q /opt/isomo >/dev/null || true # templates of projects do not compile
rm -rf /tmp/* /tmp/.[!.]*
