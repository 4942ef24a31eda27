import json

from datagen.authoring.brief import brief
from tests.cli.terminal import Run


def test_the_prompt_is_printed(run: Run) -> None:
    reported = run("brief")
    assert (reported.code, reported.out) == (0, brief())


def test_one_read_for_an_agent(run: Run) -> None:
    assert json.loads(run("brief", "--json").out)["json_schema"]["$defs"]
