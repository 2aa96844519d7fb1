"""What follows from the settings of a POSTER about its layers, so that planning knows it without PyTorch."""

IMAGE_CHANNELS = 256  # of IR50's last stage, at width 1
MOST_IN_MEMORY = 16e9  # bytes of training images; more are read from a file batch by batch


def scaled(channels: int, width: float, multiple: int) -> int:
    """Return ``channels * width`` rounded to a ``multiple``, at least one of it; unchanged at width 1."""
    return max(multiple, multiple * round(channels * width / multiple))


def image_channels(width: float) -> int:
    """Return the channels of the feature map that is cut into tokens."""
    return scaled(IMAGE_CHANNELS, width, 16)


def token_grid(input_size: int, channels: int) -> tuple[int, int] | None:
    """Return the number of tokens and the features per image token: 49 and 1024 for 224 pixels and 256 channels.

    None where the feature map cannot be cut into the grid of the landmark network's. Multiples of 32 always can be.
    """
    half = input_size // 2
    grid, side = -(-half // 16), -(-half // 8)
    tokens, values = grid * grid, channels * side * side
    if input_size % 2 or half < 16 or values % tokens:
        return None
    return tokens, values // tokens
