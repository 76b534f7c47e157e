"""The engine: exact, resumable, XLA-compiled training of any App."""
