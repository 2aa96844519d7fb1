"""What the Snakefile asks while it plans; standard library only."""
