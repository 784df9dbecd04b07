"""What a run shows of itself: a bar and one line, in a terminal and in a notebook, and nothing anywhere else."""

import io
import time
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from nbclient import NotebookClient

import brainmass as bm
from brainmass.display import progress
from brainmass.display.progress import Work, in_words, time_text


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture(scope="module")
def sim():
    return bm.Simulator(bm.HopfStep(3, a=0.1), dt=0.1)


@pytest.fixture
def terminal(monkeypatch):
    """A terminal where everything takes long enough to be shown; pytest puts its own stream back before the test."""
    stream = Terminal()
    monkeypatch.setattr(progress, "sys", SimpleNamespace(stderr=stream, modules={}))
    monkeypatch.setattr("rich.console.Console.file", stream)
    monkeypatch.setattr(progress, "DELAY", 0.0)
    monkeypatch.setattr(progress, "TOLD", 0.0)
    monkeypatch.setenv("COLUMNS", "100")
    return stream


@pytest.mark.parametrize("chunk", ["auto", 50.0])
def test_a_terminal_keeps_one_line(sim, terminal, chunk):
    sim.run(200.0, seed=0, chunk=chunk)
    last = terminal.getvalue().rstrip("\n").split("\n")[-1]
    assert "200 ms in " in last
    assert " times real time" in last
    assert "0.00 of 0.20 s, comp" in terminal.getvalue()  # compiling or computing, before anything is done


def test_what_goes_on_is_counted_by_itself(sim, terminal):
    sim.run(200.0, seed=0, chunk=50.0)
    sim.run(100.0, init_states=False, chunk=50.0)
    assert "100 ms in " in terminal.getvalue().rstrip("\n").split("\n")[-1]


def test_compiling_is_said_and_not_taken_for_slowness(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    work = Work(600.0)
    with work.compiling():
        now[0] = 12.0
        assert work.text() == "  0 %  0 of 600 s, compiling … 12 s"
    assert work.text() == "  0 %  0 of 600 s, computing … 12 s"
    now[0] = 22.0
    work.reached(200.0)
    assert work.text() == " 33 %  200 of 600 s, 20 times real time, 20 s left"  # 400 s more at that speed
    now[0], work.is_over = 50.0, True
    assert work.summary() is None  # stopped in the middle
    work.reached(600.0)
    assert work.summary() == "600 s in 50 s, 12 times real time; 12 s of it compiling"


def test_a_resumed_run_counts_what_it_does_itself(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    work = Work(600.0, done_before=400.0)
    now[0] = 10.0
    work.reached(500.0)
    assert work.text() == " 83 %  500 of 600 s, 10 times real time, 10 s left"
    now[0], work.is_over = 20.0, True
    work.reached(600.0)
    assert work.summary() == "200 s in 20 s, 10 times real time"


def test_nothing_is_shown_where_nobody_looks(sim, capfd, monkeypatch):
    monkeypatch.setattr(progress, "DELAY", 0.0)
    monkeypatch.setattr(progress, "TOLD", 0.0)
    sim.run(200.0, seed=0, chunk=50.0)
    bm.estimate(sim, 100.0)
    assert capfd.readouterr() == ("", "")


def test_nothing_is_shown_that_nobody_wants(sim, terminal):
    sim.run(200.0, seed=0, chunk=50.0, progress=False)
    bm.estimate(sim, 100.0, progress=False)
    assert terminal.getvalue() == ""


def test_a_quick_run_shows_nothing(sim, terminal, monkeypatch):
    sim.run(200.0, seed=0, progress=False)
    monkeypatch.setattr(progress, "DELAY", 60.0)
    sim.run(200.0, seed=0)
    assert terminal.getvalue() == ""


def test_estimate_says_that_it_works(sim, terminal):
    bm.estimate(sim, 100.0)
    assert "estimating, comp" in terminal.getvalue()
    assert "estimated in " in terminal.getvalue().rstrip("\n").split("\n")[-1]


def test_a_run_that_is_stopped_leaves_its_bar(sim, terminal, monkeypatch):
    add = bm.simulation.run.Recorded.add

    def interrupting(self, recorded, chunk):
        add(self, recorded, chunk)
        if chunk.stop >= 1000:
            raise KeyboardInterrupt

    monkeypatch.setattr(bm.simulation.run.Recorded, "add", interrupting)
    with pytest.raises(KeyboardInterrupt, match="stopped at t = "):
        sim.run(200.0, seed=0, chunk=50.0)
    assert "of 0.20 s" in terminal.getvalue().replace("\x1b[?25h", "").rstrip("\n").split("\n")[-1]
    assert " ms in " not in terminal.getvalue()


def test_times_are_said_in_the_unit_that_suits_them():
    assert [time_text(ms) for ms in (0.0, 12.5, 483_000.0, 4_830_123 * 0.1)] == [
        "0 ms",
        "12.5 ms",
        "483 s",
        "483.0123 s",
    ]
    said = ["0.35 s", "9.4 s", "10 s", "35 s", "119 s", "2 min 5 s", "1 h 1 min"]
    assert [in_words(s) for s in (0.35, 9.4, 9.6, 35.2, 119.4, 125.0, 3661.0)] == said


@pytest.mark.filterwarnings("default")  # those of jupyter's own machinery are not ours to fix
def test_a_notebook_shows_a_line_and_asks_for_nothing(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    code = """
import brainmass as bm
from brainmass.display import progress
progress.DELAY = progress.TOLD = 0.0
sim = bm.Simulator(bm.HopfStep(3, a=0.1), dt=0.1)
result = sim.run(200.0, seed=0)
"""
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    NotebookClient(book, timeout=120, kernel_name="python3").execute()
    (shown,) = book.cells[0].outputs
    assert "200 ms in " in shown["data"]["text/plain"]
    assert " times real time" in shown["data"]["text/html"]
