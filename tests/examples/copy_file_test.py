"""Tests the copy program with files of many sizes, and with files that it cannot copy.

    copy_file_test.py COPY_FILE
"""

import os
import pathlib
import random
import subprocess
import sys
import tempfile

from server import run_all

copy_file, = sys.argv[1:]
temporary = tempfile.TemporaryDirectory()
folder = pathlib.Path(temporary.name)
source = folder / "source"
target = folder / "target"


def run(*arguments):
    return subprocess.run([copy_file, *map(str, arguments)], capture_output=True, text=True, timeout=60)


def copies_files_of_many_sizes():
    for size in (0, 1, 1000, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 20000000):
        source.write_bytes(random.randbytes(size))
        target.unlink(missing_ok=True)
        done = run(source, target)
        assert done.returncode == 0 and done.stdout.startswith(f"{size} bytes"), done
        assert source.read_bytes() == target.read_bytes(), size


def keeps_the_permissions():
    source.chmod(0o500)
    target.unlink(missing_ok=True)
    assert run(source, target).returncode == 0
    assert target.stat().st_mode & 0o777 == 0o500


def does_not_overwrite():
    target.unlink(missing_ok=True)
    target.write_text("mine")
    assert run(source, target).returncode == 1
    assert target.read_text() == "mine"
    assert run(target, target).returncode == 1
    assert target.read_text() == "mine"


def says_what_it_cannot_do():
    for arguments in ((folder / "none", folder / "new"), (folder, folder / "new"), (source, folder / "none" / "new")):
        done = run(*arguments)
        assert done.returncode == 1 and done.stderr != "", done
        assert not os.path.exists(folder / "new")


run_all([copies_files_of_many_sizes, keeps_the_permissions, does_not_overwrite, says_what_it_cannot_do])
