"""Lists the public methods of Python's writers of event files, from their sources: python_writers.json.

    pip install --no-deps torch==2.15.0 tensorboardX==2.6.5
    python tests/data/python_writers.py
"""

import ast
import json
from importlib.metadata import distribution
from pathlib import Path

WRITERS = [
    ("torch", "torch/utils/tensorboard/writer.py", "SummaryWriter"),
    ("tensorboardX", "tensorboardX/writer.py", "SummaryWriter"),
    ("tensorboardX", "tensorboardX/global_writer.py", "GlobalSummaryWriter"),
]

found = []
for package, path, name in WRITERS:
    package = distribution(package)
    tree = ast.parse(Path(package.locate_file(path)).read_text())
    (body,) = [node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name]
    functions = [node for node in body if isinstance(node, ast.FunctionDef)]
    is_property = lambda node: any(getattr(one, "id", "") == "property" for one in node.decorator_list)
    names = [node.name for node in functions if not is_property(node)]
    methods = sorted(name for name in names if not name.startswith("_"))
    found.append({"package": package.name, "version": package.version, "class": name, "methods": methods})
Path(__file__).with_name("python_writers.json").write_text(json.dumps(found, indent=1) + "\n")
