"""Each benchmark says its options, and refuses what it does not know, before it measures anything."""

from __future__ import annotations

import pytest

from bench.bench_command import BENCHES, command


@pytest.mark.parametrize("name", sorted(BENCHES))
def test_a_benchmark_asked_for_help_says_its_options_and_measures_nothing(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        command([name, "--help"])
    assert ended.value.code == 0
    assert f"isomo bench {name}" in capsys.readouterr().out


@pytest.mark.parametrize("name", sorted(BENCHES))
def test_a_benchmark_refuses_an_option_that_it_does_not_have(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        command([name, "--nonsense"])
    assert ended.value.code == 2
    assert "--nonsense" in capsys.readouterr().err
