"""The ground: files, images, tables, colors, draws. Imports nothing of synface above it."""
