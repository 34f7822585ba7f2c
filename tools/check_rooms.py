#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""check_rooms.py ROOT: a room includes only rooms before it in the list `rooms` of meson.build, the program nothing
that is private. Prints what breaks the order; ends with 1 when something does."""
import pathlib
import re
import sys

# Public headers that are not named after their room.
IN_ROOM = {"text": "base", "options": "base", "parameters": "base", "parameter_ids": "base", "units": "base",
           "statistics": "base", "frame": "base", "meta": "stats", "meta_checks": "stats", "survival": "stats",
           "meta_bayes": "stats", "meta_levels": "stats", "meta_medians": "stats", "meta_counts": "stats",
           "trunk": "tree", "agent": "embolic", "bed": "embolic", "samples": "embolic", "pooled": "evidence",
           "figures": "report", "evidence_report": "report"}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


def main():
    root = pathlib.Path(sys.argv[1])
    listed = re.search(r"^rooms = \[(.*?)\]", (root / "meson.build").read_text(), re.M | re.S).group(1)
    order = re.findall(r"'(\w+)'", listed)
    wrong = []

    def room_of(header):
        name = pathlib.PurePath(header).stem
        return IN_ROOM.get(name, name)

    def check(path, room):
        place = order.index(room) if room in order else len(order)
        for kind, name in INCLUDE.findall(path.read_text()):
            if name.startswith("stasis/"):
                if name == "stasis/stasis.h":
                    late = room in order
                else:
                    late = room_of(name) not in order[:place + 1]
                if late:
                    wrong.append(f"{path.relative_to(root)}: the room {room} may not include {name}")
            elif kind == '"':
                private = [path.parent / name] + ([] if room == "cli" else [root / "src/base" / name])
                generated = name == "parameter_ids.h"
                if not generated and not any(p.exists() for p in private):
                    wrong.append(f"{path.relative_to(root)}: {name} is no header of the room {room}")

    for path in sorted(root.glob("src/*/*.[ch]")):
        check(path, path.parent.name)
    for path in sorted(root.glob("include/stasis/*.h")):
        if path.name != "stasis.h":
            check(path, room_of(path.name))
    print("\n".join(wrong) or f"{len(order)} rooms in order")
    return 1 if wrong else 0


sys.exit(main())
