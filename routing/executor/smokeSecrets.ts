import { readable } from "../../docker/containerReport";
import type { SmokeRequest } from "../../model/rollout";

/** What was sent in headers, as `NAME=text`: it is shown nowhere, whoever sends it back. */
export const sentSecrets = (requests: readonly Pick<SmokeRequest, "headers">[]): string[] =>
  requests.flatMap(({ headers }) =>
    Object.entries(headers).flatMap(([name, text]) => [`${name}=${text}`, `${name}=${text.split(" ").at(-1)}`]),
  );

/** Shows of a text its beginning in one line, without these secrets; of what is no text nothing. */
export const shownText =
  (secrets: readonly string[]) =>
  (text: string): string => {
    const [line = ""] = readable(text.replaceAll(/\s+/g, " ").trim(), secrets);
    return line.includes("\ufffd") ? "(no text)" : line;
  };
