import json

from datagen.authoring.brief import brief
from tests.cli.terminal import Run


def test_the_prompt_is_printed(run: Run) -> None:
    reported = run("brief")
    assert (reported.code, reported.out) == (0, brief())


def test_one_read_for_an_agent(run: Run) -> None:
    assert json.loads(run("brief", "--json").out)["json_schema"]["$defs"]


def test_a_description_is_put_into_the_prompt(run: Run) -> None:
    words = "a clinic with patients; no-shows rise on Mondays"
    for given in ((words,), words.split(" ")):
        assert run("brief", *given).out == f"{brief()}\n# The description\n\n{words}\n"
    assert json.loads(run("brief", "--json", words).out)["prompt"].endswith(f"{words}\n")
    assert run("brief", " ").out == brief()
