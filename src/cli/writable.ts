import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Checks before a long run that its result can be written.
 * @param option option that names the file, for errors
 * @throws Error if the file is a folder, or its folder does not exist or is not writable
 */
export async function checkWritable(option: string, file: string): Promise<void> {
  if (await isFolder(file)) throw new Error(`${option}: expected a file, got the folder "${file}"`);
  const folder = dirname(file);
  if (!(await isFolder(folder))) throw new Error(`${option}: there is no folder "${folder}"`);
  await access(folder, constants.W_OK).catch((cause: unknown) => {
    throw new Error(`${option}: the folder "${folder}" is not writable`, { cause });
  });
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}
