"""The program of the fastest plan: measured on the real model and data where training is long enough to pay for it."""

import functools
import math
import time
import timeit
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import tensorflow as tf

from kerasapps import startup
from kerasapps.engine.assemble import make_program
from kerasapps.engine.parts import synchronizes
from kerasapps.engine.plan import PLANS, Conditions, candidates, refusals
from kerasapps.engine.program import Program
from kerasapps.engine.segments import CALL_SECONDS, Limits, Progress, Segment, next_segment
from kerasapps.engine.state import State
from kerasapps.errors import ConfigError

if TYPE_CHECKING:
    from kerasapps.engine.session import Session

SHARE = 0.05
"""Of the training ahead, as the first plan would need it: so much may be spent on trying the others."""
XLA_COMPILING = 2.0
"""What compiling a plan that uses XLA may cost, in terms of what compiling the first one did; others may cost 1."""
WARM_SECONDS = 0.05
_CACHED = "xla_compile_cache"
"""In the names of the files of XLA's cache."""
SETTLED = 0.8
"""A step that takes more than this part of what it took in a shorter call."""


def choose_program(session: "Session", plan: str = "") -> tuple[Program, dict[str, dict[str, Any]]]:
    """The compiled program of `plan`, "" = of the fastest that options.execution allows; and what was measured.

    See `fastest`. Raises ConfigError where no plan is possible.
    """
    task, data, options = session.task, session.data, session.options
    conditions = Conditions(
        data.train is not None,
        options.require_xla,
        session.replicas,
        task.hparams.gradient_accumulation_steps,
        synchronizes(task.parts),
    )
    known = plan and plan not in refusals(conditions)  # a run may go on with other replicas
    plans = [plan] if known else candidates(options.execution, task.plans, conditions)
    # The rows on the device, once for all plans that are tried.
    on_device = tf.nest.map_structure(tf.constant, (data.train or {}, data.validation))
    make = functools.partial(make_program, session, conditions, *on_device)
    # What is the fastest differs from run to run, and with it the rounding; and from worker to worker.
    decided = options.deterministic or session.replicas.workers > 1
    steps = 0 if decided else session.steps_per_epoch * task.hparams.epochs
    return fastest(plans, make, session.state, steps)


@dataclass(frozen=True)
class Trial:
    """A compiled program, and what it needed; seconds: in all. step_seconds: 0 where nothing was to be compared."""

    program: Program
    compile_seconds: float
    step_seconds: float
    seconds: float


def fastest(
    plans: Sequence[str], make_program: Callable[[str], Program], state: State, steps: int
) -> tuple[Program, dict[str, dict[str, Any]]]:
    """The compiled program of the plan that needs the least time a step, and what was measured of each plan.

    Measured are compile_seconds and step_seconds, or why not: error or skipped; {} without a choice. The first plan
    that XLA does not refuse is tried in any case, each other one where compiling it is expected to cost less than SHARE
    of `steps` steps. The state is left as it was. Raises ConfigError where XLA refuses all of them.
    """
    saved = state.arrays()
    trials: list[Trial] = []
    measured: dict[str, dict[str, Any]] = {}
    for plan in plans:
        costs = XLA_COMPILING if PLANS[plan].xla else 1.0
        if trials and costs * trials[0].compile_seconds > _allowance(trials, steps):
            short = "training is too short to pay for trying it"
            measured[plan] = {"skipped": short if steps else "training has to be deterministic, or has workers"}
            continue
        try:
            trials.append(trial := _tried(plan, make_program, timed=len(plans) > 1 and steps > 0))
        except tf.errors.OpError as error:
            measured[plan] = {"error": _reason(error)}
        else:
            timed = {"step_seconds": trial.step_seconds} if trial.step_seconds else {}
            measured[plan] = {"compile_seconds": trial.compile_seconds, **timed}
    if not trials:
        raise ConfigError(f"The model cannot be trained with execution={plans[-1]}: {measured[plans[-1]]['error']}")
    state.restore(saved)
    best = min(trials, key=lambda trial: trial.step_seconds)
    return best.program, measured if len(plans) > 1 else {}


def _allowance(trials: Sequence[Trial], steps: int) -> float:
    """Seconds that are left for trying further plans."""
    return SHARE * steps * trials[0].step_seconds - sum(trial.seconds for trial in trials[1:])


def _tried(plan: str, make_program: Callable[[str], Program], timed: bool) -> Trial:
    """The plan's program, compiled by doing a step, and timed where there is something to compare with."""
    started = time.perf_counter()
    program = make_program(plan)
    try:
        _first_step(program)
    except tf.errors.OpError as error:
        if not (_is_of_cache(error) and startup.clear_compile_cache()):
            raise
        # Made anew, as XLA remembers of a function that it could not be compiled.
        program = make_program(plan)
        _first_step(program)
    compiled = time.perf_counter() - started
    step_seconds = _step_seconds(program) if timed else 0.0
    return Trial(program, compiled, step_seconds, time.perf_counter() - started)


def _first_step(program: Program) -> None:
    if program.compiler.plan.traced:
        program.run(_segment(program, 1))


def _is_of_cache(error: tf.errors.OpError) -> bool:
    """Whether what an earlier process had compiled turned out to be damaged, or there is no room for what was."""
    damaged = isinstance(error, (tf.errors.DataLossError, tf.errors.OutOfRangeError))
    return damaged or any(said in error.message for said in ("cache key does not match", _CACHED))


def _reason(error: tf.errors.OpError) -> str:
    """The line that says what XLA refuses; of other errors the first that says anything."""
    if _CACHED in error.message:  # the disk became full since the start: TensorFlow cannot do without any more
        return f"{error.message}. Make room, or give KERASAPPS_CACHE another directory."
    lines = [line for line in error.message.splitlines() if line and line != "Graph execution error:"] or [str(error)]
    return next((line for line in lines if "unsupported operations" in line), lines[0])


def _step_seconds(program: Program) -> float:
    """Seconds of a step, once warm, epochs' ends included; calls grow until they are as long as in training.

    Or until a step of a longer call takes as much: what each call takes by itself is not a step's. Each call is done
    twice, as the first may compile what only ends an epoch.
    """
    steps, before, least = 1, None, math.inf
    while True:
        segment = _segment(program, steps)
        spent = min(timeit.repeat(functools.partial(program.run, segment), repeat=2, number=1))
        each = spent / (segment.epochs * (segment.full + segment.tail))
        settled = spent >= WARM_SECONDS and each > SETTLED * least
        least = min(each, least)
        if settled or spent >= CALL_SECONDS or segment == before:
            return least
        steps, before = steps * 8, segment


def _segment(program: Program, steps: int) -> Segment:
    return next_segment(Progress(), program, Limits(1 << 30, every_epoch=False, every_steps=0), steps)
