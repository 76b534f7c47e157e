"""What the experiments are said to reach, and how each figure is taken from their runs."""
