"""How each action unit moves the 68 landmarks at full strength, in head units of 70 mm, v downwards.

Directions follow the muscles' pulls described in the FACS manual (Ekman, Friesen & Hager, 2002); lengths are those of a
strong action (the lip corner puller moves a corner by about 12 mm, a jaw drop the chin by 17 mm).
"""

import numpy as np

from synface.faces.points import COUNT, MIRROR

# A line of an action unit: its number, then a landmark with its move to the right (u) and down (v), and so on. Lines
# that begin with blanks go on with the unit above. The image's right half, midline included; the mirror image is added.
_MOVES = """
 1  22 -0.012 -0.135   23      0 -0.115   24      0 -0.050   25      0 -0.010
 2  23      0 -0.035   24  0.005 -0.090   25  0.010 -0.115   26  0.012 -0.085
 4  22 -0.062  0.105   23 -0.045  0.085   24 -0.028  0.060   25 -0.010  0.030   26      0  0.015
 5  43      0 -0.050   44      0 -0.050
 6  46      0 -0.030   47      0 -0.026   45  0.006  0.004   43      0  0.012   44      0  0.014
 7  46      0 -0.026   47      0 -0.030   43      0  0.022   44      0  0.022
 9  35  0.022 -0.060   34  0.010 -0.035   33      0 -0.018   22 -0.030  0.050   23 -0.010  0.045
    24      0  0.030   42 -0.008  0.012   47      0 -0.026   46      0 -0.018   43      0  0.020
    44      0  0.012   52  0.010 -0.030   53  0.010 -0.030   30      0 -0.020   63      0 -0.012
10  51      0 -0.045   52  0.010 -0.075   53  0.012 -0.072   62      0 -0.038   63  0.010 -0.052
    35  0.012 -0.020
12  54  0.115 -0.120   64  0.108 -0.105   53  0.055 -0.050   52  0.012  0.012   51      0  0.018
    55  0.052 -0.022   56  0.018  0.018   57      0  0.024   63  0.030  0.004   62      0  0.020
    65  0.030  0.012   66      0  0.030   35  0.018 -0.012   14  0.012 -0.010   13  0.020 -0.012
    12  0.018 -0.010
15  54  0.018  0.115   64  0.012  0.095   53  0.012  0.040   55  0.010  0.050   63      0  0.010
    65      0  0.016   56      0  0.012
16  55  0.010  0.050   56      0  0.070   57      0  0.070   65      0  0.055   66      0  0.060
17  57      0 -0.055   56      0 -0.050   55      0 -0.030   66      0 -0.048   65      0 -0.036
    62      0 -0.042   63      0 -0.028   51      0 -0.030   52      0 -0.024    8      0 -0.040
     9      0 -0.030   54      0  0.016   64      0  0.012
20  54  0.125  0.030   64  0.115  0.026   53  0.070  0.016   55  0.075  0.004   52  0.030  0.014
    56  0.030 -0.012   63  0.045  0.006   65  0.045  0.012   57      0 -0.012   51      0  0.016
    12  0.012      0
23  51      0  0.045   52 -0.004  0.050   53 -0.014  0.030   54 -0.040      0   64 -0.032      0
    55 -0.020 -0.034   56 -0.008 -0.052   57      0 -0.050
24  51      0  0.030   52      0  0.032   53 -0.010  0.020   54 -0.018  0.002   55 -0.008 -0.030
    56      0 -0.045   57      0 -0.045   64 -0.012      0
25  51      0 -0.016   52      0 -0.016   62      0 -0.030   63      0 -0.026   64      0      0
    65      0  0.050   66      0  0.058   55      0  0.036   56      0  0.052   57      0  0.054
26  62      0 -0.014   63  0.035 -0.002   64 -0.062  0.105   54 -0.062  0.105   53 -0.028  0.022
    52  0.004 -0.010   51      0 -0.014   65  0.058  0.228   66      0  0.265   55 -0.022  0.195
    56  0.020  0.240   57      0  0.250    8      0  0.250    9      0  0.240   10 -0.006  0.215
    11 -0.012  0.165   12 -0.012  0.100   13 -0.006  0.045   14      0  0.012
"""


def _displacements() -> dict[int, np.ndarray]:
    """Return, per AU, how far its full action moves each of the 68 landmarks of a face, [68, 2] in head units."""
    displacements: dict[int, np.ndarray] = {}
    for line in _MOVES.strip("\n").splitlines():
        head, numbers = line[:2].strip(), np.array(line[2:].split(), dtype=float).reshape(-1, 3)
        if head:
            unit = displacements[int(head)] = np.zeros((COUNT, 2))
        for landmark, u, v in numbers:
            index = int(landmark)
            unit[index] = u, v
            if MIRROR[index] != index:
                unit[MIRROR[index]] = -u, v
    return displacements


DISPLACEMENTS = _displacements()
