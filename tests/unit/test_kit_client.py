"""The exchange's client against a campus that is really served."""

from __future__ import annotations

import http.server
import threading

import pytest

from labs.kit import campus_client
from labs.kit.campus_client import CampusError, packed_files, unpacked_files
from tests.support.pretended_campus import zipped
from tests.support.served_campus import served
from tests.support.small_stores import COURSE, LAB, RIGHT

WORK = {f"{LAB}.ipynb": RIGHT, "answers.json": b"{}"}


@pytest.fixture(scope="module")
def campus(tmp_path_factory):
    with served(tmp_path_factory.mktemp("campus")) as (made, url):
        made.url = url
        yield made


def of(campus, name):
    return campus_client.Campus(campus.url, campus.hub.token(name))


def test_work_is_handed_in_for_a_receipt_and_can_be_read_back(campus):
    amina = of(campus, "amina.k")
    receipt = amina.submit(COURSE, LAB, WORK)
    assert (receipt["learner"], receipt["warnings"]) == ("amina.k", [])
    assert amina.files(receipt["receipt"]) == WORK
    assert [one["receipt"] for one in amina.attempts(COURSE, LAB)] == [receipt["receipt"]]


def test_a_learner_sees_courses_labs_and_files(campus):
    amina = of(campus, "amina.k")
    assert [one["course"] for one in amina.me()["courses"]] == [COURSE]
    assert LAB in [one["lab"] for one in amina.labs(COURSE)]
    assert f"{LAB}.ipynb" in amina.fetch(COURSE, LAB)


def test_a_refusal_carries_the_campus_own_sentence_and_is_not_tried_again(campus):
    with pytest.raises(CampusError) as refused:
        of(campus, "amina.k").submit(COURSE, "none", WORK)
    assert (
        str(refused.value)
        == "The lab none is not open in this course. Your work is still in your own folder."
    )
    assert (refused.value.code, refused.value.retry) == ("lab-not-released", False)


def test_names_are_sent_as_names_and_never_as_places(campus):
    with pytest.raises(CampusError) as refused:
        of(campus, "amina.k").files("../../me")
    assert refused.value.code == "not-found"


def test_a_sign_in_that_ran_out_loses_no_work(campus):
    with pytest.raises(CampusError, match="Your sign-in has run out") as refused:
        campus_client.Campus(campus.url, "old").submit(COURSE, LAB, WORK)
    assert refused.value.retry


def test_a_campus_that_is_away_may_be_tried_again():
    with pytest.raises(CampusError, match=r"does not answer just now\. Nothing was lost") as away:
        campus_client.Campus("http://127.0.0.1:9/services/campus", "token", timeout=5).me()
    assert away.value.retry


@pytest.mark.parametrize(
    ("status", "said", "retry"),
    [
        (502, "does not answer just now", True),
        (200, "cannot be read", True),
        (413, "too large for the way to the campus", False),
    ],
)
def test_what_a_proxy_says_in_its_place_is_no_answer(status, said, retry):
    class Proxy(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status)
            self.end_headers()
            self.wfile.write(b"<html>no JSON here</html>")

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Proxy) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        with pytest.raises(CampusError, match=said) as away:
            campus_client.Campus(f"http://127.0.0.1:{server.server_port}", "token", timeout=10).me()
        thread.join()
    assert away.value.retry is retry


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "a/../../b", "a\\b"])
def test_files_that_name_a_place_outside_are_not_unpacked(name):
    with pytest.raises(CampusError, match="cannot be read"):
        unpacked_files(zipped({name: b"1"}))


def test_packing_and_unpacking_gives_the_same_files():
    assert unpacked_files(packed_files(WORK)) == WORK
    assert packed_files(WORK) == packed_files(dict(reversed(WORK.items())))
