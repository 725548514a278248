"""Print a trace as a line of JSON: what xprof's reader finds in it, and what its trace viewer would draw."""

import json
import sys

from xprof.convert import raw_to_tool_data
from xprof.profile_data import ProfileData

path = sys.argv[1]
spans = []
for plane in ProfileData.from_file(path).planes:
    for line in plane.lines:
        for event in line.events:
            spans.append({
                "plane": plane.name,
                "line": line.name,
                "name": event.name,
                "start_ns": event.start_ns,
                "duration_ns": event.duration_ns,
                "stats": [[str(key), str(value)] for key, value in event.stats],
            })
drawn, _ = raw_to_tool_data.xspace_to_tool_data([path], "trace_viewer", {})
print(json.dumps({"spans": spans, "drawn": json.loads(drawn)["traceEvents"]}))
