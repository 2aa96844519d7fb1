"""One file per stage of a synthetic dataset, in the order of the Snakefile."""
