"""A page of HTML that says all of a search; it needs no other file, and asks the network for nothing."""

import base64
import html
from collections.abc import Iterable, Mapping, Sequence

from kerasapps.printable import on_one_line
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
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #222; max-width: 75em; margin: 2em auto; padding: 0 1em; }
table { border-collapse: collapse; } div { overflow-x: auto; }
th, td { text-align: left; padding: .15em 1em .15em 0; border-bottom: 1px solid #ddd; vertical-align: top; }
img { max-width: 100%; } figure { margin: 1em 0 2em; } figcaption { color: #555; }
meter { width: 12em; } .trials td { white-space: nowrap; }
"""


def page(found: Found, plots: Mapping[str, bytes]) -> str:
    """The whole page; plots: PNGs by name."""
    search = found.search
    data = f" on {search['given']['data']}" if "data" in search["given"] else ""
    title = f"Search of {search['app']}{data} by {found.objective}"
    body = [
        f"<h1>{_safe(title)}</h1>",
        *_best(found),
        "<h2>What decides the score</h2>",
        *_importance(found),
        "<h2>Plots</h2>" * bool(plots),
        *(_plot(name, content) for name, content in plots.items()),
        "<h2>The best trials</h2>",
        *_trials(found),
        "<h2>Trials that failed</h2>",
        *_failures(found),
        "<h2>What was searched</h2>",
        *_searched(found),
    ]
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    return "\n".join(
        [
            '<!DOCTYPE html>\n<html lang="en">\n<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width">',
            f"<title>{_safe(title)}</title>\n<style>{_STYLE}</style>",
            *body,
            "</html>\n",
        ]
    )


def _safe(value: object) -> str:
    """Text of others, as text."""
    return html.escape(on_one_line(str(value)))


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """rows: of cells that are HTML."""
    lines = (f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    head = f"<tr>{''.join(f'<th>{_safe(name)}</th>' for name in heads)}</tr>"
    return "\n".join(["<div><table>", head, *lines, "</table></div>"])


def _best(found: Found) -> list[str]:
    if not found.ranked:
        return ["<p>No trial has a score yet.</p>"]
    best = found.ranked[0]
    fields = ", ".join(f"{name}={text_of(value)}" for name, value in best.fields.items()) or "the default values"
    return [
        f"<p>Trial {best.trial} has {_safe(found.objective)} <b>{text_of(best.score)}</b>, with {_safe(fields)}.</p>",
        f"<p>{_safe(found.choice)} The best of many scores is in part luck: <code>kerasapps tune best</code> trains "
        "it again with other seeds, and says what it reaches on the test rows, which the search never looked at.</p>",
    ]


def _trials(found: Found) -> list[str]:
    names, shown = [parameter.name for parameter in found.parameters], found.ranked[:MOST_TRIALS]
    rows = [
        [*map(text_of, (each.trial, each.score, each.epochs, round(each.seconds, 1))), *_cells(each, names)]
        for each in shown
    ]
    rest = len(found.outcomes) - len(shown)
    more = [f"<p>{rest} more, worse ones and those that failed, are in trials.csv.</p>"] if rest else []
    table = _table(["trial", found.objective, "epochs", "seconds", *names], rows)
    return ['<section class="trials">', table, "</section>", *more]


def _cells(outcome: Outcome, names: Iterable[str]) -> list[str]:
    return [_safe(text_of(outcome.values[name])) if name in outcome.values else "" for name in names]


def _importance(found: Found) -> list[str]:
    said = [f"<p>{_safe(found.importance_text)}</p>"]
    if found.importance is None or found.importance.explained <= 0:
        return said
    rows = [
        (_safe(name), f'<meter value="{share:.3f}"></meter> {share:.1%}')
        for name, share in found.importance.shares.items()
    ]
    return [*said, _table(["parameter", "importance"], rows)]


def _plot(name: str, content: bytes) -> str:
    data = base64.b64encode(content).decode("ascii")
    image = f'<img alt="{name.replace("_", " ")}" src="data:image/png;base64,{data}">'
    return f"<figure>{image}\n<figcaption>{_CAPTIONS[name]}</figcaption></figure>"


def _failures(found: Found) -> list[str]:
    rows = [
        (str(len(group)), ", ".join(str(each.trial) for each in group), _safe(group[0].reason))
        for group in found.failures
    ]
    return [_table(["trials", "numbers", "reason, of the first"], rows) if rows else "<p>None.</p>"]


def _searched(found: Found) -> list[str]:
    told = {name: found.search[name] for name in _TOLD if name in found.search} | found.search["given"]
    best = found.ranked[0].values if found.ranked else {}
    parameters = [
        (_safe(each.name), _safe(each.text), _safe(each.condition), _safe(text_of(best.get(each.name, ""))))
        for each in found.parameters
    ]
    return [
        _table(["parameter", "values", "only where", "of the best"], parameters),
        "<h3>What all trials share</h3>",
        _table(["", ""], [(_safe(name), _safe(text_of(value))) for name, value in told.items()]),
    ]
