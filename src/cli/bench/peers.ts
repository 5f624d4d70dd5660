import { readFile } from "node:fs/promises";
import type { Environment } from "./environment.ts";
import type { Measurement, Result } from "./result.ts";

/** What other programs needed for the same works: `{ "environment": {…}, "results": [{…}] }`. */
export interface Peers {
  readonly environment: Readonly<Record<string, unknown>>;
  readonly results: readonly Result[];
}

/** Everything about a run: the file that --json writes, and the data of the page of --html. */
export interface Report {
  readonly environment: Environment;
  /** Peak loops in GFLOPS. Products and large steps are compared with the fastest one. */
  readonly peak: readonly { readonly loop: string; readonly gflops: number }[];
  /** Groups of works, in the order of the tables. */
  readonly groups: readonly { readonly name: string; readonly works: readonly string[] }[];
  readonly results: readonly Measurement[];
  readonly peers: Peers | null;
}

/**
 * Reads a file of peers; the file of another run of gradlane is one too.
 * @throws Error that says what is wrong with it, in one line
 */
export async function readPeers(file: string): Promise<Peers> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new Error(`there is no file "${file}" to read`, { cause });
  });
  const parsed = parse(file, text);
  const { environment = {}, results } = isRecord(parsed) ? parsed : {};
  if (!Array.isArray(results) || !isRecord(environment)) {
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
    results: isOwn ? results.map(before) : results.filter(byOthers).map(plain),
  };
}

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`"${file}": expected JSON, got other text`, { cause });
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isResult(value: unknown): value is Result {
  if (!isRecord(value)) return false;
  const { peer, version, work, milliseconds, gflops = 1 } = value;
  return (
    [peer, version, work].every((field) => typeof field === "string") &&
    [milliseconds, gflops].every((field) => typeof field === "number" && field > 0)
  );
}

/** Without what else a file tells of a result. */
function plain({ peer, version, work, milliseconds, gflops }: Result): Result {
  return { peer, version, work, milliseconds, ...(gflops !== undefined && { gflops }) };
}

/** Another run of gradlane must not pass for this one. */
function before(result: Result): Result {
  if (byOthers(result)) return plain(result);
  return plain({ ...result, peer: `gradlane ${result.version}, ran before` });
}

/** Peers are measured beside gradlane, which stands in their file too. */
function byOthers({ peer }: Result): boolean {
  return peer !== "gradlane";
}
