"""The page that says all of a search."""

from collections.abc import Iterable, Mapping

from kerasapps import document
from kerasapps.document import safe, table
from kerasapps.settings import text_of
from kerasapps.tuning.found import Found
from kerasapps.tuning.outcomes import Outcome

MOST_TRIALS = 20
"""Trials that are listed; trials.csv has all."""
_CAPTIONS = {
    "history": "Scores of the trials in their order. A cross at the lower edge is a trial that failed.",
    "slices": "Scores over the values of each parameter; later trials are darker.",
    "parallel_coordinates": "A line for each trial; better ones are brighter. Where a parameter is not active, or a "
    "trial failed, the line passes below the axis.",
}
_TOLD = ("tuner", "trials", "jobs", "seed", "pruner", "folds", "seeds_per_trial")


def page(found: Found, plots: Mapping[str, bytes]) -> str:
    """The whole page; plots: PNGs by name."""
    search = found.search
    data = f" on {search['given']['data']}" if "data" in search["given"] else ""
    title = f"Search of {search['app']}{data} by {found.objective}"
    body = [
        *_best(found),
        "<h2>What decides the score</h2>",
        *_importance(found),
        "<h2>Plots</h2>" * bool(plots),
        *(document.picture(content, _CAPTIONS[name]) for name, content in plots.items()),
        "<h2>The best trials</h2>",
        *_trials(found),
        "<h2>Trials that failed</h2>",
        *_failures(found),
        "<h2>What was searched</h2>",
        *_searched(found),
    ]
    return document.page(title, body)


def _best(found: Found) -> list[str]:
    if not found.ranked:
        return ["<p>No trial has a score yet.</p>"]
    best = found.ranked[0]
    fields = ", ".join(f"{name}={text_of(value)}" for name, value in best.fields.items()) or "the default values"
    return [
        f"<p>Trial {best.trial} has {safe(found.objective)} <b>{text_of(best.score)}</b>, with {safe(fields)}.</p>",
        f"<p>{safe(found.choice)} The best of many scores is partly luck. <code>kerasapps tune best</code> trains it "
        "again with other seeds and evaluates it on the test rows, which the search never uses.</p>",
    ]


def _trials(found: Found) -> list[str]:
    names, shown = [parameter.name for parameter in found.parameters], found.ranked[:MOST_TRIALS]
    rows = [
        [*map(text_of, (each.trial, each.score, each.epochs, round(each.seconds, 1))), *_cells(each, names)]
        for each in shown
    ]
    rest = len(found.outcomes) - len(shown)
    more = [f"<p>{rest} more, worse ones and those that failed, are in trials.csv.</p>"] if rest else []
    listed = table(["trial", found.objective, "epochs", "seconds", *names], rows)
    return ['<section class="trials">', listed, "</section>", *more]


def _cells(outcome: Outcome, names: Iterable[str]) -> list[str]:
    return [safe(text_of(outcome.values[name])) if name in outcome.values else "" for name in names]


def _importance(found: Found) -> list[str]:
    said = [f"<p>{safe(found.importance_text)}</p>"]
    if found.importance is None or found.importance.explained <= 0:
        return said
    rows = [
        (safe(name), f'<meter value="{share:.3f}"></meter> {share:.1%}')
        for name, share in found.importance.shares.items()
    ]
    return [*said, table(["parameter", "importance"], rows)]


def _failures(found: Found) -> list[str]:
    rows = [
        (str(len(group)), ", ".join(str(each.trial) for each in group), safe(group[0].reason))
        for group in found.failures
    ]
    return [table(["trials", "numbers", "reason, of the first"], rows) if rows else "<p>None.</p>"]


def _searched(found: Found) -> list[str]:
    told = {name: found.search[name] for name in _TOLD if name in found.search} | found.search["given"]
    best = found.ranked[0].values if found.ranked else {}
    parameters = [
        (safe(each.name), safe(each.text), safe(each.condition), safe(text_of(best.get(each.name, ""))))
        for each in found.parameters
    ]
    return [
        table(["parameter", "values", "only where", "of the best"], parameters),
        "<h3>What all trials share</h3>",
        table(["", ""], [(safe(name), safe(text_of(value))) for name, value in told.items()]),
    ]
