import { train } from "../../train.mjs";

// Trains on the server, for every request.
export async function GET({ nextUrl }) {
  return Response.json(await train({ threads: Number(nextUrl.searchParams.get("threads")) }));
}
