// A peer's process, seen from the one that compares.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/**
 * Starts a process whose standard input takes requests and whose standard output gives answers, one
 * line of JSON each. What it writes to standard error is kept, for when it ends without an answer.
 */
export function startProcess({ command, args, env }) {
  const child = spawn(command, args, { env: { ...process.env, ...env } });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let complaints = "";
  child.stderr.on("data", (chunk) => (complaints = `${complaints}${chunk}`.slice(-2000)));
  let failure;
  child.on("error", (error) => (failure = error));
  // A request to a process that has ended is answered by the end of its output.
  child.stdin.on("error", () => undefined);

  return {
    async answer() {
      const { value, done } = await lines.next();
      if (done) throw new Error(failure?.message ?? reason(complaints));
      const { error, ...message } = JSON.parse(value);
      if (error) throw new Error(error);
      return message;
    },

    request(request, details = {}) {
      child.stdin.write(`${JSON.stringify({ request, ...details })}\n`);
      return this.answer();
    },

    end: () => child.kill(),
  };
}

/** The line of an error report that names the error. */
function reason(complaints) {
  const lines = complaints.trim().split("\n");
  return lines.findLast((line) => /^\w*Error\b/.test(line)) ?? lines.at(-1) ?? "it ended";
}
