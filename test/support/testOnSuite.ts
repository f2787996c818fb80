import { surviving } from "../../scripts/common/cli";
import { failed } from "../../scripts/common/failed";
import { SetupError } from "../../scripts/common/step";
import { SuiteDockerd } from "./suiteDockerd";

// testOnSuite.ts SUITE [FILES OR FOLDERS…]: the tests on the dockerd of a suite of Debian, which is taken away after that.
async function main([suite = "", ...files]: string[]): Promise<void> {
  if (!/^[a-z]+$/.test(suite))
    throw new SetupError("npm run test:docker -- SUITE [FILES OR FOLDERS…]: the suite of Debian is sid, trixie, …");
  const dockerd = new SuiteDockerd(suite);
  const run = async () => {
    try {
      const version = await dockerd.start(console.log);
      console.log(`Docker ${version} of Debian ${suite}`);
      const code =
        (await dockerd.script("this network", "setup.ts")) ||
        (await dockerd.script("its network", "test.ts", ...files));
      console.log(`that was Docker ${version} of Debian ${suite}`);
      return code;
    } finally {
      await dockerd.remove();
    }
  };
  process.exitCode = await surviving((signal) => dockerd.interrupt(signal), run());
}

main(process.argv.slice(2)).catch(failed);
