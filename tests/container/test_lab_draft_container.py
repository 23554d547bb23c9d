"""A lab that a trainer writes in the browser is checked in the grader's own container, with what its image holds."""

from __future__ import annotations

import pytest

from graders.agent.draft_checks import DraftChecks
from graders.agent.engine_launchers import engine_starter
from graders.contract.work_contract import Limits
from hub.isomo_settings import load_settings, parse_settings
from hub.ops import image_builder, local_images
from tests.support.pretended_campus import Campus
from tests.support.small_stores import COURSE
from tests.unit.test_lab_drafts import begin, findings_of

pytestmark = pytest.mark.engine


@pytest.mark.timeout(1800)
def test_the_starter_is_good_in_the_graders_container(tmp_path, docker_client):
    settings = load_settings()
    wanted = local_images.image_names(settings)
    image_builder.ensure_images(docker_client, settings, wanted)
    campus = Campus(tmp_path)
    begin(campus)
    inside = parse_settings({"evaluate": False, "project": "isomodrafts", "state": str(tmp_path / "agent")})
    drafts = campus.store.lab_drafts
    checks = DraftChecks(drafts, engine_starter(inside, wanted["grader"], "drafts"), "test", Limits())
    try:
        assert checks.check_next()
    finally:
        checks.stop()
    draft = drafts.get(COURSE, "waiting")
    assert (draft.state, findings_of(draft)) == ("good", [])
    left = docker_client.containers.list(
        all=True, filters={"label": "isomo.project=isomodrafts"}, ignore_removed=True
    )
    assert left == []
