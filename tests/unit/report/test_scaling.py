"""What synthetic images are worth: the figure and the sentences."""

import numpy as np
import pandas as pd
import pytest

from synface.report.scaling import describe_worth, plot_scaling

PLACE = {"experiment": "e", "model": "m", "test_set": "Web"}
ROW = PLACE | {"train_set": "Hybrid", "real_images": 1000, "synthetic_images": 500, "accuracy": 0.6}
WORTH = {"equivalent_real": 1250.0, "worth": 0.5, "worth_low": -0.1, "worth_high": 1.25}
CURVE = PLACE | {"D": 3.0, "a": 0.4, "C": 0.1}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {},
            "Hybrid, tested on Web (m): its 500 synthetic images beside 1,000 real ones do as 1,250 real ones would; "
            "each is worth 0.50 real images (95 % interval \u22120.10 to 1.25).",
        ),
        ({"real_images": 0}, "its 500 synthetic images do as 1,250 real ones would"),
        ({"worth_high": np.inf}, "(95 % interval \u22120.10 to more than the curve tells)"),
        (
            {"equivalent_real": np.inf, "worth": np.inf, "worth_high": np.inf},
            "do better than any number of real ones would, as the curve goes (95 % interval \u22120.10 to more than",
        ),
    ],
)
def test_worth_in_words(change, sentence):
    (found,) = describe_worth(pd.DataFrame([ROW | WORTH | change]))
    assert sentence in found


def test_real_sets_lie_on_the_curve_of_the_figure():
    sizes = (250, 500, 1000)
    accuracy = [1 - 3.0 * n**-0.4 - 0.1 for n in sizes]
    real = [
        ROW | {"train_set": f"r{n}", "real_images": n, "synthetic_images": 0, "accuracy": value}
        for n, value in zip(sizes, accuracy, strict=True)
    ]
    (axes,) = plot_scaling(pd.DataFrame([*real, ROW | WORTH]), pd.DataFrame([CURVE])).axes
    solid = next(line for line in axes.lines if line.get_linestyle() == "-" and len(line.get_xdata()) > 10)
    np.testing.assert_allclose(np.interp(sizes, solid.get_xdata(), solid.get_ydata()), accuracy, atol=1e-3)
    # A set with synthetic images lies at all of its images.
    (hollow,) = [line for line in axes.lines if line.get_fillstyle() == "none"]
    assert (hollow.get_xdata()[0], hollow.get_ydata()[0]) == (1500, 0.6)
