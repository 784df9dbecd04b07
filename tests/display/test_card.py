"""What objects say of themselves: a few lines where they are printed, a table in a notebook."""

import copy
from html.parser import HTMLParser

import brainstate
import brainunit as u
import jax
import numpy as np
import pytest
from typer.testing import CliRunner

import brainmass as bm
from brainmass.cli import app

LABELS = ["V1", "M1", "<b>PFC</b>"]
WEIGHTS = np.array([[0.0, 1.0, 2.0], [0.5, 0.0, 0.0], [1.0, 1.0, 0.0]])
LENGTHS = np.array([[0.0, 20.0, 50.0], [30.0, 0.0, 999.0], [10.0, 40.0, 0.0]])


@pytest.fixture(scope="module")
def network():
    noise = bm.OUProcess(3, sigma=0.02, tau=5 * u.ms)
    node = bm.HopfStep(3, a=0.2, w=np.array([0.1, 0.2, 0.3]), noise_x=noise)
    return bm.Network(node, conn=bm.datasets.Connectome(WEIGHTS, LENGTHS, LABELS), speed=10.0, k=0.3)


@pytest.fixture(scope="module")
def result(network):
    monitors = {"x": "x", "mean": bm.TemporalAverage("x", 2.0), "fc": bm.StreamingFC("x")}
    return bm.Simulator(network, dt=0.1).run(4.0, monitors=monitors, seed=3)


def test_a_network(network):
    assert repr(copy.deepcopy(network)).split("\n")[:5] == [
        "Network of 3 regions (V1, M1, <b>PFC</b>)",
        "  node      HopfStep (x, y); a = 0.2 1/ms, w = 3 values from 0.1 to 0.3 1/ms",
        "  coupling  DiffusiveCoupling, x → x_inp, k = 0.3 1/ms, 5 edges",
        "  delays    1 to 5 ms, lengths of 10 to 50 mm at 10 mm/ms",  # that of the missing edge is not among them
        "  noise     noise_x = OUProcess(mean = 0 1/ms, sigma = 0.02 1/ms, tau = 5 ms)",
    ]


def test_a_node_bank_says_what_is_not_usual():
    assert repr(bm.HopfStep((3, 4), method="rk4")).split("\n") == [
        "HopfStep of 3 × 4 regions",
        "  variables  x, y",
        "  values     those of the model",
        "  noise      none",
        "  run        rk4, not begun",
    ]
    assert "values     a = 0.1 1/ms, init_x = 0.7" in repr(bm.HopfStep(1, a=0.1, init_x=0.7))


def test_where_a_model_stands():
    sim = bm.Simulator(bm.LinearStep(2), dt=0.1)
    assert repr(sim).startswith("Simulator, dt = 0.1 ms: LinearStep of 2 regions\n")
    sim.run(3.0)
    assert ", at t = 3 ms" in repr(sim)
    assert repr(bm.Simulator(bm.LinearStep(2))).startswith("Simulator, the global dt: ")
    sim.model.init_all_states()
    assert repr(sim.model).endswith(", begun")


def test_noises_and_couplings():
    assert repr(bm.WhiteNoise(3, sigma=0.1 * u.mV)).startswith("WhiteNoise of 3 regions\n")
    assert "sigma = 0.1 mV" in repr(bm.WhiteNoise(3, sigma=0.1 * u.mV))
    assert "10 × 3 values" in repr(bm.NoiseSeries(3, values=np.zeros((10, 3))))
    mixed = bm.GaussianNoise(2, sigma=1.0, correlation=np.array([[1, 0.5], [0.5, 1]]))
    assert "correlated" in repr(mixed)
    assert repr(bm.SigmoidalCoupling(slope=3.0)).startswith("SigmoidalCoupling\n  current  ")
    assert "slope = 3" in repr(bm.SigmoidalCoupling(slope=3.0))


def test_a_result(result):
    first, *lines, last = repr(result).split("\n")
    assert first == "Result: 3 arrays, 540 bytes"
    assert lines == [
        "  x     (40, 3) time × region, float32, 0.1 to 4 ms",
        "  mean  (2, 3) time × region, float32, 2 to 4 ms",
        "  fc    (3, 3) region × other_region, float32, one of the whole run",
    ]
    assert last.startswith("  run   seed 3, dt 0.1 ms, 4 ms in ")
    assert str(result) == repr(result)
    assert repr([result]) == f"[{result!r}]"


def test_results_that_are_no_runs():
    assert repr(bm.Result({})) == "Result: 0 arrays, 0 bytes"
    many = bm.Result({f"x{i}": np.zeros((5, 100)) for i in range(40)} | {"ts": np.arange(5) * u.ms})
    assert len(repr(many).split("\n")) == 9
    assert "and 33 more" in repr(many)
    assert "no samples" in repr(bm.Result({"x": np.zeros((0, 3)), "ts": np.zeros(0) * u.ms}))
    with_units = bm.Result({"v": {"soma": np.zeros((5, 3)) * u.mV}, "ts": np.arange(5) * u.ms}, batched=True)
    assert "v.soma  (5, 3) time × batch, float64, mV, 0 to 4 ms" in repr(with_units)


def test_nothing_raises_inside_of_what_is_compiled(network, result):
    seen = []

    def look(a, r):
        seen.append(repr(r))
        node = bm.HopfStep(2, a=a)
        seen.append(repr(node) + node._repr_html_())
        return a

    jax.jit(look)(0.3, jax.tree.map(lambda x: x, result))
    assert "(40, 3)" in seen[0]
    assert "a = traced 1/ms" in seen[1]


def test_nothing_raises_before_it_is_complete():
    assert repr(bm.Network.__new__(bm.Network)) == "Network under construction"
    assert repr(bm.HopfStep.__new__(bm.HopfStep)) == "HopfStep under construction"


class Tags(HTMLParser):
    """Opened and closed tags, and the text."""

    def __init__(self, html):
        super().__init__()
        self.open, self.seen, self.text = [], set(), ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.seen.add(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data + "\n"


def test_notebooks_show_tables(network, result):
    for thing in (network, bm.Simulator(network, dt=0.1), result, network.node, network.coupling, network.node.noise_x):
        page = Tags(thing._repr_html_())
        assert page.open == []
        assert page.seen == {"div", "b", "table", "tr", "th", "td", "details", "summary"}
        assert page.text.startswith(str(thing).split("\n")[0] + "\n")
    text = Tags(network._repr_html_()).text
    assert "\nw\n3 values from 0.1 to 0.3\n1/ms\n" in text
    assert "HopfStep: parameters (" in text
    assert LABELS[2] in Tags(result._repr_html_()).text  # as text: it opened no tag, which is seen above


def test_the_wiring_has_its_table():
    wiring = bm.datasets.Connectome(WEIGHTS, LENGTHS, LABELS)
    page = Tags(wiring._repr_html_())
    assert page.open == []
    assert LABELS[2] in page.text


@pytest.mark.parametrize("model", bm.models.catalogue().values(), ids=bm.models.catalogue())
def test_every_model_says_what_it_is_in_five_lines(model):
    lines = repr(model(200)).split("\n")
    assert lines[0] == f"{model.__name__} of 200 regions"
    assert lines[2] == "  values     those of the model"
    assert len(lines) == 5
    assert all(name in Tags(model(2)._repr_html_()).text for name in model.declarations(bm.Variable))


def test_inside_of_a_module_of_another_kind(network):
    class Holder(brainstate.nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = network

    assert "delays    1 to 5 ms" in repr(Holder())


def test_a_part_of_the_models_is_a_table():
    some = bm.list_models()[:4]
    assert some._repr_html_().count("<tr>") == 5
    assert len(repr(some).split("\n")) == 4
    assert repr(bm.list_models()[:0]) == ""
    assert bm.list_models()[0].name == some[0].name


def test_the_command_line_says_its_version():
    found = CliRunner().invoke(app, ["--version"])
    assert found.exit_code == 0
    assert found.output.strip() == bm.__version__
