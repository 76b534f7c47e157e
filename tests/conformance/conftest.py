"""Every law is asked of every app, found by name; an app that states its exemption is asked nothing by that law."""

import functools
from collections.abc import Iterator

import pytest
from harness import every_app, label

from kerasapps.data import rows


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Parametrize `app` over all applications that do not declare themselves exempt from the module's LAW.

    One that takes tokens or forecasts, too, is asked on such data as well, if slow tests run.
    """
    if "app" in metafunc.fixturenames:
        bound = [app for app in every_app() if metafunc.module.LAW not in app.exempt]
        asked = [pytest.param(app, marks=() if label(app) == app.name else pytest.mark.slow) for app in bound]
        metafunc.parametrize("app", asked, ids=map(label, bound))


@pytest.fixture(scope="module", autouse=True)
def _sources_are_read_once(few_words: None) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "open_source", functools.cache(rows.open_source))
        yield
