"""Words after a verb: help that does nothing, refusals in plain sentences, completion."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hub import command_line, shell_completion, verb_options
from hub.isomo_settings import CHECKOUT

# Prints the help of every verb and, as the last line, each thing that was opened for writing or started meanwhile.
ASK_EVERY_VERB = """
import json, os, sys
done = []
def watch(event, args):
    if event == "open" and isinstance(args[0], str) and isinstance(args[2], int):
        if args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) and args[0] != os.devnull:
            done.append([verb, event, args[0]])
    elif event in ("sqlite3.connect", "subprocess.Popen", "os.mkdir", "socket.connect"):
        done.append([verb, event, repr(args)])
sys.dont_write_bytecode = True
from hub import command_line, verb_options
verb = ""
sys.addaudithook(watch)
def ask(*words):
    print("asked:", *words)
    try:
        code = command_line.main([*words])
    except SystemExit as ended:
        code = ended.code
    if code:
        done.append([*words, "exit", code])
for verb in command_line.VERBS:
    for word in ("--help", "-h"):
        ask(verb, word)
    if verb != "bench":  # each of its words is a program that is imported whole
        for second in verb_options.first_words(verb_options.parser_for(verb)):
            ask(verb, second, "--help")
print(json.dumps(done))
"""


def test_the_help_of_every_verb_and_of_its_second_words_is_printed_and_nothing_is_opened_made_or_started(
    tmp_path: Path,
) -> None:
    env = {**os.environ, "ISOMO_STATE": str(tmp_path / "state"), "PYTHONPATH": str(CHECKOUT), "LC_ALL": "C"}
    done = subprocess.run(
        [sys.executable, "-c", ASK_EVERY_VERB],
        env=env,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    *said, noted = done.stdout.splitlines()
    assert json.loads(noted) == []
    assert list(tmp_path.iterdir()) == []
    for verb in command_line.VERBS:
        assert any(f"./isomo {verb}" in line for line in said), verb
    asked = {
        line.removeprefix("asked: "): said[place + 1]
        for place, line in enumerate(said)
        if line.startswith("asked: ")
    }
    assert {"node add --help", "lab release --help", "roster import --help", "prototype new --help"} <= set(
        asked
    )
    assert [words for words, first in asked.items() if not first.lower().startswith("usage: ./isomo ")] == []


@pytest.mark.parametrize("verb", command_line.VERBS)
def test_every_option_of_every_verb_has_a_line_of_help(verb: str) -> None:
    parser = verb_options.parser_for(verb)
    assert parser is not None
    if verb != "lab":
        assert [action.dest for action in parser._actions if not action.help] == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["up", "--evalute"], "up does not know '--evalute'. Did you mean --evaluate?"),
        (["up", "fast"], "up does not know 'fast'."),
        (["down", "--json"], "down does not know '--json'."),
        (["invite"], "invite needs USERNAME."),
        (["invite", "amina.k", "bosco.n"], "invite does not know 'bosco.n'."),
        (["verify-receipt"], "verify-receipt needs FILE."),
        (["completion", "fish"], "completion: shell cannot be 'fish'. It can be 'bash', 'zsh'."),
        (["status", "--json=x"], "status: --json takes no value, and 'x' was given."),
        (["lock", "--upgrad"], "lock does not know '--upgrad'. Did you mean --upgrade?"),
        (["setup", "now"], "setup does not know 'now'."),
    ],
)
def test_a_wrong_word_is_refused_in_a_sentence_and_starts_nothing(words, said, monkeypatch, capsys):
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setattr(command_line, "load_verb", lambda verb: pytest.fail(f"{verb} was started"))
    assert command_line.main(words) == 2
    assert capsys.readouterr().err == f"{said}\nType ./isomo {words[0]} --help to see what it takes.\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["regrade", "sums", "--workers", "many"], "--workers must be a whole number, not 'many'."),
        (["regrade", "sums", "--yes", "--dry-run"], "exclude each other."),
        (["regrade", "sums", "--course"], "regrade: --course needs a value after it."),
        (["grade"], "grade needs lab."),
        (["gradebook", "mend"], "gradebook: what cannot be 'mend'. It can be 'rebuild', 'check'."),
    ],
)
def test_a_wrong_word_is_refused_by_the_parsers_of_other_rooms_as_well(words, said, monkeypatch):
    monkeypatch.setenv("LC_ALL", "C")
    parser = verb_options.parser_for(words[0])
    with pytest.raises(verb_options.UsageError) as refused:
        parser.parse_args(words[1:])
    assert said in refused.value.message


def test_a_refusal_is_said_in_french(monkeypatch):
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    assert verb_options.option_refusal("up", ["vite"]).message == "up ne connaît pas 'vite'."
    assert verb_options.help_text("up", "").startswith("Utilisation\u00a0: ./isomo up")


def test_before_the_packages_are_there_the_help_says_how_to_get_all_of_it(monkeypatch):
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setitem(verb_options.ELSEWHERE, "grade", "no_such_room.command:arguments")
    text = verb_options.help_text("grade", "grade what waits")
    assert text.startswith("Usage: ./isomo grade")
    assert "Type ./isomo setup once" in text


def test_what_follows_the_test_verb_goes_to_pytest_as_it_is():
    words = ["tests/unit", "-k", "receipt", "--help"]
    assert verb_options.parse_options("test", words).words == words
    assert not verb_options.asks_for_help("test", words)


def completed(*typed: str) -> set[str]:
    """What bash offers after these words."""
    line = " ".join(f"'{word}'" for word in typed)
    asked = f'COMP_WORDS=({line}); COMP_CWORD={len(typed) - 1}; _isomo; printf "%s\\n" "${{COMPREPLY[@]}}"'
    text = shell_completion.completion_script(
        "bash", {verb: shell_completion.words_after(verb) for verb in command_line.VERBS}
    )
    done = subprocess.run(["bash", "-c", f"{text}\n{asked}"], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_bash_completes_verbs_and_their_options():
    assert completed("./isomo", "chec") == {"check-settings"}
    assert completed("./isomo", "doctor", "--") == {"--help", "--prune", "--json"}
    assert completed("./isomo", "gradebook", "re") == {"rebuild"}


def test_the_zsh_script_offers_every_verb_and_can_be_read_by_zsh(tmp_path):
    text = shell_completion.completion_script(
        "zsh", {verb: shell_completion.words_after(verb) for verb in command_line.VERBS}
    )
    assert all(f"        {verb}) offered=(" in text for verb in command_line.VERBS)
    if zsh := shutil.which("zsh"):
        subprocess.run([zsh, "-n"], input=text, text=True, check=True)
