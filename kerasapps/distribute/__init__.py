"""The devices that share the work of a run."""
