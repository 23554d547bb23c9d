"""What must hold before anyone uses this prototype. Run: isomo prototype test"""

from pathlib import Path

import pytest

from labs.prototype_kit.application.data_contract import read_contract
from labs.prototype_kit.application.decisions import decide
from labs.prototype_kit.application.model_file import load_model, read_facts
from labs.prototype_kit.application.project_settings import read_settings

PROJECT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def parts():
    """The contract, the model's facts and the model."""
    return (
        read_contract(PROJECT / "contract.toml"),
        read_facts(PROJECT / "model"),
        load_model(PROJECT / "model"),
    )


def test_the_settings_name_a_title_in_both_languages():
    assert {"en", "fr"} <= set(read_settings(PROJECT).title)


def test_an_empty_case_is_answered_or_refused_with_a_reason(parts):
    contract, facts, model = parts
    values, wrong = contract.checked({})
    assert wrong or decide(model, facts, contract, [values])


def test_an_unknown_category_goes_to_a_person(parts):
    contract, facts, model = parts
    categories = [column for column in contract.features if column.type == "category"]
    for column in categories:
        values, _wrong = contract.checked({column.name: "something never seen"})
        assert decide(model, facts, contract, [values])[0].person


def test_the_same_case_gets_the_same_answer(parts):
    contract, facts, model = parts
    values, _wrong = contract.checked({})
    assert decide(model, facts, contract, [values]) == decide(model, facts, contract, [values])
