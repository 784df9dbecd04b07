"""``brainmass show study.toml``: what a file means, with nothing but what differs from the defaults."""

import typer

from brainmass.cli.study_file import File, Json, Set, Trust, loaded, refusals


def show(file: File, change: Set = None, trust: Trust = None, as_json: Json = False) -> None:
    """Print a file as it is read: values in declared units, without defaults, and its hash."""
    with refusals(as_json):
        from brainmass.spec import as_json as json_of
        from brainmass.spec import as_toml, from_spec, hash_of, to_spec

        spec = to_spec(from_spec(loaded(file, change), tuple(trust or ())))
        text = json_of(dict(spec)) if as_json else f"# spec_hash = {hash_of(spec)}\n{as_toml(dict(spec))}"
    typer.echo(text, nl=False)
