"""The columns of every dataset's metadata.csv: what is known of an image."""

NUMBERS = ("theta", "rho", "code_x", "code_y", "left", "top", "right", "bottom", "probability", "seed")
METADATA = [
    "file_name",
    "label",
    "split",
    "dataset",
    "source",
    "source_id",
    "theta",
    "rho",
    "code_x",
    "code_y",
    "left",
    "top",
    "right",
    "bottom",
    "probability",
    "edit",
    "generator",
    "seed",
    "sha256",
]
