"""Learning: fits find what made their data, measures agree with others, the questions are clean."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from conftest import small_document
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import qa.training
from index.training import data
from qa.training.confidence import (
    ALSO,
    ANSWERS,
    OFF_TOPIC,
    SHARES,
    TOPIC,
    Cases,
    auroc,
    by_kind,
    calibration_error,
    cross_validate,
    reliability,
)
from qa.training.fitting import FOLDS, Example, fit_choice, fit_probability, fold, ranks
from qa.training.questions import read_unanswerable

UNANSWERABLE = Path(qa.training.__file__).parent / "unanswerable.tsv"
ROWS = [line.split("\t") for line in UNANSWERABLE.read_text(encoding="utf-8").splitlines()[1:]]


def choices(count: int, truth: list[float], seed: int = 1) -> list[Example]:
    """Choices among five, made by the softmax of ``truth``."""
    random = np.random.default_rng(seed)
    examples = []
    for number in range(count):
        features = random.normal(size=(5, len(truth)))
        share = np.exp(features @ np.array(truth))
        right = int(random.choice(5, p=share / share.sum()))
        examples.append(Example(f"document {number % 20}", features, right))
    return examples


def test_a_fitted_choice_finds_the_weights_that_made_it() -> None:
    truth = [2.0, -1.0, 0.0]
    np.testing.assert_allclose(fit_choice(choices(4000, truth)), truth, atol=0.15)


def test_a_decayed_choice_is_drawn_to_nothing() -> None:
    examples = choices(300, [2.0, -1.0])
    strong, weak = fit_choice(examples, decay=10.0), fit_choice(examples)
    assert np.abs(strong).max() < 0.1 < np.abs(weak).min()


def test_ranks_are_those_of_the_right_alternative_among_five() -> None:
    sure = [Example(e.group, e.features, int(np.argmax(e.features[:, 0]))) for e in choices(400, [1.0])]
    assert set(ranks(sure, sure)) == {1}
    last = [Example(e.group, e.features, int(np.argmin(e.features[:, 0]))) for e in sure]
    assert set(ranks(last, sure)) == {5}


def outcomes(count: int, truth: list[float], seed: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Inputs of quite different spread, and what a logistic model makes of them."""
    random = np.random.default_rng(seed)
    inputs = random.normal(size=(count, len(truth) - 1)) * 10.0 ** -np.arange(len(truth) - 1)
    chance = 1 / (1 + np.exp(-(inputs @ np.array(truth[:-1]) + truth[-1])))
    return inputs, random.random(count) < chance


def test_a_fitted_probability_finds_the_weights_that_made_it() -> None:
    truth = [1.5, -20.0, 0.0, 0.5]
    inputs, right = outcomes(20_000, truth)
    found = fit_probability(inputs, right, np.ones(len(right)), decay=0.0)
    spread = inputs.std(axis=0)
    np.testing.assert_allclose(found[:-1] * spread, np.array(truth[:-1]) * spread, atol=0.1)
    assert found[-1] == pytest.approx(truth[-1], abs=0.1)


def test_a_fitted_probability_is_right_on_average() -> None:
    inputs, right = outcomes(2000, [1.0, 5.0, -1.0])
    counts = np.where(right, 3.0, 1.0)
    found = fit_probability(inputs, right, counts)
    chance = 1 / (1 + np.exp(-(inputs @ found[:-1] + found[-1])))
    assert np.average(chance, weights=counts) == pytest.approx(np.average(right, weights=counts), abs=1e-4)


def test_a_case_that_counts_twice_is_two_cases() -> None:
    inputs, right = outcomes(500, [1.0, -5.0, 0.3])
    twice = np.concatenate((inputs, inputs[:200])), np.concatenate((right, right[:200]))
    counts = np.where(np.arange(500) < 200, 2.0, 1.0)
    one, other = fit_probability(inputs, right, counts, 0.0), fit_probability(*twice, np.ones(700), 0.0)
    np.testing.assert_allclose(one, other, rtol=1e-2, atol=1e-2)


def test_an_input_that_never_changes_does_no_harm() -> None:
    inputs, right = outcomes(500, [1.0, 0.3])
    found = fit_probability(np.column_stack((inputs, np.zeros(500))), right, np.ones(500))
    assert found[1] == 0
    np.testing.assert_allclose(found[[0, 2]], fit_probability(inputs, right, np.ones(500)), atol=1e-3)


values = st.integers(1, 40).flatmap(
    lambda count: arrays(np.float64, count, elements=st.integers(0, 8).map(lambda n: n / 8))
)


@settings(deadline=None)
@given(values, values)
def test_auroc_is_that_of_scikit_learn(positive: np.ndarray, negative: np.ndarray) -> None:
    from sklearn.metrics import roc_auc_score  # takes a second

    labels = np.repeat([1, 0], [len(positive), len(negative)])
    theirs = roc_auc_score(labels, np.concatenate((positive, negative)))
    assert auroc(positive, negative) == pytest.approx(theirs)


def test_auroc_by_hand() -> None:
    assert auroc(np.array([0.9, 0.8]), np.array([0.1, 0.2])) == 1
    assert auroc(np.array([0.1]), np.array([0.9])) == 0
    assert auroc(np.array([0.5, 0.9]), np.array([0.5, 0.1])) == 3.5 / 4


def made_cases(right: list[bool], kinds: list[str]) -> Cases:
    groups = tuple(f"document {number}" for number in range(len(right)))
    return Cases(np.zeros((len(right), 2)), np.array(right), groups, tuple(kinds))


def test_reliability_and_calibration_error_by_hand() -> None:
    kinds = ["asked", "asked", "taken out", "taken out"]
    cases = made_cases([True, True, False, True], kinds)
    of_asked, of_out = SHARES["asked"] / 2, SHARES["taken out"] / 2
    total = 2 * (of_asked + of_out)
    table = reliability(cases, np.array([0.92, 1.0, 0.31, 0.39]))
    right = (ALSO["taken out"] + 1) / 2  # of those that are not the marked answer some answer too
    expected = [(0.35, right, 2 * of_out / total), (0.96, 1.0, 2 * of_asked / total)]
    np.testing.assert_allclose(table, expected)
    by_hand = (2 * of_out * (right - 0.35) + 2 * of_asked * 0.04) / total
    assert calibration_error(table) == pytest.approx(by_hand)


def test_what_is_always_right_about_itself_has_no_calibration_error() -> None:
    cases = made_cases([True, False, True, False], ["aspect"] * 4)
    assert calibration_error(reliability(cases, np.array([1.0, 0.0, 1.0, 0.0]))) == 0
    assert calibration_error(reliability(cases, np.full(4, 0.5))) == 0
    assert calibration_error(reliability(cases, np.ones(4))) == 0.5


@pytest.mark.parametrize("shares", [SHARES, TOPIC | OFF_TOPIC, ANSWERS])
def test_the_kinds_of_cases_count_their_shares(shares: dict[str, float]) -> None:
    kinds = [kind for number, kind in enumerate(SHARES, 1) for _ in range(number)]
    counts = made_cases([True] * len(kinds), kinds).counts(shares)
    for kind in SHARES:
        assert counts[np.array(kinds) == kind].sum() == pytest.approx(shares.get(kind, 0))
    assert sum(shares.values()) == pytest.approx(1)
    assert set(shares) <= set(SHARES)


def test_the_topic_is_learned_from_kinds_and_the_answer_from_what_was_right() -> None:
    kinds = ["asked", "taken out", "aspect", "off", "absent"]
    cases = made_cases([True, False, False, False, False], kinds)
    assert cases.target("on_topic").tolist() == [True, True, True, False, False]
    assert cases.target("answers").tolist() == [1, ALSO["taken out"], 0, 0, 0]
    assert not set(TOPIC) & set(OFF_TOPIC)


def test_shares_are_told_of_each_kind() -> None:
    cases = made_cases([True] * 4, ["asked", "asked", "off", "asked"])
    assert by_kind(cases, np.array([True, False, True, False])) == {"asked": 0.333, "off": 1.0}


def test_no_case_is_judged_by_weights_that_saw_its_document() -> None:
    inputs, right = outcomes(400, [2.0, 0.0])
    groups = tuple(f"document {number % 40}" for number in range(400))
    own = np.array([fold(group) for group in groups]) == 0
    assert {fold(group) for group in groups} == set(range(FOLDS))
    turned = np.where(own, ~right, right)
    ours, theirs = (
        cross_validate("answers", Cases(inputs, outcome, groups, ("asked",) * 400))
        for outcome in (right, turned)
    )
    np.testing.assert_array_equal(ours[own], theirs[own])
    assert not np.allclose(ours[~own], theirs[~own])


def test_the_unanswerable_questions_are_clean() -> None:
    text = UNANSWERABLE.read_text(encoding="utf-8")
    assert text.startswith("document\tkind\tquestion\n")
    assert text.endswith("\n")
    assert [row for row in ROWS if len(row) != 3] == []
    assert [row for row in ROWS if any(field != field.strip() or not field for field in row)] == []
    assert {kind for _, kind, _ in ROWS} == {"aspect", "absent", "place", "time", "off"}
    assert [question for *_, question in ROWS if not re.search(r"[\u4e00-\u9fff]{2}", question)] == []


def test_no_unanswerable_question_comes_twice() -> None:
    plain = [re.sub(r"[\W_]", "", question) for *_, question in ROWS]
    assert [question for question in set(plain) if plain.count(question) > 1] == []


def test_unanswerable_questions_are_only_of_documents_that_the_encoder_has_not_seen() -> None:
    assert [group for group in {group for group, *_ in ROWS} if not data.is_held_out(group)] == []


def test_only_the_questions_on_the_documents_at_hand_are_read() -> None:
    group = ROWS[0][0]
    found = read_unanswerable([small_document(group, "发展养老。"), small_document("没有这份规划", "铁路。")])
    assert [[asked.group, asked.kind, asked.text] for asked in found] == [r for r in ROWS if r[0] == group]
