"""The harness itself: a notebook opens, runs and shows its output in JupyterLab."""

import nbformat
import pytest
from lab import ROOT, run_all, set_theme, shutdown_kernel
from nbformat.v4 import new_code_cell, new_notebook

KERNELS = "@jupyterlab/apputils-extension:kernels-settings"
CONTEXT = "jupyterapp.shell.currentWidget.context"


@pytest.fixture
def small(tmp_path):
    def write(source):
        path = tmp_path / "small.ipynb"
        metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
        cells = [new_code_cell("x = 6"), new_code_cell(source)]
        nbformat.write(new_notebook(cells=cells, metadata=metadata), path)
        return path

    return write


def test_lab_opens_a_notebook(open_notebook, small):
    page = open_notebook(small("print('the answer is', 7 * x)"))
    run_all(page)
    # A kernel that is shut down may have a last word on stderr: it is not this output.
    output = page.locator("[data-mime-type='application/vnd.jupyter.stdout']")
    assert output.inner_text().strip() == "the answer is 42"
    shutdown_kernel(page)
    assert output.inner_text().strip() == "the answer is 42"


def test_failing_cell_is_reported(open_notebook, small):
    page = open_notebook(small("x / 0"))
    with pytest.raises(AssertionError, match="cell 2 raised ZeroDivisionError"):
        run_all(page)


def test_theme_and_scale(open_notebook, small):
    page = open_notebook(small("x"), theme="dark", device_scale_factor=2)
    lightness = (
        "() => getComputedStyle(document.body).getPropertyValue('--jp-layout-color0')"
    )
    assert page.evaluate("devicePixelRatio") == 2
    dark = page.evaluate(lightness)
    set_theme(page, "light")
    assert page.evaluate(lightness) != dark


def test_shipped_setting_reaches_lab(server):
    answer = server.ask(f"lab/api/settings/{KERNELS}")
    default = answer["schema"]["properties"]["commsOverSubshells"]["default"]
    assert default == "disabled"


def test_opening_and_saving_changes_no_byte(open_notebook, server):
    name = "01_measure_a_slope.ipynb"
    page = open_notebook(ROOT / "notebooks" / name)
    file = server.files / name
    stored, before = file.stat().st_mtime_ns, file.read_bytes()
    # Lab adds what it knows of the kernel, which makes the notebook look changed.
    page.wait_for_function(
        f"() => {CONTEXT}.model.getMetadata('language_info').version"
    )
    assert page.evaluate(f"() => {CONTEXT}.save().then(() => true)")
    assert file.stat().st_mtime_ns > stored
    assert file.read_bytes() == before
