"""Run options that say which data are used, how they are split and how they are fed."""

from dataclasses import dataclass
from typing import Literal

from kerasapps.data.tokenizers import TokenizerName
from kerasapps.settings import setting

MAX_SEED = 2**32 - 1


@dataclass(frozen=True)
class SourceOptions:
    """Where the data come from."""

    data: str | None = setting(None, "data source: a built-in name, tfds:NAME, or a path; none = the app's default")
    data_dir: str | None = setting(None, "directory of the source's files")


@dataclass(frozen=True)
class FieldOptions:
    """What a row has, and how it becomes fields: where a run starts from another, these are that run's."""

    target: str | None = setting(
        None,
        "column of a table to predict, by its name in the file, or the series to forecast; none = "
        "the column named target or label, otherwise the last",
    )
    features: tuple[str, ...] | None = setting(None, "input columns to use; none = all")
    kind: tuple[str, ...] | None = setting(
        None,
        "kinds of table columns, such as zip=category: number, category, date, boolean, text, or "
        "ignore to drop a column; none = inferred from the cells",
    )
    task: Literal["regression", "classification"] | None = setting(
        None, "task of a table or an .npz file; none = inferred from the target"
    )
    missing: Literal["fill", "refuse"] = setting(
        "fill",
        "empty cells of a table: fill = the median, the most frequent class or an own class; refuse = an error, "
        "also for unusual notations of numbers and dates",
    )
    tokenizer: TokenizerName = setting(
        "words", "unit of the tokens of a text; all but words can restore the text exactly"
    )
    max_tokens: int = setting(
        10_000,
        "size of the vocabulary: the most frequent tokens of the training rows; vectors have twice as many terms",
        minimum=1,
    )
    sequence_length: int = setting(
        100,
        "number of tokens that texts are cut or padded to; vectors keep twice as many terms of a text",
        minimum=1,
        maximum=100_000,
    )
    history: int | None = setting(
        None, "steps of a series that are the input of a forecast; none = the source's own", minimum=1
    )
    horizon: int | None = setting(None, "steps of a series to forecast; none = the source's own", minimum=1)
    passage_length: int | None = setting(
        None,
        "characters of each passage that text files are cut into; none = the source's own, 128",
        minimum=1,
        maximum=100_000,
    )
    image_size: tuple[int, ...] | None = setting(
        None,
        "size that image files are resized to, in pixels: one number for both sides, or height "
        "and width; none = chosen for the files",
        minimum=1,
        maximum=4096,
        longest=2,
    )
    channels: int | None = setting(
        None, "channels of image files: 1 = grey, 3 = colour; none = chosen for the files", minimum=1, maximum=3
    )


@dataclass(frozen=True)
class DataOptions(FieldOptions, SourceOptions):
    """The source, its columns and rows, and whether training rows are resident or streamed."""

    length_buckets: int = setting(
        1,
        "number of different lengths of batches of texts, chosen for the least padding; 1 = only sequence_length",
        minimum=1,
        maximum=16,
    )
    rows: int | None = setting(None, "most training rows to use; none = all", minimum=1)
    split_seed: int = setting(0, "seed of the train/validation/test split", minimum=0, maximum=MAX_SEED)
    fold: str | None = setting(
        None,
        "validate on one of K equal parts of the training and validation rows, such as 2/5; none = the usual split",
    )
    pipeline: Literal["auto", "resident", "streaming"] = setting("auto", "rows in memory or streamed")

    @property
    def source(self) -> str:
        """The name of the source, once there is one: an app's default takes the place of none."""
        assert self.data is not None
        return self.data
