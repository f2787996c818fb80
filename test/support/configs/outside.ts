import type { Assets } from "../../../settings/assets";

/** Pages as long as their names say, and this certificate for every pair of files, as one of its own each time. */
export const outsideWith = (pem: string): Assets => ({
  page: (path) => ({ text: "x".repeat(Number(/\d+/.exec(path)?.[0] ?? 1)) }),
  certificate: ({ certificate }) => ({
    pem: `# ${certificate}\n${pem}`,
    expires: new Date(Date.now() + 365 * 86_400_000),
    subject: certificate,
    covers: () => true,
  }),
  isPlain: () => false,
});
