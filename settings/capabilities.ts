import { matching } from "./values";

/** All of capabilities(7) in Linux 6: Docker refuses a name that it does not know. */
const KNOWN = new Set(
  `ALL AUDIT_CONTROL AUDIT_READ AUDIT_WRITE BLOCK_SUSPEND BPF CHECKPOINT_RESTORE CHOWN DAC_OVERRIDE DAC_READ_SEARCH
  FOWNER FSETID IPC_LOCK IPC_OWNER KILL LEASE LINUX_IMMUTABLE MAC_ADMIN MAC_OVERRIDE MKNOD NET_ADMIN NET_BIND_SERVICE
  NET_BROADCAST NET_RAW PERFMON SETFCAP SETGID SETPCAP SETUID SYSLOG SYS_ADMIN SYS_BOOT SYS_CHROOT SYS_MODULE SYS_NICE
  SYS_PACCT SYS_PTRACE SYS_RAWIO SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG WAKE_ALARM`.split(/\s+/),
);

/** The name of a Linux capability, with its `CAP_` or without. */
export function capabilityName(raw: unknown): string | undefined {
  const name = matching(/^[A-Z_]+$/)(raw);
  return name !== undefined && KNOWN.has(name.replace(/^CAP_/, "")) ? name : undefined;
}
