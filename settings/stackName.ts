/** Which stack this is. */
export interface StackIdentity {
  /** The Pulumi project's name. */
  project: string;
  /** The stack's name, without its organization. */
  name: string;
}

/** A label of a DNS name has no more letters. */
const LONGEST_LABEL = 63;
/** The longest that stands before and after the stack's name in that of a replica: HAProxy asks Docker's DNS for it. */
const [BEFORE, AFTER] = ["web-green-200-", "-0a1b2c3"];

/**
 * Why containers cannot carry a stack's name, if so.
 *
 * @param autonaming what the stack's config says in `pulumi:autonaming`: it may leave the stack's name out
 */
export function stackNameFault({ name }: StackIdentity, autonaming: string | undefined): string | undefined {
  if (!autonaming?.includes("${stack}")) return undefined;
  const labels = `${BEFORE}${name}${AFTER}`.split(".");
  if (labels.every((label) => label.length > 0 && label.length <= LONGEST_LABEL)) return undefined;
  const most = LONGEST_LABEL - BEFORE.length - AFTER.length;
  return (
    `the stack's name is part of its containers' names, which Docker's DNS must take: got ${JSON.stringify(name)}, ` +
    `allowed are ${most} letters, digits, "-" and "_"; nothing was changed. Another name, or names without it:\n` +
    `      pulumi stack rename ${name.replaceAll(/\.+/g, "-").slice(0, most)}\n` +
    "      pulumi config set --path pulumi:autonaming.pattern '${name}-${hex(7)}'"
  );
}
