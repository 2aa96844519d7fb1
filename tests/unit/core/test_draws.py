import hashlib

import numpy as np
from scipy import stats

from synface.core.draws import keyed_generator, keyed_integer, keyed_order

ITEMS = [f"{number:05d}" for number in range(1000)]


def test_key_is_the_start_of_a_sha256():
    digest = hashlib.sha256(b"7\x1fsplit\x1f00012").digest()
    expected = np.random.Generator(np.random.Philox(key=int.from_bytes(digest[:16], "little"))).random(4)
    assert np.array_equal(keyed_generator(7, "split", "00012").random(4), expected)
    assert keyed_integer(7, "split", "00012") == int.from_bytes(digest[:16], "little") >> 65


def test_each_argument_matters():
    draws = {keyed_integer(*key) for key in [(1, "a", "x"), (2, "a", "x"), (1, "b", "x"), (1, "a", "y"), (1, "ax", "")]}
    assert len(draws) == 5


def test_order_does_not_depend_on_the_order_given():
    assert keyed_order(1, "split", ITEMS) == keyed_order(1, "split", reversed(ITEMS))


def test_removing_items_keeps_the_order_of_the_others():
    kept = set(ITEMS[::3])
    assert keyed_order(1, "split", kept) == [item for item in keyed_order(1, "split", ITEMS) if item in kept]


def test_order_is_a_shuffle():
    ranks = [ITEMS.index(item) for item in keyed_order(1, "split", ITEMS)]
    assert sorted(ranks) == list(range(1000))
    assert abs(stats.spearmanr(ranks, range(1000)).statistic) < 0.1


def test_first_draws_of_many_items_are_uniform():
    draws = [keyed_generator(1, "rho", item).random() for item in ITEMS]
    assert stats.kstest(draws, "uniform").pvalue > 0.01
