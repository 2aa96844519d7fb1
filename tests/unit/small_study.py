"""A small configuration for tests that only read it."""

import copy

SMALL = {
    "sources": {"portraits": {"images": "portraits"}},
    "generators": {
        "linear": {"train_on": "Raf", "parametrization": "linear"},
        "gaussian": {"train_on": "Raf", "parametrization": "gaussian"},
    },
    "edits": {
        "varied": {"source": "portraits", "generator": "linear", "rho": [0.5, 1.2]},
        "fixed": {"source": "portraits", "generator": "gaussian", "at": "class-mean"},
    },
    "datasets": {
        "Raf": {"natural": {"layout": "raf-db", "path": "raf"}},
        "Affect": {"natural": {"layout": "affectnet", "path": "affect", "split": "val"}},
        "Varied": {"synthetic": {"edit": "varied", "like": "Raf"}},
        "Hybrid": {"merge": ["Raf", {"dataset": "Varied", "fraction": 0.5}]},
    },
    "models": {"poster": {}},
    "experiments": {"small": {"models": ["poster"], "train_on": ["Raf", "Hybrid"], "test_on": ["Raf", "Affect"]}},
}


def changed(key: str, value: object) -> dict:
    config = copy.deepcopy(SMALL)
    *above, last = key.split("/")
    entry = config
    for name in above:
        entry = entry.setdefault(name, {})
    entry[last] = value
    return config
