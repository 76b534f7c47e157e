"""Run options that say which data are used, how they are split and how they are fed."""

from dataclasses import dataclass
from typing import Literal

from kerasapps.data.tokenizers import TokenizerName
from kerasapps.settings import setting

MAX_SEED = 2**32 - 1


@dataclass(frozen=True)
class SourceOptions:
    """Where the data come from."""

    data: str | None = setting(None, "source: a built-in name, tfds:NAME, or a path; none = the app's default")
    data_dir: str | None = setting(None, "directory in which the source's files lie")


@dataclass(frozen=True)
class FieldOptions:
    """What a row has, and how it becomes fields: where a run starts from another, these are that run's."""

    target: str | None = setting(
        None,
        "column of a table to predict, as the file calls it, with history and horizon the series; none = the one "
        "called target or label, else the last",
    )
    features: tuple[str, ...] | None = setting(None, "input columns to use; none = all")
    kind: tuple[str, ...] | None = setting(
        None,
        "what columns of a table are, such as zip=category; number, category, date, boolean, text, or ignore to leave "
        "one out; none = by the looks of their cells",
    )
    task: Literal["regression", "classification"] | None = setting(
        None, "whether the target of a table or an .npz file is a number or a class; none = by its looks"
    )
    missing: Literal["fill", "refuse"] = setting(
        "fill",
        "empty cells of a table: fill by median, by most frequent class or by a class of their own, or refuse, as well "
        "as numbers and dates in other than plain writing",
    )
    tokenizer: TokenizerName = setting("words", "what the tokens of a text are; all but words keep it exactly")
    max_tokens: int = setting(
        10_000,
        "entries of a text's vocabulary, the most frequent of the training rows; of a vector twice as many terms",
        minimum=1,
    )
    sequence_length: int = setting(
        100,
        "tokens that a text is cut or padded to; of a vector twice as many terms that are kept of a text",
        minimum=1,
        maximum=100_000,
    )
    history: int | None = setting(None, "steps of a series to forecast from; none = the source's own", minimum=1)
    horizon: int | None = setting(None, "steps of a series to forecast; none = the source's own", minimum=1)
    passage_length: int | None = setting(
        None,
        "characters of the passages that text files are cut into; none = the source's own, 128",
        minimum=1,
        maximum=100_000,
    )
    image_size: tuple[int, ...] | None = setting(
        None,
        "pixels of both sides, or height and width, that image files are resized to; none = what suits the files",
        minimum=1,
        maximum=4096,
        longest=2,
    )
    channels: int | None = setting(
        None, "1 for grey, 3 for colour, of image files; none = what suits them", minimum=1, maximum=3
    )


@dataclass(frozen=True)
class DataOptions(FieldOptions, SourceOptions):
    """The source, its columns and rows, and whether training rows are resident or streamed."""

    length_buckets: int = setting(
        1,
        "lengths that batches of texts are cut to: those that leave the least padding; 1 = sequence_length alone",
        minimum=1,
        maximum=16,
    )
    rows: int | None = setting(None, "use at most so many training rows; none = all", minimum=1)
    split_seed: int = setting(0, "seed of the train/validation/test split", minimum=0, maximum=MAX_SEED)
    fold: str | None = setting(
        None, "validate on one of K equal parts of the training and validation rows, such as 2/5; none = the usual part"
    )
    pipeline: Literal["auto", "resident", "streaming"] = setting("auto", "rows in memory or streamed")

    @property
    def source(self) -> str:
        """The name of the source, once there is one: an app's default takes the place of none."""
        assert self.data is not None
        return self.data
