import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { takesPackages } from "../../scripts/common/packages";

/** A program out of Debian's package of the same name, unpacked below a folder: installed, it would also be a service that starts by itself. */
export async function unpacked(name: string, folder: string): Promise<string> {
  const program = join(folder, "package", "usr", "bin", name);
  if (existsSync(program)) return program;
  const download = () => execa("apt-get", ["download", name], { cwd: folder });
  await download().catch(async () => {
    if (!takesPackages()) throw new Error(`this test needs Debian's ${name}: install it`);
    await execa("apt-get", ["update"]);
    await download();
  });
  const file = readdirSync(folder).find((one) => one.endsWith(".deb"))!;
  await execa("dpkg-deb", ["-x", file, "package"], { cwd: folder });
  return program;
}
