/** A message of the command line on one line: what follows the first line is indented by two. */
export function unwrapped(message: string): string {
  return message.replaceAll("\n  ", " ");
}
