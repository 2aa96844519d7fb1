"""Choosing faces whose groups are as equally frequent as the faces allow: an integer program for each class and split.

Exactly ``count`` faces are chosen such that the sum over all groups of all traits of the squared number of chosen faces
is smallest. For one trait that fills the groups from below, as water would: each gets the same number, or all its faces
where it has fewer. Several traits are weighed against each other by that sum. With the counts that this gives each
group, the greatest summed score is taken. Where several counts or choices are equally good, as which of two groups gets
the odd face, the solver decides, always in the same way.
"""

import warnings
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pulp

from synface.core.counts import CELLS, Counts


def choose_balanced(candidates: pd.DataFrame, needed: Counts, traits: Sequence[str]) -> set[str]:
    """Return the source_ids that fill each cell of ``needed`` exactly, balanced over the groups of ``traits``.

    Args:
        candidates: source_id, split, label, ``score`` (a whole number) and a column of groups, text, for each trait;
            the best first. Each cell must have enough.
        needed: images per cell.
        traits: names of the columns.
    """
    chosen: set[str] = set()
    for cell, rows in candidates.groupby(["split", "label"], sort=False):
        assert len(rows) >= needed[cell], f"{cell} has {len(rows)} of {needed[cell]}"
        places = balance(rows[list(traits)], rows["score"].to_numpy(), needed[cell])
        chosen.update(rows["source_id"].iloc[places])
    assert len(chosen) == sum(needed[cell] for cell in CELLS)
    return chosen


def balance(groups: pd.DataFrame, scores: np.ndarray, count: int) -> list[int]:
    """Return the rows that are chosen, see above.

    Args:
        groups: [n, traits], text: the groups of every face; the best first, by ``scores``.
        scores: whole numbers, [n], that do not rise.
        count: how many to choose, at most n.
    """
    if count in (0, len(groups)):
        return list(range(count))
    # All that is alike in every trait is exchangeable but for the score: its best are taken.
    kinds = [list(rows) for _, rows in sorted(groups.groupby(list(groups), sort=False).indices.items())]
    problem = pulp.LpProblem("balance", pulp.LpMinimize)
    taken = [
        problem.add_variable(f"taken_{kind}", 0, min(len(rows), count), cat=pulp.LpInteger)
        for kind, rows in enumerate(kinds)
    ]
    problem.addConstraint(pulp.lpSum(taken) == count)
    groups_taken, squares = [], []
    for place, trait in enumerate(groups):
        of_kind = [groups[trait].iloc[rows[0]] for rows in kinds]
        for number, group in enumerate(dict.fromkeys(of_kind)):
            members = [kind for kind, name in enumerate(of_kind) if name == group]
            groups_taken.append(pulp.lpSum(taken[kind] for kind in members))
            most = min(count, sum(len(kinds[kind]) for kind in members))
            # 1 + 3 + 5 + ... is the square: each face of a group costs more than the one before.
            steps = [problem.add_variable(f"step_{place}_{number}_{step}", 0, 1) for step in range(most)]
            problem.addConstraint(pulp.lpSum(steps) == groups_taken[-1])
            squares += [(step, 2 * rank + 1) for rank, step in enumerate(steps)]
    problem.setObjective(pulp.LpAffineExpression(squares))
    _solve(problem)
    for each in groups_taken:
        problem.addConstraint(each == round(pulp.value(each)))
    gains = []
    for kind, rows in enumerate(kinds):
        picks = [problem.add_variable(f"pick_{kind}_{place}", 0, 1) for place in range(min(len(rows), count))]
        problem.addConstraint(pulp.lpSum(picks) == taken[kind])
        gains += [(pick, -int(scores[row])) for pick, row in zip(picks, rows, strict=False)]
    problem.setObjective(pulp.LpAffineExpression(gains))
    _solve(problem)
    chosen = [row for variable, rows in zip(taken, kinds, strict=True) for row in rows[: round(variable.value())]]
    assert len(chosen) == count, f"{len(chosen)} of {count}"
    return chosen


def _solve(problem: pulp.LpProblem) -> None:
    """Solve by the CBC that comes with PuLP, or one that is installed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # PuLP 4 will leave CBC to a package of its own
        bundled = pulp.PULP_CBC_CMD(msg=False) if hasattr(pulp, "PULP_CBC_CMD") else None
    solver = bundled if bundled is not None and bundled.available() else pulp.COIN_CMD(msg=False)
    status = problem.solve(solver)
    assert status == pulp.LpStatusOptimal, f"the integer program is {pulp.LpStatus[status]}"
