#!/usr/bin/env python3
"""Compares `huiyin calendar due` with an independent calendar of China's working days, for 100,000 random terms.

Needs the program in HUIYIN_BIN. Only the virtual environment is kept, in .huiyin/oracle of the clone. Ends with 1 at a difference.
"""

import csv
import datetime
import io
import os
import pathlib
import random
import subprocess
import sys
import venv

HERE = pathlib.Path(__file__).resolve().parent
CLONE = HERE.parent.parent
TERMS = 100_000
FIRST, LAST = datetime.date(2024, 1, 1), datetime.date(2026, 12, 31)


def within_environment():
    """Runs this script again where the oracle is installed."""
    home = CLONE / ".huiyin" / "oracle"
    python = home / "bin" / "python"
    if not python.exists():
        venv.create(home, with_pip=True)
    wanted = HERE / "requirements.txt"
    mark = home / "installed"
    if not mark.exists() or mark.read_text() != wanted.read_text():
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--requirement", wanted], check=True)
        mark.write_text(wanted.read_text())
    os.execv(python, [str(python), __file__, "compare"])


def due(start, term, unit, roll, is_workday):
    """The last day of a term that does not count its start day; None where it leaves the years that are known."""
    day, left = start, term
    while left > 0:
        day += datetime.timedelta(days=1)
        if day > LAST:
            return None
        if unit == "day" or is_workday(day):
            left -= 1
    while roll == "next-workday" and not is_workday(day):
        day += datetime.timedelta(days=1)
        if day > LAST:
            return None
    return day


def compare():
    import chinese_calendar

    works = {}

    def is_workday(day):
        if day not in works:
            works[day] = chinese_calendar.is_workday(day)
        return works[day]

    chance = random.Random(20261128)
    table, wanted = io.StringIO(), []
    table.write("start,term,unit,roll\n")
    while len(wanted) < TERMS:
        start = FIRST + datetime.timedelta(days=chance.randrange((LAST - FIRST).days))
        term, unit, roll = chance.randint(0, 120), chance.choice(["day", "workday"]), chance.choice(["none", "next-workday"])
        end = due(start, term, unit, roll, is_workday)
        if end is None:
            continue
        table.write(f"{start},{term},{unit},{roll}\n")
        wanted.append(end.isoformat())
    program = pathlib.Path(os.environ["HUIYIN_BIN"]) / "huiyin"
    done = subprocess.run(
        [program, "calendar", "due", "--batch", "-", "--county", CLONE / "deploy" / "county"], input=table.getvalue(), capture_output=True,
        text=True, timeout=300)
    if done.returncode != 0:
        raise SystemExit(f"the command failed: {done.stderr}")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    wrong = [(row, end) for row, end in zip(rows, wanted) if row["due"] != end or row["provisional"] != "false"]
    for row, end in wrong[:20]:
        print(f"{row['start']} + {row['term']} {row['unit']}, roll {row['roll']}: {row['due']} here, {end} there")
    print(f"{len(rows)} terms compared, {len(wrong)} differ")
    return 1 if wrong or len(rows) != TERMS else 0


if __name__ == "__main__":
    sys.exit(compare() if sys.argv[1:] == ["compare"] else within_environment())
