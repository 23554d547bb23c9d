# Installs the packages of one lock file into /opt/venv. There is no network: the host fetched the wheels.
set -eu
export HOME=/tmp PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
[ -x /opt/venv/bin/python ] || python3 -m venv --without-pip /opt/venv
pip() { PYTHONPATH=/mnt/pip /opt/venv/bin/python -m pip "$@"; }
pip install --quiet --no-index --find-links /media --no-deps --require-hashes --only-binary=:all: \
  --no-compile --no-warn-script-location -r /mnt/requirements.txt
# It compiles a grammar for 1.3 s whenever jsonschema is imported, for a format that nothing here checks.
# A debugger, and the classic notebook with its widgets: 60 MB that no page here uses.
# A resolver that keeps an address for ten minutes: on a Swarm the hub's address changes with the machine that runs it.
for unused in aiodns rfc3987-syntax debugpy notebook widgetsnbextension; do
  pip uninstall --quiet --yes "$unused" 2>/dev/null || true
done
cd /opt/venv/lib/python3*/site-packages
# Tests of other projects and the sources of their documentation.
find . -depth -type d \( -name tests -o -name test \) -path './*/*' ! -path './jupyter*' -exec rm -rf {} +
# `nbgrader quickstart` copies its example course out of nbgrader's documentation.
find nbgrader/docs -mindepth 1 -type f ! -path '*/user_guide/source/*' ! -name autotests.yml -delete 2>/dev/null || true
find nbgrader/docs -depth -type d -empty -delete 2>/dev/null || true
rm -rf nbgrader/server_extensions/*/tests
# What only builds other programs: stubs, headers and sources of compiled modules, source maps, JupyterLab's own build.
find . -type f \( -name '*.pyi' -o -name '*.h' -o -name '*.hpp' -o -name '*.c' -o -name '*.cpp' -o -name '*.pyx' \
  -o -name '*.pxd' -o -name '*.a' -o -name '*.f90' \) -delete
find . /opt/venv/share -type f -name '*.map' -delete 2>/dev/null || true
rm -rf jupyterlab/galata
# Scripts and fonts of the hub's own pages: the hub serves them, a learner's server never does.
rm -rf /opt/venv/share/jupyterhub/static/components
find jupyterlab/staging -mindepth 1 ! -name package.json -delete 2>/dev/null || true
# Dates and numbers of the languages that Isomo speaks; the kit and the server ask for no others.
find babel/locale-data -name '*.dat' ! -name 'root.dat' ! -name 'en*.dat' ! -name 'fr*.dat' ! -name 'rw*.dat' \
  -delete 2>/dev/null || true
/opt/venv/bin/python -m compileall -q -j 0 . >/dev/null || true # templates do not compile
rm -rf /tmp/* /tmp/.[!.]*
