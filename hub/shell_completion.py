"""Verb `completion`: a script that lets a shell complete verbs and their options."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from hub.verb_options import first_words, long_options, parse_options, parser_for

BASH = """\
# Completion of isomo for bash. Load it with: source <(./isomo completion bash)
_isomo() {{
    local word="${{COMP_WORDS[COMP_CWORD]}}" words=""
    if [ "$COMP_CWORD" -eq 1 ]; then
        words="{verbs}"
    else
        case "${{COMP_WORDS[1]}}" in
{cases}
        esac
    fi
    COMPREPLY=($(compgen -W "$words" -- "$word"))
}}
complete -o default -F _isomo isomo ./isomo
"""
ZSH = """\
#compdef isomo
# Completion of isomo for zsh. Load it with: source <(./isomo completion zsh)
_isomo() {{
    local -a offered
    if (( CURRENT == 2 )); then
        compadd -- {verbs}
        return
    fi
    case "${{words[2]}}" in
{cases}
    esac
    (( ${{#offered}} )) && compadd -- "${{offered[@]}}"
    _files
}}
compdef _isomo isomo
"""


def words_after(verb: str) -> list[str]:
    """Words that may follow `verb`: fixed words first, then long options."""
    parser = parser_for(verb)
    return ["--help"] if parser is None else [*first_words(parser), *long_options(parser)]


def completion_script(shell: str, table: Mapping[str, list[str]]) -> str:
    """Return the completion script for `shell`, "bash" or "zsh", from the words that follow each verb."""
    verbs = " ".join([*table, "--help", "--version"])
    if shell == "zsh":
        cases = [f"        {verb}) offered=({' '.join(words)}) ;;" for verb, words in table.items()]
        return ZSH.format(verbs=verbs, cases="\n".join(cases))
    cases = [f'            {verb}) words="{" ".join(words)}" ;;' for verb, words in table.items()]
    return BASH.format(verbs=verbs, cases="\n".join(cases))


def command(argv: list[str]) -> int:
    """`completion bash|zsh`: print the script."""
    from hub.command_line import VERBS

    shell = parse_options("completion", argv).shell
    sys.stdout.write(completion_script(shell, {verb: words_after(verb) for verb in VERBS}))
    return 0
