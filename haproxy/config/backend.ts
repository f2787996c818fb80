import type { Color } from "../../model/color";
import { applicationsOf, checks, intervals } from "./checks";
import { lines } from "./lines";
import { backendName } from "./names";
import { SMOKE, SMOKE_SERVER } from "./smoke";
import { dnsName, numberOf } from "./tasks";
import type { HaproxyInputs } from "./settings";
import { applicationKey } from "../../model/application";
import { type Slot, slotName } from "../../model/slot";

/** How many passed checks in a row make a server UP. */
export const CHECK_RISE = 2;

/** What a free slot points at. */
export const NOWHERE = "127.0.0.1";

/** Before the list of a backend's applications, which {@link readConfig} reads back: a server's number in it ends its line. */
export const APPLICATIONS = "# applications: ";
/** Before a task's number, which ends its line. */
export const TASK = "task";

function server(slot: Slot, color: Color, index: number, inputs: HaproxyInputs, keys: readonly string[]): string {
  const { name, gated, application } = slot;
  const own = inputs.colors[color];
  const named = slotName(color, index);
  const number = inputs.swarm && name !== undefined ? numberOf(name) : undefined;
  const notes = [
    ...(application ? [keys.indexOf(applicationKey(application))] : []),
    ...(number === undefined ? [] : [TASK, number]),
  ];
  return [
    `  server ${named} ${name === undefined ? NOWHERE : dnsName(name, inputs.swarm)}:${(application ?? own).port}`,
    ...(inputs.stickyReplica ? [`cookie ${named}`] : []),
    ...(application ? [intervals(application)] : []),
    ...(name && gated ? [] : ["disabled"]),
    ...(notes.length > 0 ? ["#", ...notes] : []),
  ].join(" ");
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

/**
 * A smoke request goes to the replica that it names, and nowhere else: also to one without weight, and to one that has failed
 * since. The first rule that holds counts, so these stand before that of {@link replicaCookie}.
 */
const smoke = lines(`force-persist if ${SMOKE}`, `use-server %[${SMOKE_SERVER}] if ${SMOKE}`);

/** A color's replicas. */
export function backend(inputs: HaproxyInputs, color: Color, slots: readonly Slot[]): string {
  const { site, colors, limits, stickyReplica, swarm } = inputs;
  const keys = applicationsOf(colors[color], slots).map(applicationKey);
  // A replica may be in two slots, with two checks: without allow-dup-ip only one of them would get its address. Of the slots with a
  // service's name, each is to get another one.
  const rules = lines(
    `${APPLICATIONS}[${keys.join(",")}]`,
    "balance leastconn",
    `default-server check ${intervals(colors[color])} rise ${CHECK_RISE} fall 3 maxconn ${limits.replicaConnections} resolvers docker${swarm ? "" : " resolve-opts allow-dup-ip"} init-addr last,libc,none`,
  );
  return `
backend ${backendName(site, color)}${rules}${checks(inputs, color, slots)}${inputs.smoke ? smoke : ""}
${stickyReplica ? replicaCookie(inputs, color, slots) : ""}${slots.map((slot, index) => server(slot, color, index, inputs, keys)).join("\n")}`;
}
