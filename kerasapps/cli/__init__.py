"""The command line: one module per command, with `run(arguments)`; modules that begin with _ help them.

Nothing here imports TensorFlow before it is needed: names are checked first.
"""
