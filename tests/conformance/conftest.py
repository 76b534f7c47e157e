"""Every law is asked of every app, found by name; an app that states its exemption is asked nothing by that law."""

import functools

import pytest

from kerasapps.app import app_names, load_app
from kerasapps.training import run


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Parametrize `app` over all applications that do not declare themselves exempt from the module's LAW."""
    if "app" in metafunc.fixturenames:
        apps = [load_app(name) for name in app_names()]
        bound = [app for app in apps if metafunc.module.LAW not in app.exempt]
        metafunc.parametrize("app", bound, ids=[app.name for app in bound])


@pytest.fixture(autouse=True)
def _sources_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "open_source", _open_once)


_open_once = functools.cache(run.open_source)
