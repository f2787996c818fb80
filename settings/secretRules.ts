import { at, memberOf, setCommand, type Fault } from "./fault";
import { asText, isMap } from "./values";

/** Whether a value stands in the stack's file for everyone to read. */
export type IsPlain = (path: readonly string[], text: string) => boolean;

interface Hidden {
  key: string;
  path: string[];
}

const LOGINS = ["registry", "blue.registry", "green.registry"];
const SECRETS = ["app.secrets", "blue.secrets", "green.secrets"];

/** What nobody should read in the stack's file: the registries' passwords, and what Swarm keeps. */
function hiddenKeys(raw: unknown): Hidden[] {
  const files = SECRETS.flatMap((key) => {
    const all = at(raw, key.split("."));
    return isMap(all)
      ? Object.keys(all).map((name) => ({ key: memberOf(key, name), path: [...key.split("."), name] }))
      : [];
  });
  return [...LOGINS.map((login) => ({ key: `${login}.password`, path: [...login.split("."), "password"] })), ...files];
}

/** What is only for `--secret` is refused where it stands in the stack's file for everyone to read. */
export const secretRules = (raw: Record<string, unknown>, secret: ReadonlySet<string>, isPlain: IsPlain): Fault[] =>
  hiddenKeys(raw).flatMap(({ key, path }): Fault[] => {
    const text = asText(at(raw, path));
    if (text === undefined || (secret.has(path[0]!) && !isPlain(path, text))) return [];
    const allowed = "only as a secret: as it is, whoever has the stack file can read it";
    return [{ key, got: "[hidden]", allowed, mend: setCommand(key, "--secret") }];
  });
