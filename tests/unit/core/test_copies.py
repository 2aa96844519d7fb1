"""Copies that were planted, and pictures that are none."""

import numpy as np
import pytest
from pictures import CHANGES, jpeg, picture

from synface.core.copies import SIDE, Pictures, agreement, find_copies, look_at, waves_of

RNG = np.random.default_rng(5)


@pytest.mark.parametrize("change", CHANGES)
def test_every_planted_near_copy_is_found_and_nothing_else(change):
    originals = [picture(seed) for seed in range(30)]
    copies = [CHANGES[change](originals[number]) for number in range(0, 30, 3)]
    found = find_copies(look_at(originals), look_at(copies))
    assert [(copy.first, copy.second, copy.kind) for copy in found] == [(3 * n, n, "near") for n in range(10)]
    back = find_copies(look_at(copies), look_at(originals))
    assert [(copy.second, copy.first) for copy in back] == [(copy.first, copy.second) for copy in found]


def test_within_a_set_each_pair_comes_once_and_equal_pixels_are_exact():
    pictures = [picture(seed) for seed in range(8)]
    pictures += [pictures[2].copy(), CHANGES["mirrored"](pictures[5])]
    found = find_copies(look_at(pictures))
    assert [(copy.first, copy.second, copy.kind) for copy in found] == [(2, 8, "exact"), (5, 9, "near")]
    assert found[0].similarity == 1.0


def test_the_order_of_the_pictures_changes_no_pair():
    pictures = [picture(seed) for seed in range(12)] + [jpeg(picture(seed), 50) for seed in range(6)]
    order = RNG.permutation(18)
    straight = {frozenset((copy.first, copy.second)) for copy in find_copies(look_at(pictures))}
    mixed = find_copies(look_at(pictures[place] for place in order))
    assert {frozenset((int(order[copy.first]), int(order[copy.second]))) for copy in mixed} == straight
    assert straight == {frozenset((seed, 12 + seed)) for seed in range(6)}


def test_pictures_of_one_color_and_empty_sets_have_no_copies():
    blank = look_at([np.full((20, 20, 3), 7, np.uint8)] * 3)
    assert find_copies(blank) == []
    assert find_copies(look_at([])) == []
    assert find_copies(blank, look_at([])) == []


def test_a_part_that_is_painted_anew_is_no_copy():
    original = picture(1)
    painted = original.copy()
    painted[25:95, 20:85] = picture(2)[25:95, 20:85]
    assert find_copies(look_at([original]), look_at([painted])) == []


def test_whole_pictures_alone_do_not_see_a_crop():
    original, cropped = look_at([picture(3)]), look_at([picture(3)[:85, 12:].copy()])
    assert find_copies(original, cropped, cropped=False) == []


def test_waves_are_the_cosine_transform_of_the_window():
    image = np.arange(SIDE, dtype=np.uint8)[None, None].repeat(SIDE, 1)
    (found,) = waves_of(image, (0.25, 0.0, 0.75, 1.0), 8)
    # In closed form: of a ramp over half a side, the first wave along it is that of x over [0, 1], weighted by 1.
    x = (np.arange(SIDE * 100) + 0.5) / (SIDE * 100)
    ramp = np.floor(SIDE * (0.25 + 0.5 * x))
    assert found[0, 1] == pytest.approx((ramp * np.cos(np.pi * x)).mean(), abs=0.02)
    assert abs(found[1, 0]) < 1e-3  # the first wave across it


def test_agreement_is_one_for_a_picture_and_itself():
    kept: Pictures = look_at([picture(4)])
    assert agreement(kept.grey[0], kept.grey[0], False, (0.0, 0.0, 1.0, 1.0)) == pytest.approx(1.0, abs=1e-4)
