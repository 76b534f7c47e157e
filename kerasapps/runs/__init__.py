"""What lies on disk of a run, and a trained run with what can be asked of it."""
