"""The Simulator: checks what the user gives, compiles once, runs, and hands back the result."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from brainmass.monitors.recording import resolve_monitors
from brainmass.names import with_named_arguments
from brainmass.network import Network
from brainmass.results import Result
from brainmass.simulation.advancing import advance, start
from brainmass.simulation.declared_simulator import DeclaredSimulator
from brainmass.simulation.engine import named_inputs
from brainmass.simulation.pure_function import pure_function
from brainmass.simulation.setup import (
    KnownValues,
    Place,
    RunOptions,
)
from brainmass.state_space import StateSpace, Values
from brainmass.time_steps import resolve_dt
from brainmass.units import describe


class Simulator(DeclaredSimulator):
    """Runs a model over time.

    Parameters
    ----------
    model
        A node bank, a `Network`, or any brainstate module with ``init_state`` and ``update``.
    dt : optional
        Time step, bare in ms; brainstate's global ``dt`` by default.
    """

    @with_named_arguments
    def run(
        self,
        duration: Any,
        *,
        inputs: Any = None,
        monitors: Any = None,
        transient: Any = None,
        sample_every: int | None = None,
        batch_size: int | None = None,
        init_states: bool = True,
        simulations: Any = None,
        jit: bool = True,
        seed: int | None = None,
        values: Values | None = None,
        chunk: Any = "auto",
        progress: bool = True,
        on_divergence: str = "raise",
        checkpoint: Any = None,
        checkpoint_every: Any = None,
        devices: Sequence[Any] | None = None,
    ) -> Result:
        """Simulate, and leave the final values in the model's States.

        Parameters
        ----------
        duration
            Bare in ms, a whole number of steps.
        inputs : optional
            External drive: a `stimulus.Stimulus`, an array (time, [region]) or a callable ``(i, t)`` of the absolute
            step and time for the first free Input, or a dict of these by Input name.
        monitors : optional
            A name ("x", "node.noise_E.x"), a callable of the model, a monitor as ``Bold("x")``, a dict of these, or a
            list of names; the primary variable by default.
        transient : optional
            Time at the beginning that is run and not recorded, bare in ms.
        sample_every : int, optional
            Record the steps that are multiples of it, as `Sample` does.
        batch_size : int, optional
            Number of simulations, with noise and initial values of their own; results are (time, batch, region).
        init_states : bool
            False continues from the present States, in time and in noise.
        simulations : list of int, optional
            Continue these members of the present batch only, by number, each with its own noise.
        jit : bool
            False runs the same program uncompiled, for debugging.
        seed : int, optional
            Decides initial values and noise; drawn from ``brainstate.random`` if not given.
        values : dict, optional
            Values by path for this run only, of parameters ("k", "node.a"), stimuli ("inputs.x_inp.onset") and monitors
            ("monitors.bold.tau"); a leading batch axis runs as a batch. In the place of one number for all regions,
            shapes are those of NumPy against (batch, region): (B,) or (B, 1) are B simulations, (B, N) such with a
            value for each region; (N,), which could be either, is refused.
        chunk : optional
            A long run goes in chunks of this time, bare in ms, so that its memory is that of what it records. Chunks
            change no bit of a result.
        progress : bool
            Where a run takes longer than a second and somebody can see it, in a terminal or a notebook: say that it
            compiles, show how far it is, and leave one line ("600 s in 35 s, 17 times real time").
        on_divergence : str
            "raise", or "stop": with a warning, give what was recorded before the first value that is not finite. The
            members of a batch that diverge are NaN from there on, in the States too, and named in ``diverged``; the
            others go on to the end, and the result, or that of the error, holds them whole.
        checkpoint : path, optional
            A folder that does not exist yet. The run saves itself there, and `brainmass.resume` goes on with it after
            whatever stopped it, to the same bits.
        checkpoint_every : optional
            The longest simulated time between two savings, bare in ms; a twentieth of the run by default, or one chunk
            where that is longer.
        devices : list, optional
            Devices as of ``jax.devices()`` that share the simulations of a batch, whose number need be no multiple of
            theirs.

        Returns
        -------
        Result
            Arrays by monitor name, "output" for a single one, and "ts", the ends of the recorded steps; monitors that
            sample at other times have theirs in ``times``.

        Raises
        ------
        ValueError, TypeError, KeyError
            An argument that does not fit, before anything is compiled.
        FloatingPointError
            The run diverged; names variable, region and first bad sample; ``result`` holds what was recorded. The
            States are those before its chunk, or, in a run of one chunk, before the run; in a batch only if all of its
            members diverged.
        KeyboardInterrupt
            Ctrl-C: what was recorded is in ``interrupted``, and ``init_states=False`` goes on from there.
        """
        options = RunOptions(
            duration=duration,
            inputs=inputs,
            monitors=monitors,
            transient=transient,
            sample_every=sample_every,
            batch_size=batch_size,
            init_states=init_states,
            simulations=simulations,
            jit=jit,
            seed=seed,
            values=values,
            chunk=chunk,
            progress=progress,
            on_divergence=on_divergence,
            checkpoint_every=checkpoint_every,
            devices=devices,
        )
        return self._run(options, options.folder(checkpoint), resumed=False)

    @with_named_arguments
    def start(self, *, values: Values | None = None, seed: int | None = None, batch_size: int | None = None) -> Place:
        """New simulations at t = 0, to go on from with `advance`; the model's States stay as they are.

        Parameters
        ----------
        values, seed, batch_size
            As in `run`. The place keeps the values, and every `advance` from it has them.

        Raises
        ------
        ValueError, TypeError, KeyError
            An argument that does not fit.
        """
        dt = self._dt_of_places("start")
        options = RunOptions(duration=dt, values=values, seed=seed, batch_size=batch_size)
        return start(self.model, self._runs.cache, options, dt)

    @with_named_arguments
    def advance(
        self,
        place: Place,
        duration: Any,
        *,
        monitors: Any = None,
        inputs: Any = None,
        values: Values | None = None,
        simulations: Any = None,
        transient: Any = None,
        sample_every: int | None = None,
        jit: bool = True,
        chunk: Any = "auto",
        progress: bool = True,
        on_divergence: str = "raise",
        devices: Sequence[Any] | None = None,
    ) -> tuple[Result, Place]:
        """Go on from a place, and leave it and the model's States as they are.

        500 ms and 500 ms more are 1000 ms, to the bit, in noise, delays and monitors.

        Parameters
        ----------
        place : Place
            What `start` or an earlier `advance` has given.
        duration, monitors, inputs, transient, sample_every, jit, chunk, progress, on_divergence, devices
            As in `run`.
        values : dict, optional
            As in `run`, for this stretch, in place of those that the place keeps.
        simulations : list of int, optional
            The numbers of those that go on; the others stand where they are, and are not in the result.

        Returns
        -------
        Result
            As of `run`. Of simulations that stood at different times, times count from there, and
            ``coords["start_time"]`` says when that was.
        Place
            Where all simulations stand now.

        Raises
        ------
        ValueError, TypeError, KeyError
            An argument that does not fit; a monitor that would have its samples at other times after one simulation's
            start than after another's.
        FloatingPointError, KeyboardInterrupt
            As `run`; the error has the ``result``, and the ``place`` that was reached.
        """
        dt = self._dt_of_places("advance")
        if not isinstance(place, Place):
            raise TypeError(f"place={describe(place)} must be a Place, as Simulator.start gives it.")
        options = RunOptions(
            duration=duration,
            monitors=monitors,
            inputs=inputs,
            values=values,
            simulations=simulations,
            transient=transient,
            sample_every=sample_every,
            jit=jit,
            chunk=chunk,
            progress=progress,
            on_divergence=on_divergence,
            devices=devices,
        )
        return advance(self.model, self._runs.cache, place, options, dt)

    @with_named_arguments
    def is_static(self, path: str, *, monitors: Any = None, inputs: Any = None) -> bool:
        """Whether a program is compiled for this value, so that another one compiles again.

        Parameters
        ----------
        path : str
            That of a value ("k", "monitors.bold.tau": False, for it may be varied and differentiated) or of an argument
            ("dt", "node.method", "monitors.bold.tr": True).
        monitors, inputs : optional
            Those of the run.

        Raises
        ------
        KeyError
            There is no such value.
        """
        named = named_inputs(self.model, inputs), resolve_monitors(self.model, monitors)
        return KnownValues.of(self.model, *named).is_static(path)

    def _dt_of_places(self, name: str) -> float:
        if not isinstance(self.model, StateSpace | Network):
            raise TypeError(f"{name} takes a node bank or a Network, not {type(self.model).__name__}; use run.")
        return resolve_dt(self.dt)

    def _run(self, options: RunOptions, folder: Path | None, *, resumed: bool) -> Result:
        try:
            return self._runs.run(self, options, folder, resolve_dt(self.dt), resumed=resumed)
        except (KeyboardInterrupt, OSError) as error:
            self.interrupted = getattr(error, "result", self.interrupted)
            raise

    @with_named_arguments
    def function(
        self,
        duration: Any,
        *,
        monitors: Any = None,
        inputs: Any = None,
        transient: Any = None,
        sample_every: int | None = None,
        batch_size: int | None = None,
        vary: Iterable[str] = (),
    ) -> Callable[..., Values]:
        """The run as a pure function ``f(values, seed, simulation=0)``, for ``jax.jit``, ``jax.grad`` and sharding.

        It starts afresh at each call, keeps today's values of everything that is not in ``vary``, and touches no State.

        Parameters
        ----------
        duration, monitors, inputs, transient, sample_every, batch_size
            As in `run`.
        vary : iterable of str
            Paths of the values to pass: "k", "conn", "speed", "node.a", "node.noise_E.sigma", "node.init_x", ...; of
            stimuli "inputs.x_inp.amplitude", "inputs.x_inp.onset", "inputs.x_inp.terms.0.frequency"; of monitors
            "monitors.bold.tau", "monitors.eeg.leadfield", "monitors.output.what.tau".

        Returns
        -------
        callable
            ``values`` holds bare arrays in declared units by path; what is left out keeps its present value. One more
            axis than the model's own value has, the leading one, runs as a batch, whose members are the simulations
            ``simulation``, ``simulation + 1``, ...; give batched values rather than ``jax.vmap``, which is several
            times slower. The dict that comes back holds bare arrays (time, [batch,] region). A delay that comes to
            exceed four times the longest present one gives NaN.

        Raises
        ------
        ValueError, TypeError, KeyError
            An argument that does not fit.
        """
        options = RunOptions(
            duration=duration,
            monitors=monitors,
            inputs=inputs,
            transient=transient,
            sample_every=sample_every,
            batch_size=batch_size,
        )
        return pure_function(self.model, self._runs.cache, resolve_dt(self.dt), options, vary)
