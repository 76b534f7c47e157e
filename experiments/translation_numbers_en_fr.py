"""Translation of English numbers in words to French ones, up to 999,999: numbers of the test split were never seen.

    python experiments/translation_numbers_en_fr.py

Measured: exact match 1.0 on test in 64 seconds of training on two cores, each of 3 seeds.
"""

import kerasapps

FIELDS = {"data": "numbers_en_fr"}


def main(**overrides: object) -> "kerasapps.runs.run.Run":
    """Train, print one line, and return the run; `overrides` are fields of the run and of its hyperparameters."""
    run = kerasapps.train("translation", **{**FIELDS, **overrides})
    exact, seconds = run.record["test"]["exact_match"], run.record["seconds"]["train"]
    print(f"{run.app.name} on {run.options.data}: exact match {exact:.4f} in {seconds:.1f} s, {run.directory}")
    return run


if __name__ == "__main__":
    main()
