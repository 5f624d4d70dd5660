import { readFile } from "node:fs/promises";
import type { Environment } from "./environment.ts";
import type { Measurement, Result } from "./result.ts";

/** Results of other programs for the same works: `{ "environment": {…}, "results": [{…}] }`. */
export interface Peers {
  readonly environment: Readonly<Record<string, unknown>>;
  readonly results: readonly Result[];
}

/** Everything about a run: content of the file of --json, and data of the page of --html. */
export interface Report {
  readonly environment: Environment;
  /** Speed of each peak loop. Products and large steps are compared with the fastest one. */
  readonly peak: readonly { readonly loop: string; readonly gflops: number }[];
  /** Groups of works, in the order of the tables. */
  readonly groups: readonly { readonly name: string; readonly works: readonly string[] }[];
  readonly results: readonly Measurement[];
  readonly peers: Peers | null;
}

/**
 * Reads a file of peers, which may be the file of another run of gradlane.
 * @throws Error if the file cannot be read or has other content
 */
export async function readPeers(file: string): Promise<Peers> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new Error(`there is no file "${file}" to read`, { cause });
  });
  const parsed = parse(file, text);
  const { environment = {}, results } = isObject(parsed) ? parsed : {};
  if (!Array.isArray(results) || !isObject(environment)) {
    throw new Error(`"${file}": expected an environment and a list of results, got other JSON`);
  }
  if (!results.every(isResult)) {
    const fields = "peer, version, work, milliseconds above 0 and maybe gflops";
    const got = JSON.stringify(results.find((result) => !isResult(result)));
    throw new Error(`"${file}": expected results with ${fields}, got ${got}`);
  }
  const isOwn = "gradlane" in environment;
  return {
    environment,
    results: isOwn ? results.map(ranBefore) : results.filter(byOthers).map(plain),
  };
}

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`"${file}": expected JSON, got other text`, { cause });
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isResult(value: unknown): value is Result {
  if (!isObject(value)) return false;
  const { peer, version, work, milliseconds, gflops = 1 } = value;
  return (
    [peer, version, work].every((field) => typeof field === "string") &&
    [milliseconds, gflops].every((field) => typeof field === "number" && field > 0)
  );
}

/** Returns a result without any other fields that the file has. */
function plain({ peer, version, work, milliseconds, gflops }: Result): Result {
  return { peer, version, work, milliseconds, ...(gflops !== undefined && { gflops }) };
}

/** Returns a result of an earlier run; gradlane's own get another name than those of this run. */
function ranBefore(result: Result): Result {
  if (byOthers(result)) return plain(result);
  return plain({ ...result, peer: `gradlane ${result.version}, ran before` });
}

/** Returns true for a result of another program; files of peers have gradlane's own too. */
function byOthers({ peer }: Result): boolean {
  return peer !== "gradlane";
}
