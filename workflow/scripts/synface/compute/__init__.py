"""Where and how PyTorch computes, and files of weights."""
