"""What all tests share."""

import gc

import pytest


@pytest.fixture(scope="session", autouse=True)
def _imports_are_no_garbage() -> None:
    gc.freeze()
