"""What lies in the learner's image, file by file: nothing that a learner could read an answer from."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import shutil
import tarfile
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import pytest

from hub.ops import package_list
from images.image_contents import MESSAGE_MODULES
from labs.datasets.registry import datasets
from tests.support.hub_run import ROOT
from tests.support.small_labs import image as made_image
from tests.support.small_labs import lab_image

pytestmark = pytest.mark.engine

# Of this checkout, what no learner may have, under whatever name.
SECRET = (
    "hub/**/*.py",
    "graders/engine/**/*.py",
    *(f"graders/contract/{part}.py" for part in ("codec", "guard_policy", "plain_*", "sandbox_*", "work*")),
    "graders/sandbox/**/*.py",
    "graders/agent/**/*.py",
    "labs/authoring/**/*.py",
    "labs/[0-9]*/*.py",
    "labs/datasets/generators/*.py",
    "labs/datasets/effects/*.py",
    "labs/datasets/seeds.py",
    "labs/datasets/hidden_data.py",
    "images/*.py",
    "tests/**/*.py",
)
OURS = {
    "/opt/isomo": {"cache", "data", "desk", "etc", "graders", "labs", "start"},
    "/opt/isomo/cache": {"matplotlib"},
    "/opt/isomo/labs": {"__init__.py", "datasets", "kit"},
    "/opt/isomo/labs/datasets": {"__init__.py", "loader.py"},
    "/opt/isomo/graders": {"__init__.py", "contract", "nbgrader", "pages"},
    "/opt/isomo/graders/contract": {"locale", *(f"{part}.py" for part in MESSAGE_MODULES)},
    "/opt/isomo/graders/pages": {"__init__.py", "hidden_tests.py", "safe_html.py"},
    "/opt/isomo/graders/nbgrader": {
        "__init__.py",
        "drop_in.py",
        "missing_engine.py",
        "exchange",
        "formgrader",
        "projection",
    },
}


@dataclass
class Image:
    """Every path in an image, the content of our own files, and the digests of all that could be ours."""

    paths: set[PurePosixPath] = field(default_factory=set)
    ours: dict[str, bytes] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)

    def names_in(self, folder: str) -> set[str]:
        return {path.name for path in self.paths if str(path.parent) == folder}


def _secret_files():
    found = [path for pattern in SECRET for path in ROOT.glob(pattern) if path.is_file()]
    return {
        hashlib.sha256(path.read_bytes()).hexdigest(): path for path in found if path.stat().st_size > 200
    }


class _Pipe(io.RawIOBase):
    """An exported image, chunk by chunk, as a file."""

    def __init__(self, chunks) -> None:
        self.chunks, self.rest = iter(chunks), b""

    def readable(self) -> bool:
        return True

    def readinto(self, room) -> int:
        self.rest = self.rest or next(self.chunks, b"")
        taken, self.rest = self.rest[: len(room)], self.rest[len(room) :]
        room[: len(taken)] = taken
        return len(taken)


@pytest.fixture(scope="module")
def image(docker_client):
    sizes = {path.stat().st_size for path in _secret_files().values()}
    container = docker_client.containers.create(lab_image(docker_client))
    found = Image()
    try:
        stream = io.BufferedReader(_Pipe(container.export(chunk_size=1 << 20)), 1 << 20)
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            for each in archive:
                path = PurePosixPath("/") / each.name
                found.paths.add(path)
                ours = path.is_relative_to("/opt/isomo")
                if each.isfile() and (ours or each.size in sizes):
                    content = archive.extractfile(each).read()
                    found.digests[hashlib.sha256(content).hexdigest()] = str(path)
                    if ours:
                        found.ours[str(path)] = content
    finally:
        container.remove(force=True)
    return found


@pytest.mark.parametrize(("name", "most"), [("lab", 690), ("grader", 540)])
def test_an_image_is_small_enough_for_a_slow_line(docker_client, name, most):
    """In millions of bytes, unpacked; docs/developer.md says what was left out."""
    assert docker_client.images.get(made_image(docker_client, name)).attrs["Size"] <= most * 10**6


def test_no_judge_solution_generator_or_hub_code_is_there_under_any_name(image):
    secret = _secret_files()
    assert len(secret) > 100
    assert {
        image.digests[digest]: str(secret[digest]) for digest in secret.keys() & image.digests.keys()
    } == {}


def test_of_ours_there_is_the_kit_the_loader_the_data_and_the_exchange_and_nothing_else(image):
    for folder, names in OURS.items():
        assert image.names_in(folder) - {"__pycache__"} <= names, folder
    assert "kit" in image.names_in("/opt/isomo/labs")
    assert "/opt/isomo/labs/kit/checking.py" in image.ours


def test_the_desk_is_there_built_and_compressed_and_none_of_what_built_it(image):
    names = image.names_in("/opt/isomo/desk")
    first = json.loads(image.ours["/opt/isomo/desk/names.json"])["first"]
    assert {f"{name}{ending}" for name in first for ending in ("", ".br", ".gz")} <= names
    found = [path for path in image.paths if path.name in ("node_modules", "node", "npm")]
    assert [
        path for path in found if "nbgrader" not in path.parts
    ] == []  # formgrader's pages bring their own.


def test_whatever_is_compiled_there_has_its_source_beside_it(image):
    compiled = [PurePosixPath(path) for path in image.ours if path.endswith(".pyc")]
    sources = {str(path.parent.parent / f"{path.name.partition('.')[0]}.py") for path in compiled}
    assert sources <= set(image.ours)


def test_no_file_is_called_like_something_of_the_grader(image):
    words = {
        "judge.py",
        "hidden.py",
        "mutants.py",
        "lab.py",
        "hidden_data.py",
        "gradebook.db",
        "nbgrader_config.py",
    }
    ours = {path for path in image.paths if path.is_relative_to("/opt/isomo")}
    assert [str(path) for path in ours if path.name in words and "/etc/" not in str(path)] == []
    assert not any(path.name in ("hub", "holdout") for path in ours)
    assert image.names_in("/home") == {"learner"}
    assert image.names_in("/root") <= {".bashrc", ".profile"}


def test_the_data_has_no_hidden_column_and_the_registry_names_none(image):
    told = json.loads(image.ours["/opt/isomo/data/registry.json"])
    assert told["part"] == "learner"
    hidden = {
        name: {column.name for column in each.columns if column.hidden} for name, each in datasets().items()
    }
    assert any(hidden.values())
    for name, columns in hidden.items():
        entry = told["datasets"][name]
        content = gzip.decompress(image.ours[f"/opt/isomo/data/{entry['file']}"]).decode()
        assert not columns & set(next(csv.reader(io.StringIO(content)))), name
        assert not columns & {column["name"] for column in entry["columns"]}, name


def test_every_package_of_an_image_is_in_its_list_with_an_address_that_scanners_know(docker_client) -> None:
    found = package_list.installed_packages(docker_client, lab_image(docker_client))
    document = json.loads(package_list.cyclonedx_document("isomo-lab", "1", found))
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    addresses = {each["purl"] for each in document["components"]}
    assert len(addresses) == len(document["components"])
    versions = {name: version for name, version, _licence in found["python"]}
    assert f"pkg:pypi/scikit-learn@{versions['scikit-learn']}" in addresses
    assert any(address.startswith(f"pkg:deb/{found['system']}/libc6@") for address in addresses)


def test_an_office_derives_an_image_with_packages_of_its_own(docker_client, tmp_path: Path) -> None:
    shutil.copy(ROOT / "images" / "derived" / "Dockerfile", tmp_path)
    (tmp_path / "packages").mkdir()
    (tmp_path / "packages" / "office_words.py").write_text("GREETING = 'Muraho'\n")
    client, base = docker_client, lab_image(docker_client)
    image, _lines = client.images.build(path=str(tmp_path), buildargs={"BASE": base}, rm=True)
    try:
        code = "import office_words, pandas; print(office_words.GREETING)"
        said = client.containers.run(image, ["python3", "-c", code], remove=True, network_mode="none")
        assert said.decode().splitlines()[-1] == "Muraho"
        assert image.attrs["Config"]["User"] == "1000:1000"
    finally:
        client.images.remove(image.id, force=True)
