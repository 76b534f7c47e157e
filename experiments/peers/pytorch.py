"""The side of PyTorch: a training loop by hand, convolutions in channels_last, the same work as the others.

It is eager, or, with the word `compiled`, what torch.compile makes of the model and of the optimizer's step.

Rows lie in memory and a batch is an index into them, which is faster than a DataLoader. L2 is the optimizer's
weight_decay on the kernels, which gives the gradients of the penalty without computing it.
Runs in interpreters that need not have kerasapps: nothing of it may be imported here.
"""

import copy
import time
from typing import Any

import torch
from torch import nn

from experiments.peers import worker
from experiments.peers.cases import Target
from experiments.peers.handover import Shared, read_shared
from experiments.peers.pytorch_models import load_weights, make_model
from experiments.peers.pytorch_optimizers import kernels, make_optimizer


class Torch(worker.Side):
    """Trains with PyTorch."""

    def __init__(self, shared: Shared, compiled: bool = False) -> None:
        if shared.precision not in ("float32", "mixed_bfloat16"):
            raise ValueError(f"precision={shared.precision!r} is not written for PyTorch: float32, mixed_bfloat16 are.")
        self.shared, self.rows = shared, {}
        for name in ("train_inputs", "train_labels", "validation_inputs", "validation_labels"):
            self.rows[name] = torch.from_numpy(shared.arrays[name])
            if shared.kind == "classes" and name.endswith("labels"):
                self.rows[name] = self.rows[name].long()
        self.model = make_model(shared.app, shared.hparams, shared.shape, shared.units, shared.vocabulary)
        load_weights(self.model, shared.weights())
        self._check()
        self.first_state = copy.deepcopy(self.model.state_dict())
        if compiled:  # of static shapes, which are faster
            self._answered = torch.compile(self._answered, dynamic=False)
        self._restart()

    def _check(self) -> None:
        self.model.eval()
        with torch.inference_mode():
            expected = self.shared.arrays["outputs"]
            outputs = self._outputs(self.rows["validation_inputs"][: len(expected)])
            worker.check_outputs(outputs.numpy(), expected, self.shared.precision)

    def _restart(self) -> None:
        self.model.load_state_dict(self.first_state)
        self.optimizer, self.schedule = make_optimizer(self.model, self.shared.hparams, self.shared.steps)

    def _outputs(self, inputs: torch.Tensor) -> torch.Tensor:
        if inputs.dim() == 4:
            inputs = inputs.permute(0, 3, 1, 2)  # of rows in NHWC: channels_last without a copy
        with torch.autocast("cpu", torch.bfloat16, enabled=self.shared.precision == "mixed_bfloat16"):
            return self.model(inputs).float()

    def _answered(self, inputs: torch.Tensor, labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Loss and metric of a batch."""
        outputs = self._outputs(inputs)
        return self._loss(outputs, labels), self._metric(outputs.detach(), labels)

    def _loss(self, outputs: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        if self.shared.kind == "classes":
            return nn.functional.cross_entropy(outputs.flatten(0, -2), labels.flatten())
        if self.shared.kind == "binary":
            return nn.functional.binary_cross_entropy_with_logits(outputs[:, 0], labels.float())
        return nn.functional.mse_loss(outputs, labels)

    def _metric(self, outputs: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Sum over the rows of what is counted right, of tokens of the share of a row, or of the absolute errors."""
        if self.shared.kind == "reals":
            return (outputs - labels).abs().mean(1).sum()
        classes = outputs.argmax(-1) if self.shared.kind == "classes" else (outputs[:, 0] > 0).int()
        return (classes == labels).sum() / (labels.numel() / len(labels))

    def warm(self, seconds: float) -> dict[str, float]:
        """As of every side, with one thread or as many as there are cores, whichever is the faster.

        PyTorch's threads wait for each other after every operation: where others compute, too, one is often faster.
        """
        self.compile_seconds = max(0.0, self.seconds(1) - self.seconds(1))  # before the threads are others
        torch.set_num_threads(min((torch.get_num_threads(), 1), key=self._seconds_with))
        return super().warm(seconds)

    def _seconds_with(self, threads: int) -> float:
        torch.set_num_threads(threads)
        return min(self.seconds(1) for _ in range(2))

    def about(self) -> dict[str, int]:
        """The number of threads that was chosen."""
        return {"threads": torch.get_num_threads()}

    def train(self, epochs: int) -> None:
        """Train so many epochs, each with its validation."""
        for _ in range(epochs):
            self._epoch()
            self._validate()

    def _epoch(self) -> tuple[float, float]:
        """Train one epoch; mean loss and metric of the training rows."""
        inputs, labels = self.rows["train_inputs"], self.rows["train_labels"]
        loss_sum, metric_sum = torch.zeros(()), torch.zeros(())
        self.model.train()
        for index in torch.randperm(len(inputs)).split(self.shared.batch_size):
            batch = labels[index]
            self.optimizer.zero_grad()
            loss, metric = self._answered(inputs[index], batch)
            loss.backward()
            self.optimizer.step()
            self.schedule.step()
            loss_sum += loss.detach() * len(index)
            metric_sum += metric
        return loss_sum.item() / len(inputs), metric_sum.item() / len(inputs)

    @torch.inference_mode()
    def _validate(self) -> dict[str, float]:
        """Loss, penalties included, and accuracy (of reals the mean absolute error) of the validation rows."""
        inputs, labels = self.rows["validation_inputs"], self.rows["validation_labels"]
        sums = torch.zeros(2)
        self.model.eval()
        for index in torch.arange(len(inputs)).split(self.shared.evaluation_batch):
            rows = slice(index[0], index[-1] + 1)
            loss, metric = self._answered(inputs[rows], labels[rows])
            sums += torch.stack([loss * len(index), metric])
        loss, metric = (sums / len(inputs)).tolist()
        penalty = self.shared.hparams["l2"]
        loss += penalty * sum(kernel.square().sum().item() for kernel in kernels(self.model)) if penalty else 0.0
        return {"loss": loss, "accuracy": metric}

    def reach(self, metric: str, value: float, limit: int, turn: int) -> dict[str, Any] | None:
        """Seconds and epochs until a validation metric is as good as `value`."""
        target = Target(metric, value)
        torch.manual_seed(turn)
        self._restart()
        started = time.perf_counter()
        for epoch in range(1, limit + 1):
            self._epoch()
            if target.met(self._validate()[metric]):
                return {"seconds": time.perf_counter() - started, "epochs": epoch}
        return None


if __name__ == "__main__":
    worker.serve(lambda folder, words: Torch(read_shared(folder), "compiled" in words))
