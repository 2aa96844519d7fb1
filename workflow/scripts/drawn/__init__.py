"""The laboratory: faces drawn from facial action units, of which everything is known, and yardsticks made of them."""
