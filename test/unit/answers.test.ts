import assert from "node:assert/strict";
import { countsOf, healthOf } from "../../haproxy/control/counters";
import { together } from "../../model/counts";
import { isNotRunning } from "../../haproxy/control/truncated";
import { envValue, mapValue, serversOf, workersOf } from "../../haproxy/control/answers";

const PROC = `#<PID>          <type>          <reloads>       <uptime>        <version>
106             master          1 [failed: 0]   0d00h00m24s     3.0.11
# workers
140             worker          0               0d00h00m02s     3.0.11
# old workers
121             worker          1               0d00h00m24s     3.0.11
# programs

`;

const STATE = `1
# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port
3 web-blue 2 s2 172.21.0.4 2 4 0 1 23 15 3 2 6 0 0 0 web-blue-2-a638db2 80
3 web-blue 1 s1 172.21.0.3 2 4 1 1 23 15 3 4 6 0 0 0 web-blue-1-b781945 80
3 web-blue 3 s3 127.0.0.1 0 5 1 1 24 1 0 0 14 0 0 0 - 80
3 web-blue 4 s4 172.21.0.9 0 1 1 1 24 1 0 0 14 0 0 0 bluegreen-proxy 80
4 web-green 1 s1 172.22.0.3 0 8 1 1 23 15 2 0 6 0 0 0 web-green-1-ffff 80
`;

const STAT = `# pxname,svname,scur,stot,status,check_status,check_code,last_chk,
web-blue,s1,7,900,UP,L7OK,200,,
web-blue,s2,0,0,UP,L7OK,200,,
web-green,s1,1,5,DOWN,L7STS,500,"Internal, Server Error",
`;

describe("HAProxy's answers", () => {
  it("list the workers, new and old", () => {
    assert.deepEqual(workersOf(PROC), [
      { pid: 140, old: false },
      { pid: 121, old: true },
    ]);
    assert.deepEqual(workersOf(""), []);
  });

  it("hold a share only if it is a whole number", () => {
    assert.equal(mapValue("0x55 web 2500\n", "web"), 2_500);
    assert.equal(mapValue("0x55 web 25:00\n", "web"), undefined);
    assert.equal(mapValue("0x55 other 1\n", "web"), undefined);
  });

  it("name the settings", () => assert.equal(envValue("BLUEGREEN_SETTINGS=abc\n", "BLUEGREEN_SETTINGS"), "abc"));

  it("tell the slots in order: names, admission, weight, health, requests", () => {
    const { blue, green } = serversOf(STATE, STAT, "web");
    assert.deepEqual(
      blue.map(({ name }) => name),
      ["web-blue-1-b781945", "web-blue-2-a638db2", undefined, undefined],
    );
    assert.deepEqual(blue[0], {
      slot: "s1",
      name: "web-blue-1-b781945",
      enabled: true,
      weight: 1,
      healthy: true,
      check: "L7OK 200",
      connections: 7,
      total: 900,
    });
    assert.deepEqual(green[0], {
      slot: "s1",
      name: "web-green-1-ffff",
      enabled: false,
      weight: 1,
      healthy: false,
      check: "L7STS 500 Internal, Server Error",
      connections: 1,
      total: 5,
    });
    assert.equal(blue[2]!.enabled, false);
  });

  it("go by the last check while the next one runs", () => {
    const running = STAT.replaceAll(/L7(OK|STS),\d+,(".*")?/g, "* L7$1,0,");
    const [{ blue, green }, before] = [serversOf(STATE, running, "web"), serversOf(STATE, STAT, "web")];
    for (const color of ["blue", "green"] as const)
      assert.deepEqual(
        serversOf(STATE, running, "web")[color].map(({ healthy }) => healthy),
        before[color].map(({ healthy }) => healthy),
      );
    assert.equal(blue[0]!.healthy, true);
    assert.equal(green[0]!.check, "L7STS (checked again just now)");
  });

  it("do not take the check of a slot's last occupant for the new one's", () => {
    const { healthy, check } = serversOf(STATE, STAT, "web").blue[1]!;
    assert.deepEqual([healthy, check], [false, "not checked yet"]);
  });
});

describe("Docker's answers about a proxy that has just stopped", () => {
  const answer = (statusCode: number, message: string) => Object.assign(new Error(message), { statusCode });

  it("mean that it does not run, also where it stopped between the making of a command and its start", () => {
    const meanwhile =
      "(HTTP code 500) container not running - Container f1d is not running: Exited (0) Less than a second ago ";
    for (const error of [answer(404, "no such container"), answer(409, "is restarting"), answer(500, meanwhile)])
      assert.ok(isNotRunning(error), error.message);
    assert.ok(!isNotRunning(answer(500, "(HTTP code 500) server error - no space left on device")));
    assert.ok(!isNotRunning(new Error("is not running")));
  });
});

describe("HAProxy's counters", () => {
  const TABLE = `# table: answers, type: string, size:16, used:2
0x7f: key=green use=1 exp=0 shard=0 gpc0=500 gpc1=3 gpc2=9 gpc3=80 gpc4=70 gpc5=60 gpc6=50 gpc7=40 gpc8=30 gpc9=20 gpc10=10 gpc11=5 gpc12=1
0x80: key=blue use=0 exp=0 shard=0 gpc0=7 gpc1=0 gpc2=0 gpc3=0 gpc4=0 gpc5=0 gpc6=0 gpc7=0 gpc8=0 gpc9=0 gpc10=0 gpc11=0 gpc12=0
`;
  const STATS = `# pxname,svname,stot,econ,wretr,wredis,chkdown,
web-blue,s1,900,1,2,4,5,
web-blue,s2,100,0,0,0,0,
web-green,s1,50,0,1,0,2,
production,FRONTEND,9999,9,9,9,,
`;

  it("are those of each color: answers, 5xx, slow ones, by their times; requests and retries of its replicas", () => {
    const { blue, green } = countsOf(TABLE, STATS, "web");
    assert.deepEqual([green.answers, green.errors, green.slow], [500, 3, 9]);
    assert.deepEqual(green.longer, [80, 70, 60, 50, 40, 30, 20, 10, 5, 1]);
    assert.deepEqual([blue.answers, blue.requests, blue.retries], [7, 1_000, 7]);
  });

  it("are none in a worker that was not told to count", () => {
    const { blue, green } = countsOf("No such table\n", STATS, "web");
    assert.deepEqual([blue.answers, green.answers, green.longer.length], [0, 0, 10]);
    assert.equal(countsOf("", "", "web").blue.requests, 0);
  });

  it("tell which replicas that take traffic are up, and how often each went down", () => {
    const { blue, green } = healthOf(STATE, STATS, "web");
    assert.deepEqual(blue, [{ name: "web-blue-1-b781945", up: true, downs: 5 }], "one without weight takes none");
    assert.deepEqual(green, [], "one that drains takes no traffic");
    const down = STATE.replace("s1 172.21.0.3 2 4", "s1 172.21.0.3 0 4");
    assert.equal(healthOf(down, STATS, "web").blue[0]?.up, false);
  });

  it("find a replica down only if all proxies do, and as often as the one that saw least of it", () => {
    const of = (up: boolean, downs: number) => ({ blue: [{ name: "a", up, downs }], green: [] });
    assert.deepEqual(together([of(false, 3), of(true, 1)]), of(true, 1));
    assert.deepEqual(together([of(false, 3), of(false, 2)]), of(false, 2));
    assert.deepEqual(together([]), { blue: [], green: [] });
  });
});
