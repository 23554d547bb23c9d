"""The front door, before any package is there."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


def _load() -> ModuleType:
    loader = importlib.machinery.SourceFileLoader("isomo_bootstrap", str(ROOT / "isomo"))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    assert spec
    module = importlib.util.module_from_spec(spec)
    sys.dont_write_bytecode, kept = True, sys.dont_write_bytecode
    loader.exec_module(module)
    sys.dont_write_bytecode = kept
    return module


@pytest.fixture
def boot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module, with its own empty `.isomo` and a lock of two packages."""
    module = _load()
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "HOME", tmp_path / ".isomo")
    locks = tmp_path / "images" / "locks"
    locks.mkdir(parents=True)
    for name in ("host", "test"):
        (locks / f"{name}.txt").write_text(f"# {name}\none==1 \\\n    --hash=sha256:00\ntwo==2 ; x\n")
    return module


@pytest.fixture
def made(boot: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the environments that were built, by a stand-in that installs nothing."""
    names: list[str] = []

    def make(folder: Path, lock: Path) -> None:
        names.append(folder.name)
        python = boot.python_of(folder)
        python.parent.mkdir(parents=True)
        python.write_text("")
        (folder / "complete").write_text("")

    monkeypatch.setattr(boot, "make", make)
    return names


def test_an_old_python_is_told_what_would_be_new_enough() -> None:
    """Python 3.10 gets one sentence, not a traceback."""
    code = f"path = {str(ROOT / 'isomo')!r}; exec(compile(open(path).read(), path, 'exec'))"
    script = f"import sys; sys.version_info = (3, 10, 12); {code}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "Isomo needs Python 3.11 or newer; this is 3.10.12. Debian 12 and Ubuntu 24.04 bring a new enough one."
    ]


@pytest.mark.parametrize("words", [[], ["--help"], ["help"], ["--version"], ["strat"]])
def test_help_installs_nothing(
    boot: ModuleType, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The list of verbs, the version and a mistyped verb need no environment."""
    code = boot.main(words)
    out, err = capsys.readouterr()
    assert code == (2 if words == ["strat"] else 0)
    assert "Usage: ./isomo VERB" in out + err or out.startswith("Isomo ")
    assert not boot.HOME.exists()


@pytest.mark.parametrize("verb", ["up", "grade", "check-settings", "test"])
def test_the_help_of_a_verb_installs_nothing(
    boot: ModuleType, verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """`./isomo up --help` on a new machine prints the usage and makes no folder."""
    assert boot.main([verb, "--help"]) == 0
    assert f"./isomo {verb}" in capsys.readouterr().out
    assert not boot.HOME.exists()


def test_a_wrong_word_is_refused_before_anything_is_installed(
    boot: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    """`./isomo up --evalute` does not take three minutes to say so."""
    assert boot.main(["up", "--evalute"]) == 2
    assert "Did you mean --evaluate?" in capsys.readouterr().err
    assert not boot.HOME.exists()


def test_the_same_lock_is_built_once(boot: ModuleType, made: list[str]) -> None:
    """A second verb finds the environment, under its short name as well."""
    first = boot.ensure("host")
    assert boot.ensure("host") == first
    assert len(made) == 1
    assert (boot.HOME / "env").resolve() == first.parents[1]


def test_a_changed_lock_is_built_again_and_the_last_environment_stays(
    boot: ModuleType, made: list[str]
) -> None:
    """What runs may still use the environment before; the one before that is removed, the tests' own is not."""
    lock = boot.ROOT / "images" / "locks" / "host.txt"
    boot.ensure("test")
    for text in ("a==1", "b==1", "c==1"):
        lock.write_text(text)
        boot.ensure("host")
    test, _first, second, third = made
    assert {path.name for path in boot.HOME.glob("env*-*") if path.is_dir() and not path.is_symlink()} == {
        test,
        second,
        third,
    }


def test_an_environment_cut_short_is_built_again(boot: ModuleType, made: list[str]) -> None:
    """Without its last file, or when its interpreter is gone, an environment does not count."""
    python = boot.ensure("host")
    (python.parents[1] / "complete").unlink()
    boot.shutil.rmtree(python.parent)
    assert boot.ensure("host") == python
    python.unlink()
    boot.shutil.rmtree(python.parents[1])
    assert boot.ensure("host") == python
    assert len(made) == 3


def test_developers_verbs_get_the_test_tools(boot: ModuleType) -> None:
    """`test`, `lock`, `bench` and `lab` need more than the host's packages."""
    assert [boot.group_for(verb) for verb in ("up", "test", "lock", "bench")] == [
        "host",
        "test",
        "test",
        "test",
    ]


def test_the_offices_certificates_reach_every_client(
    boot: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`ca_bundle` goes before SSL_CERT_FILE; what is already set stays."""
    settings = tmp_path / "isomo.toml"
    monkeypatch.setenv("ISOMO_SETTINGS", str(settings))
    for name in ("PIP_CERT", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", "/etc/other.pem")
    assert boot.environment()["PIP_CERT"] == "/etc/other.pem"
    settings.write_text('ca_bundle = "office.pem"\n')
    monkeypatch.setenv("NODE_EXTRA_CA_CERTS", "/etc/kept.pem")
    env = boot.environment()
    assert env["PIP_CERT"] == env["REQUESTS_CA_BUNDLE"] == str(tmp_path / "office.pem")
    assert env["NODE_EXTRA_CA_CERTS"] == "/etc/kept.pem"


def test_a_broken_settings_file_does_not_stop_setting_up(boot: ModuleType, tmp_path: Path) -> None:
    """The verb itself says what is wrong in it; the front door falls back to SSL_CERT_FILE."""
    settings = tmp_path / "isomo.toml"
    settings.write_text("ca_bundle = [")
    assert boot.ca_bundle({"SSL_CERT_FILE": "/etc/a.pem"}, settings) == "/etc/a.pem"
    settings.write_text("ca_bundle = 7")
    assert boot.ca_bundle({}, settings) is None


def test_a_users_pip_settings_do_not_move_the_packages(
    boot: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PIP_USER or PIP_TARGET would install beside the environment; a mirror is kept."""
    monkeypatch.setenv("PIP_TARGET", "/elsewhere")
    monkeypatch.setenv("PIP_INDEX_URL", "http://mirror.example/simple")
    env = boot.environment()
    assert "PIP_TARGET" not in env
    assert env["PIP_INDEX_URL"] == "http://mirror.example/simple"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("OSError: [Errno 28] No space left on device", "Free about 2 GB"),
        ("SSLError: CERTIFICATE_VERIFY_FAILED", "ca_bundle in isomo.toml"),
        ("THESE PACKAGES DO NOT MATCH THE HASHES", "Your package mirror may be changing files"),
        ("Temporary failure in name resolution", "PIP_INDEX_URL names another one"),
    ],
)
def test_a_failed_step_says_what_to_try(boot: ModuleType, said: str, expected: str) -> None:
    """Each way of failing has a next step of its own."""
    error = str(boot.failed("Installing the Python packages", [said]))
    assert error.startswith("Installing the Python packages did not work:")
    assert said in error
    assert expected in error


def test_a_folder_that_may_not_be_written_to_is_named(
    boot: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A checkout that belongs to somebody else: one sentence, exit code 1."""

    def refuse(group: str) -> Path:
        raise PermissionError(13, "Permission denied", "/srv/isomo/.isomo/env.lock")

    monkeypatch.setattr(boot, "ensure", refuse)
    assert boot.main(["up"]) == 1
    said = capsys.readouterr().err
    assert "may not write to /srv/isomo/.isomo/env.lock. Run it as the owner of the folder" in said


def test_pip_is_looked_for_in_the_distribution_last(
    boot: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With neither ensurepip nor pip, the distribution's wheel is run, with certificates of its own."""
    wheel = tmp_path / "pip-1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as opened:
        opened.writestr("pip/_vendor/certifi/cacert.pem", "PEM")
    monkeypatch.setattr(boot.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(boot, "distribution_wheel", lambda: str(wheel))
    *_, used, certificates = boot.find_pip(tmp_path / "env", tmp_path)
    assert used == str(wheel)
    assert Path(certificates).read_text() == "PEM"


def test_no_pip_anywhere_names_the_package_to_install(
    boot: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a system with neither pip nor apt the sentence says what is missing."""
    monkeypatch.setattr(boot.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(boot, "distribution_wheel", lambda: None)
    monkeypatch.setattr(boot.shutil, "which", lambda name: None)
    with pytest.raises(boot.BootstrapError, match="Install the package python3-pip or python3-venv"):
        boot.find_pip(tmp_path / "env", tmp_path)
    with pytest.raises(boot.BootstrapError, match="no `venv` module"):
        boot.without_pip(tmp_path / "env")


def test_progress_counts_every_package_of_the_lock(
    boot: ModuleType, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """From an index, from a file, or not for this machine: each counts; a log gets a line now and then."""
    monkeypatch.setattr(boot, "REPORT_EVERY", 0.0)
    progress = boot.Progress(total=3)
    for line in (
        "Collecting one\n",
        "  Downloading one\n",
        "Processing /two.whl\n",
        "Ignoring three: markers\n",
    ):
        progress.heard(line)
    progress.heard("Installing collected packages: one, two\n")
    progress.end()
    assert capsys.readouterr().err.splitlines() == [
        "  1 of 3 packages fetched",
        "  2 of 3 packages fetched",
        "  3 of 3 packages fetched",
        "  3 of 3 packages fetched; installing them",
    ]


def test_a_pip_that_fails_is_quoted(boot: ModuleType, tmp_path: Path) -> None:
    """The last words of pip are shown, and the environment does not count as complete."""
    lock = boot.ROOT / "images" / "locks" / "host.txt"
    fake = [sys.executable, "-c", "import sys; print('ERROR: No matching distribution'); sys.exit(1)"]
    with pytest.raises(boot.BootstrapError, match="No matching distribution"):
        boot.install(fake, lock)


def test_two_at_once_take_turns(boot: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    """While one process holds the lock, another says so and waits for it."""
    code = (
        f"import fcntl, time; f = open({str(boot.HOME / 'env.lock')!r}, 'w'); "
        "fcntl.flock(f, fcntl.LOCK_EX); print('held', flush=True); time.sleep(0.5); f.write('done'); f.flush()"
    )
    boot.HOME.mkdir()
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout
        assert other.stdout.readline() == "held\n"
        with boot.alone("env"):
            deadline = time.monotonic() + 5
            while other.poll() is None and time.monotonic() < deadline:
                time.sleep(0.05)
            assert other.returncode == 0
    assert "waiting for it to finish" in capsys.readouterr().err


def test_a_pip_that_outlives_its_isomo_is_waited_for(boot: ModuleType) -> None:
    """After a kill, what is still writing to the environment keeps the lock that its parent took."""
    lock = boot.ROOT / "images" / "locks" / "host.txt"
    code = (
        "import glob, os, sys; "
        "held = [os.readlink(fd) for fd in glob.glob('/proc/self/fd/*') if os.path.exists(fd)]; "
        "sys.exit(not any(name.endswith('/env.lock') for name in held))"
    )
    with boot.alone("env"):
        boot.install([sys.executable, "-c", code], lock)
    with pytest.raises(boot.BootstrapError):
        boot.install([sys.executable, "-c", code], lock)
