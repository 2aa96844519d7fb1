"""What the benchmarks of the demonstration know because the faces are drawn: people, their true edits, a reader."""
