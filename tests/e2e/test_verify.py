"""The trials in small, and trials of the trials: what is broken on purpose has to be found."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.verify import power
from tests.e2e.verify.main import main
from tests.e2e.verify.recording import Disk, Op, read
from tests.e2e.verify.table import TRIALS
from tests.e2e.verify.trial import Given
from tests.womb import ROOT

NO_CHANCE = random.Random(0)


@pytest.mark.slow
@pytest.mark.parametrize("name", TRIALS)
async def test_a_trial_finds_nothing(tmp_path: Path, name: str) -> None:
    seen = await TRIALS[name](Given(folder=tmp_path))
    assert seen.findings == []
    assert seen.sentence or seen.skipped


@pytest.mark.slow
async def test_a_swarm_that_does_not_sync_is_found(tmp_path: Path) -> None:
    given, trace = Given(folder=tmp_path), tmp_path / "trace"
    if problem := await power._record(given, trace, 4):
        pytest.skip(problem)
    ops = read(trace)
    ready = next(n for n, op in enumerate(ops) if op.kind == "say" and b"ready" in op.data)
    lying = [op for n, op in enumerate(ops) if n < ready or op.kind != "sync"]
    found = power.look_at(given, lying).findings
    assert any("was accepted as" in each for each in found)


MOUNT = """
import sys
from pathlib import Path
from tests.e2e.verify.disk import _mount
print(_mount(Path(sys.argv[1])), flush=True)
sys.stdin.read()
"""


@pytest.mark.slow
def test_a_small_disk_is_there_for_its_process_alone(tmp_path: Path) -> None:
    command = [sys.executable, "-c", MOUNT, str(tmp_path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout
        if process.stdout.readline() != "True\n":
            process.kill()
            pytest.skip("nothing may be mounted here")
        assert str(tmp_path) in Path(f"/proc/{process.pid}/mounts").read_text()
        assert str(tmp_path) not in Path("/proc/self/mounts").read_text()
        process.kill()


@pytest.mark.slow
def test_the_command_prints_a_line_for_each_trial(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["soak", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["ok"]
    assert "500 tasks" in told["trials"]["soak"]["sentence"]


def test_a_trial_that_does_not_exist_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nothing"]) == 2
    assert "power" in capsys.readouterr().err


def hexed(text: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in text.encode())


def test_a_recording_is_read_in_the_order_in_which_things_are_sure(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    file = hexed("/state/waggle.db-wal")
    trace.write_text(
        f'7 pwrite64(4<{file}>, "{hexed("abc")}", 3, 24) = 3\n'
        f"7 fdatasync(4<{file}> <unfinished ...>\n"
        f'8 write(1<{hexed("pipe:[1]")}>, "{hexed("accepted k 1")}", 12) = 12\n'
        f'8 write(9<{hexed("/x")}>, "{hexed("not said")}", 8) = 8\n'
        "7 <... fdatasync resumed>) = 0\n"
        f"7 ftruncate(4<{file}>, 2) = 0\n"
        f'7 unlink("{file}") = 0\n'
        f'7 unlink("{hexed("/state/none")}") = -1 ENOENT (No such file or directory)\n'
        "8 +++ exited with 0 +++\n"
    )
    assert read(trace) == [
        Op("write", "waggle.db-wal", 24, b"abc"),
        Op("say", data=b"accepted k 1"),
        Op("sync", "waggle.db-wal", covers=1),
        Op("truncate", "waggle.db-wal", 2),
        Op("unlink", "waggle.db-wal"),
    ]


def crash(disk: Disk, how: str) -> dict[str, bytes]:
    return dict(disk.crash(how, NO_CHANCE))


def test_only_what_was_synced_is_sure_to_survive() -> None:
    disk = Disk(("file",), "state")
    for place, op in enumerate(
        [
            Op("write", "file", 0, b"one"),
            Op("write", "file", 3, b"two"),
            Op("sync", "file", covers=1),
            Op("write", "elsewhere", 0, b"nothing"),
        ]
    ):
        disk.follow(place, op)
    assert crash(disk, "none") == {"file": b"one"}
    assert crash(disk, "all") == {"file": b"onetwo"}
    assert disk.unsure() == 1


def test_a_removed_file_may_be_back_until_its_folder_is_synced() -> None:
    disk = Disk(("file",), "state")
    steps = [Op("write", "file", 0, b"one"), Op("sync", "file", covers=1), Op("unlink", "file")]
    for place, op in enumerate(steps):
        disk.follow(place, op)
    assert crash(disk, "none") == {"file": b"one"}
    assert crash(disk, "all") == {}
    disk.follow(3, Op("sync", "state", covers=3))
    assert crash(disk, "none") == {}
