"""A private JupyterLab and what a reader does in it, for tests in a real browser."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SHIPPED_SETTINGS = ROOT / "binder" / "default_setting_overrides.json"
SHIPPED_CONFIG = ROOT / "binder" / "jupyter_server_config.json"
QUIET = {"fetchNews": "false", "checkForUpdates": False}
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
START_SECONDS = 90
NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
OPTIONS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# The application object answers a command when it is done, a menu does not.
RUN_ALL = """async seconds => Promise.race([
    jupyterapp.commands.execute("notebook:run-all-cells").then(() => true),
    new Promise(answer => setTimeout(() => answer(false), 1000 * seconds)),
])"""
NOTEBOOK = "() => jupyterapp.shell.currentWidget.content.model.toJSON()"
SCROLL_TO = """source => {
    const notebook = jupyterapp.shell.currentWidget.content;
    const found = cell => cell.model.sharedModel.getSource() === source;
    return notebook.scrollToItem(notebook.widgets.findIndex(found), "center");
}"""
SET_THEME = """theme =>
    jupyterapp.commands.execute("apputils:change-theme", {theme})"""
SHUT_DOWN = "() => jupyterapp.shell.currentWidget.sessionContext.shutdown()"


def find_chromium(playwright: Any) -> str | None:
    """Give the path of a browser: the system's first, then Playwright's own."""
    own = Path(playwright.chromium.executable_path)
    found = [shutil.which(name) for name in NAMES]
    found += [str(path) for path in (MAC, own) if path.exists()]
    return next(filter(None, found), None)


def launch(playwright: Any, path: str, *options: str) -> Any:
    """Start the browser at `path`."""
    # Chromium's sandbox refuses to run as root.
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    own = OPTIONS + ["--no-sandbox"] * root
    return playwright.chromium.launch(executable_path=path, args=[*own, *options])


class LabServer:
    """A JupyterLab of its own: port, token, folder, settings, no trace elsewhere."""

    def __init__(self, folder: Path) -> None:
        self.files = folder / "files"
        self.token = secrets.token_hex(16)
        self.port = free_port()
        self.log = folder / "log.txt"
        self.files.mkdir()
        self.environment = private_folders(folder)
        write_settings(Path(self.environment["JUPYTER_CONFIG_DIR"]))

    def start(self) -> None:
        """Start the server and wait until it answers."""
        options = {
            "ServerApp.port": self.port,
            "ServerApp.port_retries": 0,
            "ServerApp.root_dir": self.files,
            "IdentityProvider.token": self.token,
            "ServerApp.allow_root": True,
            "LabApp.expose_app_in_browser": True,
            "JupyterNotebookApp.expose_app_in_browser": True,
        }
        arguments = [f"--{name}={value}" for name, value in options.items()]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "jupyterlab", "--no-browser", *arguments],
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        end = time.monotonic() + START_SECONDS
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"JupyterLab did not start:\n{self.log.read_text()}")
            time.sleep(0.1)

    def answers(self) -> bool:
        """Say whether the server is up."""
        try:
            self.ask("api/status")
        except OSError:
            return False
        return True

    def ask(self, path: str, method: str = "GET") -> Any:
        """Send one request to the server's interface and read the answer."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/{path}",
            method=method,
            headers={"Authorization": f"token {self.token}"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read() or "null")

    def address(self, name: str, app: str = "lab") -> str:
        """Give the address of a notebook: in a fresh workspace, or in Notebook 7."""
        workspace = f"lab/workspaces/{secrets.token_hex(4)}/tree"
        path = f"{workspace if app == 'lab' else app}/{name}"
        return f"http://127.0.0.1:{self.port}/{path}?token={self.token}"

    def stop_kernels(self) -> None:
        """End every kernel, so that none outlives the test that started it."""
        for kernel in self.ask("api/kernels"):
            self.ask(f"api/kernels/{kernel['id']}", "DELETE")

    def stop(self) -> None:
        """End the server and with it its kernels."""
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def free_port() -> int:
    """Ask the system for a port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def private_folders(folder: Path) -> dict[str, str]:
    """Give an environment in which Jupyter and IPython keep to `folder`."""
    places = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }
    return os.environ | {name: str(folder / place) for name, place in places.items()}


def write_settings(config: Path) -> None:
    """Write the settings that learners get, and keep Lab from looking for news."""
    settings = json.loads(SHIPPED_SETTINGS.read_text())
    settings["@jupyterlab/apputils-extension:notification"] = QUIET
    folder = config / "labconfig"
    folder.mkdir(parents=True)
    (folder / "default_setting_overrides.json").write_text(json.dumps(settings))
    shutil.copy(SHIPPED_CONFIG, config)


def wait_for_kernel(page: Any, state: str = "Idle", seconds: float = 60) -> None:
    """Wait until the status bar says that the kernel is in `state`."""
    item = page.locator("#jp-main-statusbar .jp-StatusBar-TextItem")
    item.filter(has_text=f"| {state}").first.wait_for(timeout=1000 * seconds)


def run_all(page: Any, seconds: float = 120) -> None:
    """Run every cell, wait for the last, and fail on the first that raised."""
    wait_for_kernel(page)
    assert page.evaluate(RUN_ALL, seconds), f"cells still run after {seconds} s"
    for number, cell in enumerate(page.evaluate(NOTEBOOK)["cells"], 1):
        for output in cell.get("outputs", []):
            if output["output_type"] == "error":
                reason = f"{output['ename']}: {output['evalue']}"
                raise AssertionError(f"cell {number} raised {reason}")


def scroll_to(page: Any, source: str) -> None:
    """Bring the cell with this source into view: Lab 4.4 hides what is far from it."""
    page.evaluate(SCROLL_TO, source)


def set_theme(page: Any, theme: str) -> None:
    """Switch to the "light" or the "dark" theme."""
    page.evaluate(SET_THEME, THEMES[theme])
    page.wait_for_selector(
        f'body[data-jp-theme-name="{THEMES[theme]}"]', state="attached"
    )
    # Lab removes its splash twice, and fails, when the next change comes too soon.
    page.wait_for_selector("#jupyterlab-splash", state="detached")


def shutdown_kernel(page: Any) -> None:
    """End the notebook's kernel, as a reader does who closes it."""
    page.evaluate(SHUT_DOWN)
    page.wait_for_function(
        "() => !jupyterapp.shell.currentWidget.sessionContext.session"
    )
