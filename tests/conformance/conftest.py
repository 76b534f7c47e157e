"""Every law is asked of every app, found by name; an app that states its exemption is asked nothing by that law.

With --app, all laws are asked of that application alone.
"""

import functools
from collections.abc import Iterator

import pytest
from harness import every_app, first_of_each_family, label

from kerasapps.data import rows


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Parametrize `app` over all applications that do not declare themselves exempt from the module's LAW.

    One that takes tokens or forecasts, too, is asked on such data as well, if slow tests run.
    A test marked one_of_each_family asks the other applications of a family in slow tests.
    """
    if "app" in metafunc.fixturenames:
        only = metafunc.config.getoption("app")
        bound = [app for app in every_app(only) if metafunc.module.LAW not in app.exempt]
        by_family = metafunc.definition.get_closest_marker("one_of_each_family")
        always = first_of_each_family(bound) if by_family and not only else {app.name for app in bound}
        asked = [pytest.param(app, marks=() if label(app) in always else pytest.mark.slow) for app in bound]
        metafunc.parametrize("app", asked, ids=map(label, bound))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With --app, leave out the tests of other applications."""
    if config.getoption("app"):
        items[:] = [item for item in items if "app" in getattr(item, "fixturenames", ())]


@pytest.fixture(scope="module", autouse=True)
def _sources_are_read_once(few_words: None) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "open_source", functools.cache(rows.open_source))
        yield
