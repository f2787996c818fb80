// eslint-disable-next-line @typescript-eslint/no-require-imports -- the module itself: of a namespace nothing can be set
import debuggable = require("@pulumi/pulumi/runtime/debuggable");

/** What Pulumi's module holds; its types leave it out. */
export interface Debuggable {
  debugPromiseLeaks: boolean;
  debuggablePromise: <T>(promise: Promise<T>, context: unknown) => Promise<T>;
}

/**
 * Keeps Pulumi from formatting a stack for every property of every resource. It shows them only where it looks for
 * promises that never end (`PULUMI_DEBUG_PROMISE_LEAKS`), and there they stay. They were 0.5 of the 4.0 s of processor
 * time that a preview of 3 + 3 replicas takes. Errors keep their stacks.
 */
export function skipPromiseStacks(runtime: Debuggable): void {
  if (runtime.debugPromiseLeaks) return;
  const { debuggablePromise } = runtime;
  runtime.debuggablePromise = (promise, context) => {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    try {
      return debuggablePromise(promise, context);
    } finally {
      Error.stackTraceLimit = limit;
    }
  };
}

skipPromiseStacks(debuggable as unknown as Debuggable);
