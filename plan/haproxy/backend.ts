import type { Color, PerColor } from "../types";
import { backendName, slotName } from "./names";
import type { HaproxyInputs, Slot } from "./settings";

/** So many checks in a row make a server UP. */
export const CHECK_RISE = 2;

function server({ name, gated }: Slot, color: Color, index: number, { colors, stickyReplica }: HaproxyInputs): string {
  const slot = slotName(color, index);
  const cookie = stickyReplica ? ` cookie ${slot}` : "";
  return `  server ${slot} ${name ?? "127.0.0.1"}:${colors[color].port}${cookie}${name && gated ? "" : " disabled"}`;
}

/** A cookie opens even a slot without weight, whose replica has not passed yet, so it is not obeyed there. */
function replicaCookie({ site, tls }: HaproxyInputs, color: Color, slots: readonly Slot[]): string {
  const name = `${site}-replica`;
  const closed = slots.map((_, index) => {
    const slot = slotName(color, index);
    return `  ignore-persist if { req.cook(${name}) -m str ${slot} } { srv_uweight(${backendName(site, color)}/${slot}) eq 0 }`;
  });
  return `  cookie ${name} insert indirect nocache httponly${tls?.redirect ? " secure" : ""} attr SameSite=Lax\n${closed.join("\n")}\n`;
}

/** A color's replicas. */
export function backend(inputs: HaproxyInputs, color: Color, slots: readonly Slot[]): string {
  const { site, colors, limits, stickyReplica } = inputs;
  const { health } = colors[color];
  const quick = Math.min(health.interval, 250);
  return `
backend ${backendName(site, color)}
  balance leastconn
  option httpchk
  timeout check ${health.timeout}ms
  http-check send meth GET uri ${health.path} ver HTTP/1.1 hdr Host ${site}
  http-check expect status 200-399
  default-server check inter ${health.interval}ms fastinter ${quick}ms downinter ${quick}ms rise ${CHECK_RISE} fall 3 maxconn ${limits.replicaConnections} resolvers docker init-addr last,libc,none
${stickyReplica ? replicaCookie(inputs, color, slots) : ""}${slots.map((slot, index) => server(slot, color, index, inputs)).join("\n")}`;
}

/** The slots that a text names: what a proxy that starts now would run. */
export function slotsOf(text: string, site: string): PerColor<Slot[]> {
  const read = (color: Color) => {
    const [, body = ""] = text.split(`\nbackend ${backendName(site, color)}\n`);
    const lines = (body.split("\nbackend ")[0] ?? "").matchAll(
      /^ {2}server \S+ (\S+):\d+(?: cookie \S+)?( disabled)?$/gm,
    );
    return [...lines].map(([, name, disabled]): Slot =>
      name === "127.0.0.1" ? { gated: false } : { name, gated: !disabled },
    );
  };
  return { blue: read("blue"), green: read("green") };
}
