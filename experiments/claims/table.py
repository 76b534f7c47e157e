"""All claims, in the order of the table of results. To read the goals, this imports every application."""

from experiments.claims.known import EXPERIMENTS, claims_of

CLAIMS = tuple(claim for each in EXPERIMENTS.values() for claim in claims_of(each))
