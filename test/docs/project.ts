import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import ts from "typescript";
import { root } from "./blocks.ts";

/** Folders in which the package is installed, and what runs in them. */

/** Output of a script, with the line that printed it. */
export interface Printed {
  readonly line: number;
  readonly text: string;
}

/** Stands before a script: says what it prints as JSON, with the line that printed it. */
const RECORDER = `
  import { formatWithOptions } from "node:util";
  console.log = (...values) => {
    const [, line] = /main\\.mjs:(\\d+)/.exec(new Error().stack) ?? [];
    const text = formatWithOptions({ colors: false }, ...values);
    process.stdout.write(JSON.stringify({ line: Number(line), text }) + "\\n");
  };
`;

export class Project {
  readonly folder = mkdtempSync(join(tmpdir(), "gradlane-docs-"));

  constructor() {
    mkdirSync(join(this.folder, "node_modules"));
    symlinkSync(root, join(this.folder, "node_modules", "gradlane"));
    this.write("package.json", '{ "type": "module" }');
    this.write("recorder.mjs", RECORDER);
  }

  /** Writes a file, and gives its path. */
  write(name: string, text: string | Uint8Array): string {
    const path = join(this.folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  /** Runs a script in Node, and gives what it printed. */
  async run(script: string): Promise<Printed[]> {
    this.write("main.mjs", script);
    const args = ["--import", "./recorder.mjs", "main.mjs"];
    const lines = (await this.execute(process.execPath, args)).trim().split("\n");
    return lines.filter(Boolean).map((line) => JSON.parse(line) as Printed);
  }

  /** Runs a program, and gives what it wrote; rejects with that if it fails. */
  async execute(program: string, args: readonly string[], cwd = this.folder): Promise<string> {
    return new Promise((resolve, reject) => {
      const options = { cwd, timeout: 90_000, env: { ...process.env, NO_COLOR: "1" } };
      execFile(program, args, options, (error, stdout, stderr) => {
        if (error) reject(new Error(`${program} ${args.join(" ")}\n${stdout}${stderr}`));
        else resolve(stdout);
      });
    });
  }

  /**
   * Returns the errors of the compiler for files, under the strictest flags: `docs-
   * threads.md/page.ts(66,41): …`.
   */
  faults(files: readonly string[]): string[] {
    const compiled = ts.createProgram(files, {
      module: ts.ModuleKind.NodeNext,
      target: ts.ScriptTarget.ES2023,
      types: ["node"],
      typeRoots: [`${root}node_modules/@types`],
      strict: true,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      skipLibCheck: true,
    });
    const text = ts.formatDiagnostics(ts.getPreEmitDiagnostics(compiled), {
      getCurrentDirectory: () => this.folder,
      getCanonicalFileName: (name) => name,
      getNewLine: () => "\n",
    });
    return text.split("\n").filter(Boolean);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}
