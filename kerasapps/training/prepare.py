"""From options to what a session is made of: rows, preprocessing, models, task."""

from collections.abc import Mapping

from kerasapps.app import App, Task, signatures_of
from kerasapps.data.buckets import fit_lengths
from kerasapps.data.prepared import PreparedData, prepare_data
from kerasapps.data.preprocess import Preprocess
from kerasapps.data.rows import open_rows
from kerasapps.data.spec import Layout
from kerasapps.data.split import Rows
from kerasapps.data.tokenizers import TextOptions
from kerasapps.distribute.replicas import Replicas, open_replicas
from kerasapps.engine.batches import check_batch
from kerasapps.engine.parts import build_parts
from kerasapps.engine.session import Session
from kerasapps.hparams import Hparams
from kerasapps.runs.options import Options
from kerasapps.training.layout import choose_layout


def fit_preprocess(app: App, options: Options, rows: Mapping[str, Rows], own: Preprocess | None = None) -> Preprocess:
    """Preprocessing fitted to the training rows; raises ConfigError and DataError where the app cannot learn them.

    own: that of another run, to be taken over; only the lengths of batches are fitted anew.
    """
    texts, train = TextOptions(options.max_tokens, options.sequence_length, options.tokenizer), rows["train"]
    own = own or choose_layout(app, train.source.spec, options.source, train, texts)
    return fit_lengths(own, train, options.length_buckets)


def build_task(app: App, options: Options, hparams: Hparams, layout: Layout, replicas: Replicas) -> Task:
    """The app's task with new models; raises ConfigError where the model could not be asked in the end."""
    with replicas.scope():
        parts = build_parts(app, options.builder, hparams, layout, options.seed, options.precision)
    task = app.task(parts, hparams, layout)
    signatures_of(task)
    return task


def read_data(
    options: Options, hparams: Hparams, rows: Mapping[str, Rows], preprocess: Preprocess, replicas: Replicas
) -> PreparedData:
    """The rows as the model gets them; raises ConfigError for an impossible batch, DataError for bad rows."""
    check_batch(hparams, len(rows["train"]), replicas.number)
    return prepare_data(rows, preprocess, options.pipeline)


def open_session(app: App, options: Options, hparams: Hparams, rows: Mapping[str, Rows] | None = None) -> Session:
    """The session of a new run, in memory alone; rows: None = those of the options."""
    replicas = open_replicas(options.strategy, options.devices)
    rows = rows or open_rows(options)
    data = read_data(options, hparams, rows, fit_preprocess(app, options, rows), replicas)
    task = build_task(app, options, hparams, data.preprocess.layout, replicas)
    return Session(task, data, options, replicas)
