"""Recorded histories: two epochs of every application on every bundled source, tiny, in the plan it runs by default.

    python tests/histories/recorded.py            writes histories.json anew
    python tests/histories/recorded.py --changed  writes anew only what differs from it, and says what; with names
                                                  of applications behind it only theirs

A change that should leave the numbers alone leaves histories.json alone. A change that should not writes it anew, and
its commit says why. Each case is recorded twice: as it is, and without dropout and augmentation, so that a change of
noise alone is seen as such.
"""

import hashlib
import json
import os
import sys
import tempfile
from importlib import metadata
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("histories.json")
EPOCHS, ROWS = 2, 150
PLANS = {"cnn": "graph", "resnet": "graph", "speech": "graph", "rnn": "halves"}
"""What `auto` would try first on a CPU, where that is not loop."""


def machine() -> str:
    """What decides the last bits: the processor, how many cores, and the version of TensorFlow."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    flags = next((line for line in lines if line.startswith(("flags", "Features"))), "")
    key = f"{flags} {len(os.sched_getaffinity(0))} {metadata.version('tensorflow')} {metadata.version('keras')}"
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def history(app: str, data: str, noise: bool, directory: Path) -> dict[str, Any]:
    """Metrics of both epochs, and the metrics of the test rows."""
    from harness import without_noise

    import kerasapps
    from kerasapps.app import load_app

    loaded = load_app(app)
    given = {**loaded.tiny, "epochs": EPOCHS, "rows": ROWS, "global_batch_size": 32, "data": data, "seed": 7}
    given |= {} if noise else without_noise(loaded)
    run = kerasapps.train(app, **given, execution=PLANS.get(app, "loop"), run_dir=str(directory / "run"))
    return {"history": run.record["history"], "test": run.record["test"]}


def cases() -> list[str]:
    """ "app data" of every application and every bundled source that it takes and whose files come with packages."""
    from kerasapps.app import load_app
    from kerasapps.cli.describe import sources_of
    from kerasapps.names import APPS, names_in

    return [f"{name} {data}" for name in names_in(APPS) for data in sources_of(load_app(name))[0]]


def main(changed: bool, apps: list[str]) -> None:
    """Write histories.json; `changed`: only the cases, of `apps` or of all, whose history differs from the recorded."""
    before = json.loads(FILE.read_text(encoding="utf-8")) if changed else {"machine": machine(), "histories": {}}
    if before["machine"] != machine():
        sys.exit("histories.json was written by another machine, where the last bits differ. Write all of it anew.")
    found = dict(before["histories"])
    for case in cases():
        app, data = case.split()
        for name, noise in ((case, True), (f"{case} without noise", False)) if app in apps or not apps else ():
            with tempfile.TemporaryDirectory() as directory:
                new = history(app, data, noise, Path(directory))
            print(name, "equal" if new == found.get(name) else "written", file=sys.stderr)
            found[name] = new
    FILE.write_text(json.dumps({"machine": machine(), "histories": found}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    tests = Path(__file__).parents[1]
    sys.path[:0] = [str(tests.parent), str(tests), str(tests / "conformance")]
    main(sys.argv[1:2] == ["--changed"], sys.argv[2:])
