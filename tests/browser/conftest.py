"""A private JupyterLab and pages on the system's Chromium.

Without a browser these tests are skipped and say so; with CI=true they fail.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from lab import LabServer, find_chromium, launch, set_theme, wait_for_kernel
from playwright.sync_api import sync_playwright

MISSING = (
    "no Chromium or Chrome was found: install one, "
    "or run `.venv/bin/python -m playwright install chromium`"
)


def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="module")
def browser():
    """Launch Chromium, once a file: Playwright's event loop disturbs other tests."""
    with sync_playwright() as playwright:
        path = find_chromium(playwright)
        if path is None:
            (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(MISSING)
        chromium = launch(playwright, path)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """Start one JupyterLab for all browser tests."""
    server = LabServer(tmp_path_factory.mktemp("lab"))
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def open_notebook(browser, server):
    """Give a function that opens a copy of a notebook and waits for its kernel.

    ``open_notebook(path, theme="dark", device_scale_factor=2)`` returns the page;
    other options go to Playwright's ``new_context``. Contexts and kernels end with
    the test, and an exception that nothing in the page caught fails it.
    """
    contexts, uncaught = [], []

    def open_copy(path, *, theme="light", **options):
        options = {"viewport": {"width": 1280, "height": 1000}} | options
        context = browser.new_context(**options)
        contexts.append(context)
        shutil.copy(path, server.files)
        page = context.new_page()
        page.on("pageerror", lambda error: uncaught.append(str(error)))
        page.goto(server.address(Path(path).name))
        wait_for_kernel(page)
        set_theme(page, theme)
        return page

    yield open_copy
    for context in contexts:
        context.close()
    server.stop_kernels()
    assert uncaught == []
