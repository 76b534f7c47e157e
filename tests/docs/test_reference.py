"""The reference of commands and settings is what the package declares today."""

import re

import pytest
from pages import ROOT

from experiments import reference
from experiments.shown.markdown import escaped
from kerasapps.names import APPS, COMMANDS, names_in


@pytest.mark.parametrize("page", reference.PAGES)
def test_a_page_of_the_reference_is_up_to_date(page: str) -> None:
    stale = f"{page} is stale. Write it anew: python experiments/reference.py"
    assert (ROOT / page).read_text(encoding="utf-8") == reference.written()[page], stale


def headings(page: str) -> list[str]:
    return re.findall(r"^#+ (.*)", (ROOT / page).read_text(encoding="utf-8"), flags=re.MULTILINE)


def test_every_command_and_application_has_a_section() -> None:
    assert {f"kerasapps {name}" for name in names_in(COMMANDS)} <= {*headings("docs/reference/commands.md")}
    assert {*names_in(APPS)} <= {*headings("docs/reference/settings.md")}


def test_a_setting_has_its_names_default_values_and_meaning() -> None:
    text = (ROOT / "docs/reference/settings.md").read_text(encoding="utf-8")
    assert "| `learning_rate`, `lr` | `0.001` | float > 0 | step size at the peak of the schedule |" in text
    assert "| `dropout` | `0.5` | float ≥ 0 and &lt; 1 |" in text.partition("### cnn")[2]


def test_signs_of_markdown_are_escaped_outside_code() -> None:
    assert escaped("sum|w_1| < `a|b_*` *") == "sum\\|w\\_1\\| &lt; `a|b_*` \\*"
