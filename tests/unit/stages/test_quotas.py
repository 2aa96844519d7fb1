import itertools
from collections import Counter

import numpy as np
import pandas as pd
import pytest

from synface.core.counts import CELLS
from synface.stages.quotas import balance, choose_balanced


def counts_of(groups, rows):
    """How many of each group of each trait are among the rows."""
    return [Counter(groups[trait].to_numpy()[list(rows)]) for trait in groups]


def squares(counts):
    """The sum over all groups of all traits of the squared number of chosen faces."""
    return sum(number**2 for trait in counts for number in trait.values())


def drawn(seed, n, **shares):
    """Faces in groups of these shares, best first, with scores that often are equal."""
    generator = np.random.default_rng(seed)
    groups = pd.DataFrame(
        {trait: generator.choice(list("abcdef")[: len(share)], n, p=share) for trait, share in shares.items()}
    )
    return groups, np.sort(generator.choice([9000, 9500, 9900, 9990], n))[::-1]


def filled_from_below(there, count):
    """As water fills: the group that has the fewest and still has faces gets the next."""
    got = [0] * len(there)
    for _ in range(count):
        place = min((place for place, most in enumerate(there) if got[place] < most), key=lambda place: got[place])
        got[place] += 1
    return sorted(got)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("traits", [1, 2, 3])
def test_choice_is_the_brute_force_optimum(seed, traits):
    shares = dict(itertools.islice({"skin": [0.6, 0.3, 0.1], "rho": [0.8, 0.2], "age": [0.5, 0.5]}.items(), traits))
    groups, scores = drawn(seed, 11, **shares)
    chosen = balance(groups, scores, 6)
    every = list(itertools.combinations(range(11), 6))
    counts = {rows: counts_of(groups, rows) for rows in every}
    got = counts_of(groups, chosen)
    assert squares(got) == min(map(squares, counts.values()))
    assert scores[chosen].sum() == max(scores[list(rows)].sum() for rows, found in counts.items() if found == got)


@pytest.mark.parametrize("count", [1, 17, 60, 149, 150])
def test_one_trait_is_filled_from_below(count):
    groups, scores = drawn(3, 150, skin=[0.5, 0.3, 0.15, 0.05])
    got = groups["skin"].iloc[balance(groups, scores, count)].value_counts()
    there = groups["skin"].value_counts()
    assert sorted(got.reindex(there.index, fill_value=0)) == filled_from_below(list(there), count)


def test_of_what_is_alike_the_first_is_taken():
    groups = pd.DataFrame({"skin": ["light", "dark"] * 10})
    assert sorted(balance(groups, np.full(20, 9000), 6)) == [0, 1, 2, 3, 4, 5]


def test_every_cell_is_filled_exactly_and_balanced_by_itself():
    groups, scores = drawn(5, 60, skin=[0.8, 0.2])
    cells = [("train", "fear")] * 40 + [("test", "fear")] * 20
    frame = groups.assign(source_id=[f"{place:02}" for place in range(60)], score=scores)
    frame[["split", "label"]] = cells
    needed = dict.fromkeys(CELLS, 0) | {("train", "fear"): 14, ("test", "fear"): 5}
    chosen = frame[frame["source_id"].isin(choose_balanced(frame, needed, ["skin"]))]
    assert chosen["split"].value_counts().to_dict() == {"train": 14, "test": 5}
    for split, rows in chosen.groupby("split"):
        there = frame.loc[frame["split"] == split, "skin"].value_counts()
        assert sorted(rows["skin"].value_counts()) == filled_from_below(list(there), len(rows))


def test_the_same_faces_in_the_same_order_give_the_same_choice():
    groups, scores = drawn(8, 80, skin=[0.4, 0.3, 0.2, 0.1], rho=[0.5, 0.3, 0.2])
    assert balance(groups, scores, 40) == balance(groups.copy(), scores.copy(), 40)
