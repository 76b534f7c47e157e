"""What experiments/bench.py consists of: the cases, one module per side, and what measures and shows them.

Every side runs in a process of its own, `python -m experiments.peers.SIDE FOLDER`, which worker.py keeps waiting for
commands and processes.py commands. prepare.py writes into FOLDER what all sides share; fit.py and pytorch.py take it
from there, for their interpreter need not have kerasapps.
"""
