"""The program of a session, as a plan has it: a step on a batch, the end of an epoch, and the rows they run over."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import tensorflow as tf

from kerasapps.app import Batch, Sums
from kerasapps.engine.compiler import Compiler
from kerasapps.engine.cycle import make_cycle
from kerasapps.engine.evaluation import EVALUATION_BATCH, add_up
from kerasapps.engine.plan import Conditions
from kerasapps.engine.program import Program, Resident, Streaming, Work
from kerasapps.engine.step import Division
from kerasapps.tensors import Integer

if TYPE_CHECKING:
    from kerasapps.engine.session import Session


def make_program(
    session: "Session", conditions: Conditions, rows: Mapping[str, Any], held_out: Mapping[str, Any], plan: str
) -> Program:
    """The program of `plan`; rows, held_out: on the device, for training ({} = streamed) and for validation."""
    compiler = Compiler(plan, session.loss_scale)
    work = make_work(session, compiler, conditions, held_out)
    seed, size = session.options.seed, session.batch_size
    if rows:
        return Resident(compiler, work, rows, size, lambda epoch: session.data.order(size, seed, epoch))
    own = _division(session, compiler, conditions).own_rows
    return Streaming(
        compiler,
        work,
        lambda epoch, first: session.data.stream(size, seed, epoch, first, own),
        session.data.training_rows,
        size,
    )


def _division(session: "Session", compiler: Compiler, conditions: Conditions) -> Division:
    return compiler.plan.division(conditions, session.task.layout)


def make_work(session: "Session", compiler: Compiler, conditions: Conditions, held_out: Mapping[str, Any]) -> Work:
    """What a program of the session does; held_out: its validation rows, on the device."""
    task, state = session.task, session.state
    division = _division(session, compiler, conditions)
    cycle = make_cycle(session.updates, session.optimizers, session.options.seed, task.augment, division, compiler)

    def evaluate(batch: Batch) -> Sums:
        return division.sums(task.evaluate, batch)

    def step(batch: Batch, number: tf.Tensor) -> None:
        state.add(cycle(batch, number), number)
        state.average(number)

    def end_epoch(epoch: tf.Tensor, zero: Integer) -> tf.Tensor:
        return state.with_averages(lambda: state.end_epoch(evaluated(zero), epoch))

    def evaluated(zero: Integer) -> tf.Tensor:
        # From row `zero`, which XLA cannot know to be 0. Else nothing of this would change in the loop that ends an
        # epoch, and XLA takes such things out of a loop, also out of one of no turns: every call would compute
        # them, as it does a single batch. Nor may it be an argument of the call, each value of which is compiled.
        return add_up(evaluate, held_out, state.validation, EVALUATION_BATCH, zero)

    return Work(step, end_epoch, len(state.metrics))
