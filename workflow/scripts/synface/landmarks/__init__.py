"""MobileFaceNet, POSTER's landmark network: its training on faces with 68 known landmarks."""
