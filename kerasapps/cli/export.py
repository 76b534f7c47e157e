"""Write a run's model as a SavedModel that takes raw inputs."""

import argparse

from kerasapps.cli._run import load_run, run_parser
from kerasapps.cli._show import print_json, print_note, print_paths


def parser() -> argparse.ArgumentParser:
    """The parser of the arguments of `kerasapps export`."""
    made = run_parser("export", __doc__)
    made.add_argument("--directory", default="saved_models", help="directory of the models (default: saved_models)")
    made.add_argument("--name", default="", help="folder of this model's versions (default: the app's name)")
    return made


def run(arguments: list[str]) -> None:
    """Export, verify and print where the new version lies."""
    given = parser().parse_args(arguments)
    loaded = load_run(given.run, given.data, given.data_dir)
    from kerasapps.exporters import export  # which imports TensorFlow
    from kerasapps.exporters.usage import others, usage

    path = export(loaded, given.directory, given.name)
    if given.json:
        print_json({"path": path})
    else:
        print_paths([path])
        renamed = [f"{c.name} is {c.title}" for c in loaded.preprocess.spec.inputs if c.name != c.title]
        if renamed:
            print_note(f"Inputs have names of ASCII letters: {', '.join(renamed)}.")
        print_note(f"To ask it, also where kerasapps is not installed:\n\n{usage(loaded, path)}")
        if further := others(loaded):
            print_note(f"\nFurther signatures, which take all of their arguments by name:\n\n{further}")
