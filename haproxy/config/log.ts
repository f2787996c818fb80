import { lines } from "./lines";
import { NOBODY, REPLICAS_FILE, REQUEST_LOG_VARIABLE } from "./names";
import type { HaproxySettings } from "./settings";

/** The fields of a line of the access log, as HAProxy's log format writes them. Times end in `Ms`; -1: it did not come to that. */
const fields = (client: string) => [
  `%(time)[request_date(ms),ms_utime('%Y-%m-%dT%H:%M:%S.%NZ')]`,
  "%(id)[var(txn.id)]",
  "%(listener)f",
  `%(client)[${client}]`,
  "%(peer)ci",
  "%(host)[var(txn.host)]",
  "%(method)HM",
  "%(path)[var(txn.path),bytes(0,2000)]",
  "%(protocol)HV",
  "%(tls)sslv",
  "%(status:sint)ST",
  "%(color)[var(txn.color)]",
  `%(replica)[srv_name,map_str(${REPLICAS_FILE},${NOBODY})]`,
  "%(server)s",
  "%(headMs:sint)TR",
  "%(queueMs:sint)Tw",
  "%(connectMs:sint)Tc",
  "%(responseMs:sint)Tr",
  "%(totalMs:sint)Ta",
  "%(bytes:sint)B",
  "%(retries)rc",
  "%(state)tsc",
];

/**
 * The longest line in bytes. Docker splits a line at 16 kB. Path and host are cut short before that, and HAProxy cuts
 * a method at 1,024 bytes; quotes double what they are in.
 */
const LOG_LINE = 16_000;

/** The access log: one JSON object on a line. The path stands there without its query, which may hold a secret. */
const logFormat = (client: string) => `"%{+json}o ${fields(client).join(" ")}"`;

/** What stands in a line on a connection that brought no request: a failed handshake, or bytes that are none. */
const ERROR_FIELDS = [
  `%(time)[date(0,ms),ms_utime('%Y-%m-%dT%H:%M:%S.%NZ')]`,
  "%(listener)f",
  "%(client)[src]",
  "%(peer)ci",
  "%(tls)sslv",
  "%(status:sint)ST",
  "%(bytes:sint)B",
  "%(state)tsc",
  "%(connection)[fc_err_str]",
];

/** The line of the log for those. */
const ERROR_LOG_FORMAT = `"%{+json}o ${ERROR_FIELDS.join(" ")}"`;

type Log = Pick<HaproxySettings, "log">;

const target = (where: string, level: string) => `log ${where} len ${LOG_LINE} format raw daemon ${level}`;

/** A proxy of an earlier image keeps no files. */
const KEEPS_FILES = `.if defined(${REQUEST_LOG_VARIABLE})`;

/** What the whole process writes to its output: what HAProxy has to say, and requests; of these, where files have all, what failed. */
export const output = ({ log }: Log): string =>
  log === "files"
    ? lines(KEEPS_FILES, target("stdout", "notice"), ".else", target("stdout", "info"), ".endif")
    : lines(target("stdout", "info"));

/** Which requests are logged at all, and as what. */
export const logOptions = ({ log }: Log): string =>
  lines("log global", log === "errors" && "option dontlog-normal", log === "files" && "option log-separate-errors");

/** How a frontend logs. @param client the sample of who asks */
export const requestLog = ({ log }: Log, client: string): string =>
  lines(`log-format ${logFormat(client)}`, `error-log-format ${ERROR_LOG_FORMAT}`) +
  (log === "files" ? lines(KEEPS_FILES, target(`"\${${REQUEST_LOG_VARIABLE}}"`, "info"), ".endif") : "");
