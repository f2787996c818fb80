import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { demoEnvironment } from "./demo";
import { dockerVariables } from "./setup/docker";
import { locate, projectFolder } from "./setup/engineLayout";

// pulumi.ts COMMAND [ARGS…]: the pinned engine with the policy pack, on the demo's stack unless another one is named.
const [command = "", ...args] = process.argv.slice(2);
const { bin } = locate();
const binary = join(bin, "pulumi");
if (!existsSync(binary)) {
  console.error(`Pulumi is not in ${bin}: run npm start once.`);
  process.exit(1);
}
const named = args.some((arg) => arg === "-s" || arg.startsWith("--stack"));
const env = named || process.env.PULUMI_BACKEND_URL ? { PATH: `${bin}:${process.env.PATH}` } : demoEnvironment(bin);
const policy = command === "up" || command === "preview" ? ["--policy-pack", "policy"] : [];

const child = spawn(binary, [command, ...policy, ...args], {
  cwd: projectFolder,
  stdio: "inherit",
  env: { ...process.env, ...env, ...dockerVariables() },
});
// A terminal gives Ctrl-C to the engine by itself, and the engine takes a second one as "at once".
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.on(signal, () => {
    if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
  });
child.on("exit", (code) => process.exit(code ?? 1));
