import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const project = resolve(__dirname, "..", "..");
const WHO = ["-c", "user.name=somebody", "-c", "user.email=somebody@shop.test", "-c", "commit.gpgsign=false"];

/** This project in a repository of its own: as a server has it, and as a runner has checked its main branch out. */
export class ScratchProject {
  readonly folder = mkdtempSync(join(tmpdir(), "scratch-project-"));
  /** The runner's checkout. */
  readonly checkout = join(this.folder, "checkout");
  private readonly author = join(this.folder, "author");
  private readonly server = join(this.folder, "server.git");

  constructor() {
    const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
      cwd: project,
    });
    for (const file of listed
      .toString()
      .split("\0")
      .filter((name) => name !== "" && name !== "node_modules"))
      cpSync(join(project, file), join(this.author, file), { recursive: true, force: true });
    execFileSync("git", ["init", "--quiet", "--bare", "--initial-branch=main", this.server]);
    this.git("init", "--quiet", "--initial-branch=main");
    this.git("remote", "add", "origin", this.server);
    this.commit("the project", {});
    this.git("push", "--quiet", "origin", "main");
    execFileSync("git", ["clone", "--quiet", this.server, this.checkout]);
    symlinkSync(join(project, "node_modules"), join(this.checkout, "node_modules"));
  }

  /** Runs git where the author of a change works, and returns what it wrote. */
  git(...args: string[]): string {
    return execFileSync("git", [...WHO, ...args], { cwd: this.author, encoding: "utf8", stdio: "pipe" }).trim();
  }

  /** Commits files, and removes those without a text. Returns the commit's name. */
  commit(message: string, files: Record<string, string | undefined>): string {
    for (const [name, text] of Object.entries(files))
      if (text === undefined) rmSync(join(this.author, name));
      else writeFileSync(join(this.author, name), text);
    this.git("add", "--all", "--force", "Pulumi.*.yaml", ".");
    this.git("commit", "--quiet", "--allow-empty", "-m", message);
    return this.git("rev-parse", "HEAD");
  }

  /** Begins a branch from what the server's main is. */
  branch(name: string): void {
    this.git("fetch", "--quiet", "origin", "main");
    this.git("checkout", "--quiet", "-B", name, "origin/main");
  }

  /** Puts what the author has to the server, as a pull request or a branch. */
  push(ref: string): void {
    this.git("push", "--quiet", "--force", "origin", `HEAD:${ref}`);
  }

  /** Brings the runner's checkout to the server's main, without anything left of before. */
  update(): void {
    const git = (...args: string[]) => execFileSync("git", args, { cwd: this.checkout, stdio: "pipe" });
    git("fetch", "--quiet", "origin", "main");
    git("reset", "--quiet", "--hard", "origin/main");
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
