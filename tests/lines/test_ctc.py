"""The SDNN's decoder, against every row of outputs written out."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from decoding_cases import every_row, random_row, text_of

from lenet.lines import ctc
from lenet.network.sdnn import NEW


@pytest.fixture(params=range(4))
def outputs(request):
    return random_row(request.param)


def test_a_text_is_as_likely_as_all_its_rows(outputs):
    sums: dict[tuple[int, ...], float] = {}
    for row, price in every_row(outputs):
        sums[text_of(row)] = np.logaddexp(sums.get(text_of(row), -math.inf), price)
    assert np.allclose(ctc.log_likelihoods(outputs, list(sums)), list(sums.values()), atol=1e-4)
    assert ctc.log_likelihoods(outputs, [(2,) * 4])[0] == -math.inf  # needs three NEW between them
    best = sorted(sums, key=sums.get, reverse=True)
    assert ctc.beam_search(outputs, 30)[:5] == best[:5]
    assert ctc.beam_search(outputs, 1)[0] in best[:3]


def test_where_each_digit_stands_is_the_best_row_of_its_text(outputs):
    for text in ((2,), (7, 2), (2, 2), (7, 2, 7)):
        rows = [(price, row) for row, price in every_row(outputs) if text_of(row) == text]
        row = max(rows)[1]
        spans, at = [], 0
        for value, group in itertools.groupby(row):
            long = len(list(group))
            if value != NEW:
                spans.append((at, at + long))
            at += long
        assert ctc.align(outputs, text) == spans


def test_a_sure_row_reads_as_one_text():
    row = [NEW, 3, 3, NEW, 3, NEW, NEW, 0, NEW]
    outputs = np.full((len(row), 11), math.log(1e-9), np.float32)
    outputs[np.arange(len(row)), row] = 0
    assert ctc.beam_search(outputs, 3)[0] == (3, 3, 0)
    assert math.isclose(ctc.log_likelihoods(outputs, [(3, 3, 0)])[0], 0, abs_tol=1e-6)
    assert ctc.align(outputs, (3, 3, 0)) == [(1, 3), (4, 5), (7, 8)]


def test_no_digit_at_all():
    outputs = np.full((3, 11), -20.0, np.float32)
    outputs[:, NEW] = 0
    assert ctc.beam_search(outputs, 4)[0] == ()
    assert math.isclose(ctc.log_likelihoods(outputs, [()])[0], 0, abs_tol=1e-6)
    assert ctc.align(outputs, ()) == []
