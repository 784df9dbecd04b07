"""The command line lists what there is, says what it runs on, and answers mistakes in a sentence."""

import platform
import subprocess
import sys
from importlib.metadata import version

import jax
import pytest
import xarray
from typer.testing import CliRunner

import brainmass
from brainmass.cli import app
from brainmass.simulation.checkpoints.lock import Lock


@pytest.fixture
def call(monkeypatch):
    """Run a command in a wide terminal without colours."""
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")
    return lambda *words: CliRunner().invoke(app, words)


def row(text, name):
    """The cells of the line that begins with ``name``."""
    return next(line.split() for line in text.splitlines() if line.split()[:1] == [name])


def test_models_lists_every_model(call):
    shown = call("models")
    assert shown.exit_code == 0
    for name, kind in brainmass.models.catalogue().items():
        cells = row(shown.output, name)
        assert cells[1] == str(len(kind.declarations(brainmass.Variable)))
        assert " ".join(cells[2:]) == kind.__doc__.strip().split("\n")[0]


def test_datasets_lists_every_dataset(call):
    shown = call("datasets")
    assert shown.exit_code == 0
    for name, description in brainmass.datasets.list_datasets():
        assert " ".join(row(shown.output, name)[1:]) == description


def test_info_says_what_a_run_would_use(call):
    shown = call("info")
    assert shown.exit_code == 0
    wanted = {
        "brainmass": brainmass.__version__,
        "jax": jax.__version__,
        "brainstate": version("brainstate"),
        "Python": platform.python_version(),
        "precision": "float32",
    }
    assert {name: row(shown.output, name)[1] for name in wanted} == wanted
    assert jax.devices()[0].device_kind in " ".join(row(shown.output, "devices"))


def test_info_shows_double_precision(call, x64):
    assert row(call("info").output, "precision")[1] == "float64"


@pytest.mark.parametrize("words", [("--help",), ()], ids=["help", "nothing"])
def test_help_names_every_command(call, words):
    shown = call(*words)
    for command in ("demo", "models", "datasets", "info"):
        assert row(shown.output.replace("│", " "), command)
    assert "Traceback" not in shown.output


def test_an_unknown_command_is_named(call):
    shown = call("modles")
    assert shown.exit_code == 2
    assert "modles" in shown.output


def test_a_folder_that_cannot_be_written_is_one_sentence(call, tmp_path):
    (tmp_path / "taken").touch()
    shown = call("demo", "--out", str(tmp_path / "taken"))
    assert shown.exit_code == 1
    assert isinstance(shown.exception, SystemExit)
    assert "taken" in shown.output
    assert shown.output.strip().count("\n") == 0
    assert shown.output.strip().endswith(".")


@pytest.mark.slow
def test_demo_draws_and_saves_what_it_says(call, tmp_path):
    shown = call("demo", "--out", str(tmp_path / "out"))
    assert shown.exit_code == 0
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert written == {"connectome.png", "activity.png", "functional_connectivity.png", "network.nc"}
    for name in written:
        assert name in shown.output
    assert "steps per second" in shown.output
    data = xarray.load_dataset(tmp_path / "out" / "network.nc", engine="h5netcdf")
    assert data.sizes["region"] == 80


def test_resume_goes_on_with_a_run_and_saves_it(call, tmp_path):
    sim = brainmass.Simulator(brainmass.HopfStep(2, a=0.1), dt=0.1)
    wanted = sim.run(20.0, seed=1, chunk=5.0, checkpoint=tmp_path / "run")
    shown = call("resume", str(tmp_path / "run"))
    assert shown.exit_code == 0
    assert shown.stdout.strip() == str(tmp_path / "run" / "result.nc")
    loaded = brainmass.load_result(tmp_path / "run" / "result.nc")
    assert (loaded["output"] == wanted["output"]).all()
    refused = call("resume", str(tmp_path))
    assert refused.exit_code == 1
    assert "holds no run" in refused.stderr


def test_resume_checks_where_the_result_goes_before_anything_is_computed(call, tmp_path, monkeypatch):
    sim = brainmass.Simulator(brainmass.HopfStep(2, a=0.1), dt=0.1)
    sim.run(20.0, seed=1, chunk=5.0, checkpoint=tmp_path / "run")
    monkeypatch.setattr(brainmass, "resume", lambda *a, **k: pytest.fail("computed"))
    for out, message in (
        ("none/r.nc", "a folder that does not exist"),
        ("run", "is a folder; give the path of a file"),
    ):
        shown = call("resume", str(tmp_path / "run"), "--out", str(tmp_path / out))
        assert shown.exit_code == 1
        assert message in shown.stderr
        assert shown.stderr.count("\n") == 1


def test_resume_says_what_a_folder_can_do_and_who_holds_it(call, tmp_path):
    assert "holds a pickle, which can run code" in " ".join(call("resume", "--help").output.split())
    sim = brainmass.Simulator(brainmass.HopfStep(2, a=0.1), dt=0.1)
    sim.run(20.0, seed=1, chunk=5.0, checkpoint=tmp_path / "run")
    lock = Lock(tmp_path / "run")
    lock.take()
    shown = call("resume", str(tmp_path / "run"))
    lock.release()
    assert shown.exit_code == 1
    assert shown.stderr.count("\n") == 1
    assert "is held by process" in shown.stderr


def test_no_file_beside_a_study_stands_in_for_a_library(tmp_path):
    study = '[network]\nclass = "HopfStep"\nin_size = 2\n[run]\nduration = 1.0\ndt = 0.1\nseed = 1\n'
    (tmp_path / "study.toml").write_text(study)
    for library in ("tomlkit", "xarray"):
        (tmp_path / f"{library}.py").write_text(f"open('{library} ran', 'w')")
    for verb in (["show"], ["run", "--out", "result.nc"]):
        start = [sys.executable, "-P", "-c", "from brainmass.cli import app; app()"]  # -P: as the command starts
        command = [*start, verb[0], "study.toml", *verb[1:]]
        found = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert found.returncode == 0, found.stderr
    assert (tmp_path / "result.nc").exists()
    assert not list(tmp_path.glob("* ran"))


def test_no_file_beside_a_run_stands_in_for_a_library(tmp_path):
    brainmass.Simulator(brainmass.HopfStep(2, a=0.1), dt=0.1).run(20.0, seed=1, checkpoint=tmp_path / "run")
    (tmp_path / "xarray.py").write_text("open('xarray ran', 'w')")
    start = [sys.executable, "-P", "-c", "from brainmass.cli import app; app()"]
    found = subprocess.run([*start, "resume", "run"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    assert (tmp_path / "run" / "result.nc").exists()
    assert not list(tmp_path.glob("* ran"))


def test_resume_asks_for_trust(call, tmp_path):
    sim = brainmass.Simulator(brainmass.HopfStep(2, a=0.1), dt=0.1)
    sim.run(20.0, monitors=lambda m: 2 * m.x.value, seed=1, checkpoint=tmp_path / "run")
    shown = call("resume", str(tmp_path / "run"))
    assert shown.exit_code == 1
    assert shown.stderr.count("\n") == 1
    assert "holds a pickle, which can run code" in shown.stderr
    assert call("resume", str(tmp_path / "run"), "--trust", "pickle").exit_code == 0
