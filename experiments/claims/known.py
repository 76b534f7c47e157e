"""All experiments by name, and what each is held to."""

import dataclasses
from collections.abc import Iterator

from experiments.claims.claim import Claim, Experiment
from experiments.claims.listed import LISTED
from experiments.claims.measures import score
from experiments.claims.scripted import SCRIPTED
from kerasapps.app import load_app

EXPERIMENTS = {each.name: each for each in (*LISTED, *SCRIPTED)}


def claims_of(experiment: Experiment) -> Iterator[Claim]:
    """The claims of an experiment, with its name and seeds; those without a measure with the application's goal."""
    for claim in experiment.claims:
        claim = dataclasses.replace(claim, experiment=experiment.name, seeds=claim.seeds or experiment.seeds)
        if claim.measure is None:
            goal = load_app(experiment.app).goals[experiment.fields["data"]]
            bound = {"at_least": goal.at_least, "at_most": goal.at_most}
            claim = dataclasses.replace(claim, measure=score(goal.metric), **bound)
        yield claim
