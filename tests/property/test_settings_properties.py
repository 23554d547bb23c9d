"""Settings: sizes and whole files survive being written down; nonsense never passes as a setting."""

from __future__ import annotations

import contextlib
import tomllib

from hypothesis import given
from hypothesis import strategies as st

from hub.isomo_settings import Settings, SettingsError, parse_settings
from hub.memory_sizes import Size

sizes = st.integers(min_value=1, max_value=2**50).map(Size)
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)


def _said(values):
    """What is said about these settings; nothing if they are right."""
    try:
        parse_settings(values)
    except SettingsError as error:
        return str(error)
    return ""


@given(sizes)
def test_a_size_reads_back_what_it_writes(size):
    assert Size.parse(str(size)) == size


@given(
    st.integers(1, 4096),
    st.sampled_from(["KiB", "MiB", "GiB", "kib", "mib", "GIB"]),
    st.sampled_from(["", " ", "  "]),
)
def test_a_size_may_be_written_with_any_case_and_space(number, unit, space):
    exponent = {"k": 10, "m": 20, "g": 30}[unit[0].lower()]
    assert Size.parse(f"{number}{space}{unit}") == number * 2**exponent


@given(st.text(max_size=12))
def test_any_text_is_a_positive_size_or_refused(text):
    with contextlib.suppress(ValueError):
        assert Size.parse(text) > 0


@given(st.sampled_from(sorted(Settings.model_fields)), plain)
def test_any_value_is_taken_or_gets_sentences_about_its_field(name, value):
    assert all(line.startswith("isomo.toml: ") for line in _said({name: value}).splitlines())


@given(st.text(min_size=1, max_size=20).filter(lambda name: name not in Settings.model_fields), plain)
def test_no_unknown_key_passes(name, value):
    assert "is not a setting" in _said({name: value})


@given(
    memory=sizes,
    cpu=st.floats(0.1, 64).map(lambda x: round(x, 3)),
    processes=st.integers(16, 32768),
    octet=st.integers(0, 255),
    evaluate=st.booleans(),
)
def test_a_file_reads_back_what_was_written(memory, cpu, processes, octet, evaluate):
    text = f"""
evaluate = {str(evaluate).lower()}
[learner]
memory = "{memory}"
cpu = {cpu}
processes = {processes}
[network]
subnet = "10.{octet}.0.0/16"
"""
    settings = parse_settings(tomllib.loads(text))
    assert settings.learner.memory == memory
    assert settings.learner.cpu == cpu
    assert settings.learner.processes == processes
    assert settings.network.subnet == f"10.{octet}.0.0/16"
    assert settings.evaluate is evaluate
