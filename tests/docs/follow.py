"""Do the steps of a page, given as a JSON file, in the current folder; blocks of Python share their names."""

import json
import subprocess
import sys
from pathlib import Path


def main(file: str) -> None:
    """End with an error at the first step that fails."""
    names: dict[str, object] = {"__name__": "page"}
    sys.path.insert(0, "")
    for step in json.loads(Path(file).read_text(encoding="utf-8")):
        print(f"--- {step['language']} of line {step['line']}", file=sys.stderr, flush=True)
        if step["title"]:
            Path(step["title"]).parent.mkdir(parents=True, exist_ok=True)
            Path(step["title"]).write_text(step["code"], encoding="utf-8")
        elif step["language"] == "bash":
            subprocess.run(["bash", "-euxo", "pipefail", "-c", step["code"]], check=True)
        else:
            exec(compile(step["code"], f"line {step['line']}", "exec"), names)


if __name__ == "__main__":
    main(sys.argv[1])
