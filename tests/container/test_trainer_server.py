"""nbgrader's commands in a trainer's own server: the lab image, run as the spawner runs it, without a network."""

from __future__ import annotations

import pytest

from tests.support.small_labs import lab_image

pytestmark = pytest.mark.engine

COURSE = """
set -eu
cd /tmp
export HOME=/tmp JUPYTERHUB_API_TOKEN=secret
nbgrader quickstart x
cd x
ls source/ps1
printf 'c = get_config()\\nfrom graders.nbgrader import drop_in; drop_in.install(c)\\n' > nbgrader_config.py
nbgrader generate_assignment ps1 --create
mkdir -p submitted/amina.k
cp -r release/ps1 submitted/amina.k/
code=0
nbgrader autograde ps1 --create || code=$?
echo "exit code $code"
ls autograded 2>&1 || true
"""


@pytest.fixture(scope="module")
def said(docker_client):
    container = docker_client.containers.create(
        lab_image(docker_client),
        entrypoint=["/bin/sh", "-c", COURSE],
        network_mode="none",
        cap_drop=["ALL"],
        security_opt=["no-new-privileges"],
    )
    try:
        container.start()
        code = container.wait(timeout=300)["StatusCode"]
        said = container.logs().decode()
        assert code == 0, said
        return said
    finally:
        container.remove(force=True)


def test_quickstart_makes_nbgraders_example_course(said):
    assert "problem1.ipynb" in said
    assert "problem2.ipynb" in said


def test_the_drop_in_line_never_ends_in_nbgraders_own_engine(said):
    """Learners' code would run beside the trainer's token."""
    assert "Nothing was graded: learners' work is not run in your own server" in said
    assert "exit code 1" in said
    assert "cannot access 'autograded'" in said
