"""A study is a file: it runs to the bits of the script, and the commands check, compare and show it."""

import json
import subprocess
import sys
from pathlib import Path

import brainstate
import brainunit as u
import jsonschema
import numpy as np
import pytest
from typer.testing import CliRunner

import brainmass
from brainmass.cli import app
from brainmass.spec import read_spec, to_spec, write_spec
from brainmass.study import completed, read_study, study_schema

HOPF = """
format = 1
dataset = "example_connectome"
monitors = "x"

[network]
speed = "10 mm/ms"
coupled_var = "x"
k = 0.5

[network.node]
class = "HopfStep"
in_size = 8
a = 0.2
w = 0.3

[run]
dt = "0.1 ms"
duration = "300 ms"
transient = "50 ms"
"""
NOISY = """
dataset = "example_connectome"
monitors = "rE"

[network]
speed = "10 mm/ms"
coupled_var = "rE"
k = 0.1

[network.node]
class = "WilsonCowanStep"
in_size = 8

[network.node.noise_E]
class = "OUProcess"
in_size = 8
sigma = 0.1
tau = "50 ms"

[run]
dt = "0.1 ms"
duration = "300 ms"
transient = "50 ms"
"""
PARTS = """
[network]
class = "HopfStep"
in_size = 3

[monitors.fc]
class = "StreamingFC"
[monitors.fc.what]
class = "TemporalAverage"
what = "x"
period = "1 ms"

[stimuli.x_inp]
class = "stimulus.Sum"
[[stimuli.x_inp.terms]]
class = "stimulus.Step"
amplitude = "0.2 1/ms"
onset = "5 ms"
[[stimuli.x_inp.terms]]
class = "stimulus.Sine"
amplitude = "0.1 1/ms"
frequency = "10 Hz"

[run]
dt = "0.1 ms"
duration = "20 ms"
seed = 3
batch_size = 2
values = {a = [0.1, 0.2]}
"""


def load(path):
    return completed(read_spec(path))


@pytest.fixture
def study(tmp_path):
    def write(text, name="study.toml"):
        (tmp_path / name).write_text(text)
        return str(tmp_path / name)

    return write


@pytest.fixture
def call(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("NO_COLOR", "1")
    return lambda *words: CliRunner().invoke(app, words)


def network(node, **options):
    conn = brainmass.datasets.load_dataset("example_connectome")
    return brainmass.Network(node, conn=conn.weights, distance=conn.distances, speed=10.0 * u.mm / u.ms, **options)


def readme():
    net = network(brainmass.HopfStep(in_size=8, a=0.2, w=0.3), coupled_var="x", k=0.5)
    return brainmass.Simulator(net, dt=0.1 * u.ms).run(300 * u.ms, monitors="x", transient=50 * u.ms)


def tutorial():
    noise = brainmass.OUProcess(in_size=8, sigma=0.1, tau=50.0 * u.ms)
    net = network(brainmass.WilsonCowanStep(in_size=8, noise_E=noise), coupled_var="rE", k=0.1)
    sim = brainmass.Simulator(net, dt=0.1 * u.ms)
    return sim.run(300.0 * u.ms, monitors=lambda m: m.node.rE.value, transient=50.0 * u.ms)


@pytest.mark.parametrize(("text", "script"), [(HOPF, readme), (NOISY, tutorial)], ids=["readme", "tutorial"])
def test_a_study_reproduces_the_script_to_the_bit(study, call, tmp_path, text, script):
    brainstate.random.seed(0)
    wanted = script()
    shown = call("run", study(text), "--set", f"run.seed={wanted.attrs['seed']}", "-q")
    assert shown.exit_code == 0, shown.output
    assert shown.stdout == ""
    found = brainmass.load_result(tmp_path / "study.nc")
    np.testing.assert_array_equal(u.get_mantissa(found["output"]), u.get_mantissa(wanted["output"]))
    np.testing.assert_array_equal(u.get_mantissa(found["ts"]), u.get_mantissa(wanted["ts"]))


def test_another_value_is_set_from_the_command_line(study, call, tmp_path):
    path = study(HOPF)
    for value, name in (("0.3", "one"), ('"0.3 1/ms"', "other"), ("0.5", "as it is")):
        options = "--set", f"network.k={value}", "--set", "run.seed=1", "--out", str(tmp_path / f"{name}.nc"), "-q"
        assert call("run", path, *options).exit_code == 0
    one, other, plain = (brainmass.load_result(tmp_path / f"{n}.nc")["output"] for n in ("one", "other", "as it is"))
    np.testing.assert_array_equal(one, other)
    assert (np.asarray(one) != np.asarray(plain)).any()


def test_two_studies_differ_in_the_one_value(study, call):
    one, other = study(HOPF, "one.toml"), study(HOPF.replace("k = 0.5", "k = 0.3"), "other.toml")
    assert call("diff", one, other).stdout == "network.k: 0.5 1/ms → 0.3 1/ms\n"
    assert call("diff", one, other, "--set", "network.k=0.5").stdout == "no difference\n"
    found = json.loads(call("diff", one, other, "--json").stdout)
    assert found == [{"path": "network.k", "before": "0.5 1/ms", "after": "0.3 1/ms"}]


@pytest.mark.parametrize("suffix", ["toml", "json"])
@pytest.mark.parametrize("text", [HOPF, NOISY, PARTS])
def test_a_study_is_written_and_read_back(study, tmp_path, text, suffix):
    first = read_study(load(study(text)))
    write_spec(first, tmp_path / f"again.{suffix}")
    again = read_study(load(tmp_path / f"again.{suffix}"))
    assert to_spec(again) == to_spec(first)
    assert again.simulator.spec_hash == first.simulator.spec_hash


def test_monitors_stimuli_and_options_are_those_of_the_file(study):
    found = read_study(load(study(PARTS))).result(progress=False)
    wanted = brainmass.Simulator(brainmass.HopfStep(3), dt=0.1).run(
        20.0,
        inputs={"x_inp": stimulus()},
        monitors={"fc": brainmass.StreamingFC(brainmass.TemporalAverage("x", 1.0))},
        seed=3,
        batch_size=2,
        values={"a": np.array([0.1, 0.2])},
    )
    np.testing.assert_array_equal(found["fc"], wanted["fc"])


def stimulus():
    return brainmass.stimulus.Step(0.2 / u.ms, 5.0) + brainmass.stimulus.Sine(0.1 / u.ms, 10 * u.Hz)


def test_validate_says_everything_at_once(study, call):
    path = study(HOPF)
    assert call("validate", path).stdout == f"{path} is right.\n"
    changes = {
        "network.node.a": '"3 kg"',
        "network.nodes": "3",
        "run.duration": '"10.05 ms"',
        "monitors": "q",
        "stimuli.z": "3",
        "run.sample_every": "0.5",
    }
    words = [word for path_, value in changes.items() for word in ("--set", f"{path_}={value}")]
    shown = call("validate", path, *words, "--json")
    assert shown.exit_code == 1
    found = {problem["path"] for problem in json.loads(shown.stdout)["problems"]}
    assert {path_.removesuffix(".z") for path_ in changes} == found
    shown = call("validate", path, "--set", "monitors=q", "--set", "stimuli.z=3")
    assert "monitors: monitors='q' is unknown; use one of x, y" in shown.stderr
    assert "stimuli: inputs has the key 'z'" in shown.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--set", "network.k"], "path=value"),
        (["--set", "network.k.x=3"], "there is no 'x' in network.k"),
        (["--set", "network..k=3"], "names with points"),
        (["--set", "format=2"], "format: 2 is not 1"),
        (["--set", 'network.conn="x"'], "dataset"),
        (["--set", 'class="HopfStep"'], "no argument"),
        (["--set", 'dataset="gone"'], "no dataset"),
    ],
)
def test_a_mistake_is_said_without_a_traceback(study, call, words, says):
    shown = call("validate", study(HOPF), *words)
    assert shown.exit_code == 1
    assert says in shown.stderr
    assert "Traceback" not in shown.output


def test_a_file_that_is_not_there_is_named(call, tmp_path):
    for verb in ("run", "validate", "show"):
        shown = call(verb, str(tmp_path / "nowhere.toml"))
        assert shown.exit_code == 1
        assert "nowhere.toml" in shown.stderr


def test_a_spec_of_something_else_is_no_study(call, tmp_path):
    write_spec(brainmass.HopfStep(2), tmp_path / "node.toml")
    assert call("validate", str(tmp_path / "node.toml")).exit_code == 0
    shown = call("run", str(tmp_path / "node.toml"))
    assert shown.exit_code == 1
    assert "HopfStep and no study" in shown.stderr


def test_show_prints_what_is_read(study, call, tmp_path):
    shown = call("show", study(HOPF), "--set", "network.node.a=0.25")
    assert "a = " not in shown.stdout  # the default
    assert 'k = "0.5 1/ms"' in shown.stdout
    (tmp_path / "shown.toml").write_text(shown.stdout)
    wanted = read_study(load(study(HOPF.replace("a = 0.2", "a = 0.25"))))
    assert read_spec(tmp_path / "shown.toml") == to_spec(wanted)
    assert json.loads(call("show", study(HOPF), "--json").stdout) == to_spec(read_study(load(study(HOPF))))


def test_the_schema_describes_a_study(study, call):
    found = json.loads(call("schema").stdout)
    assert found == study_schema()
    check = jsonschema.Draft202012Validator(found)
    for text in (HOPF, NOISY, PARTS):
        data = dict(read_spec(study(text)))
        assert not list(check.iter_errors(data))
        assert list(check.iter_errors(data | {"runs": {}}))
        assert list(check.iter_errors(data | {"run": data["run"] | {"duratoin": 3}}))


def test_the_log_is_silent_unless_asked_for(study, tmp_path):
    words = [sys.executable, "-m", "brainmass", "run", study(PARTS)]
    quiet = subprocess.run(words, capture_output=True, text=True, cwd=tmp_path, check=True)
    assert quiet.stdout.strip() == str(tmp_path / "study.nc")
    assert "spec" not in quiet.stderr
    loud = subprocess.run([*words, "-v"], capture_output=True, text=True, cwd=tmp_path, check=True)
    assert "spec " in loud.stderr
    assert Path(tmp_path / "study.nc").exists()
