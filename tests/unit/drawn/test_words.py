"""What a configuration may say of drawings is what the laboratory draws, though its description imports none of it."""

from typing import get_args, get_type_hints

from drawn.layouts import PAIRS, PATHS
from drawn.scene import DOMAINS
from synface.core.emotions import LABELS
from synface.settings.drawing import Label, UnlabelledDrawing


def test_the_description_knows_every_domain_layout_and_label():
    hints = get_type_hints(UnlabelledDrawing)
    assert set(get_args(hints["domain"])) == set(DOMAINS)
    assert set(get_args(hints["layout"])) == {*PATHS, PAIRS}
    assert get_args(Label) == LABELS
