"""The wide-input network's decoder, against every row of outputs written out."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from decoding_cases import every_row, random_row, said

from lenet.lines import ctc
from lenet.network.sdnn import NEW


@pytest.fixture(params=range(4))
def shares(request):
    return random_row(request.param)


def test_a_text_is_as_likely_as_all_rows_that_say_it(shares):
    sums: dict[tuple[int, ...], float] = {}
    for row, price in every_row(shares):
        sums[said(row)] = np.logaddexp(sums.get(said(row), -math.inf), price)
    assert np.allclose(ctc.log_likelihoods(shares, list(sums)), list(sums.values()), atol=1e-4)
    assert ctc.log_likelihoods(shares, [(2,) * 4])[0] == -math.inf  # needs three NEW between them
    best = sorted(sums, key=sums.get, reverse=True)
    assert ctc.beam_search(shares, 30)[:5] == best[:5]
    assert ctc.beam_search(shares, 1)[0] in best[:3]


def test_where_each_digit_stands_is_the_best_row_of_its_text(shares):
    for text in ((2,), (7, 2), (2, 2), (7, 2, 7)):
        rows = [(price, row) for row, price in every_row(shares) if said(row) == text]
        row = max(rows)[1]
        spans, at = [], 0
        for value, group in itertools.groupby(row):
            long = len(list(group))
            if value != NEW:
                spans.append((at, at + long))
            at += long
        assert ctc.align(shares, text) == spans


def test_a_sure_row_says_one_text():
    row = [NEW, 3, 3, NEW, 3, NEW, NEW, 0, NEW]
    shares = np.full((len(row), 11), math.log(1e-9), np.float32)
    shares[np.arange(len(row)), row] = 0
    assert ctc.beam_search(shares, 3)[0] == (3, 3, 0)
    assert math.isclose(ctc.log_likelihoods(shares, [(3, 3, 0)])[0], 0, abs_tol=1e-6)
    assert ctc.align(shares, (3, 3, 0)) == [(1, 3), (4, 5), (7, 8)]


def test_no_digit_at_all():
    shares = np.full((3, 11), -20.0, np.float32)
    shares[:, NEW] = 0
    assert ctc.beam_search(shares, 4)[0] == ()
    assert math.isclose(ctc.log_likelihoods(shares, [()])[0], 0, abs_tol=1e-6)
    assert ctc.align(shares, ()) == []
