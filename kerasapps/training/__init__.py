"""Training: the line that ties data, task, engine and run together."""
