// Runs works on peers, in rounds that take the peers in a new order each time.
import { setTimeout } from "node:timers/promises";
import { shuffled } from "../shuffled.mjs";
import { startProcess } from "./process.mjs";
import { check, expected } from "./reference.mjs";
import { median, rounded } from "./statistics.mjs";

/** Most time that all samples of a slow trial take together, unless five take longer. */
const MOST_MILLISECONDS = 4000;
const FEWEST_ROUNDS = 5;

/** A peer at one kind of work, warm, in the process that serves all its works. */
async function preparedTrial(process, work, wanted) {
  const { unsupported, values, own } = await process.request("prepare", { work });
  if (unsupported) return undefined;
  check(wanted, values, own);
  const { milliseconds } = await process.request("warmUp", { name: work.name });
  const most = Math.max(FEWEST_ROUNDS, Math.floor(MOST_MILLISECONDS / milliseconds));
  return { most, sample: () => process.request("sample", { name: work.name }) };
}

/** A peer at work that is slow there: the last of the checked calls is its only sample. */
async function slowTrial(process, work, wanted) {
  const { unsupported, values, own, milliseconds } = await process.request("prepare", { work });
  if (unsupported) return undefined;
  check(wanted, values, own);
  return { most: 1, sample: () => ({ milliseconds }) };
}

/** A peer at work that takes a process of its own each time; the first one is not counted. */
async function freshTrial(command, work, wanted) {
  const sample = async () => {
    const process = startProcess({ ...command, args: [...command.args, JSON.stringify(work)] });
    try {
      const message = await process.answer();
      if (!message.unsupported) check(wanted, message.values, message.own);
      return message;
    } finally {
      process.end();
    }
  };
  return (await sample()).unsupported ? undefined : { most: work.rounds, sample };
}

/** Starts the peers that are installed, and tells `report` of the others. */
async function openPeers(peers, options, report) {
  const opened = [];
  for (const peer of peers) {
    report.status(`starting ${peer.name}`);
    const command = peer.start(options[peer.name] ?? {});
    const process = startProcess(command);
    try {
      const { version, remark } = await process.request("open");
      opened.push({ ...peer, version, remark, command, process });
    } catch (error) {
      process.end();
      report.problem(`${peer.name} is left out: ${error.message}`);
    }
  }
  return opened;
}

/** A peer at a work, checked and warm, or undefined if it cannot do it. */
function trialOf({ command, process, slow = [] }, work, wanted) {
  if (work.fresh) return freshTrial(command, work, wanted);
  const prepare = slow.includes(work.kind) ? slowTrial : preparedTrial;
  return prepare(process, work, wanted);
}

/** Every peer at every work that it can do, checked and warm; slow pairs only if they are wanted. */
async function prepareTrials(peers, works, wantsSlow, report) {
  const trials = [];
  for (const work of works) {
    const wanted = expected(work);
    for (const peer of peers) {
      report.status(`preparing ${work.name}: ${peer.name}`);
      try {
        if (peer.slow?.includes(work.kind) && !wantsSlow) throw new Error("it is slow (--slow)");
        const trial = await trialOf(peer, work, wanted);
        if (trial) trials.push({ peer, work, ...trial, samples: [] });
      } catch (error) {
        report.problem(`${peer.name} is left out of ${work.name}: ${error.message}`);
      }
    }
  }
  return trials;
}

function resultOf({ peer, work, samples }) {
  const milliseconds = rounded(median(samples));
  const perSecond = (amount) => rounded(amount / milliseconds / 1e6);
  return {
    ...{ peer: peer.name, version: peer.version, runs: peer.runs, threads: peer.threads ?? 1 },
    ...(peer.remark && { remark: peer.remark }),
    ...{ work: work.name, milliseconds },
    ...(work.flops && { gflops: perSecond(work.flops) }),
    ...(work.bytes && { gigabytesPerSecond: perSecond(work.bytes) }),
    samples: samples.map(rounded),
  };
}

/**
 * Milliseconds between a sample on several threads and the next: those of PyTorch and OpenBLAS look for
 * more work for 100 ms, measured, on the cores that the next peer is timed on.
 */
const REST = 150;

/** One sample of each of some trials; one that fails is told to `report` and marked. */
async function sampleAll(trials, report) {
  for (const trial of shuffled(trials)) {
    try {
      trial.samples.push((await trial.sample()).milliseconds);
      if (trial.peer.threads > 1) await setTimeout(REST);
    } catch (error) {
      trial.failed = true;
      report.problem(`${trial.peer.name} failed at ${trial.work.name}: ${error.message}`);
    }
  }
}

/**
 * Times works on peers.
 * @param wantsSlow whether a peer also does works that it takes seconds or minutes for, once
 * @param options of peers, by name
 * @param report { status(text), problem(text) }: where it is, and what is left out
 * @returns a result for each pair that could be timed: the median over all rounds, and the samples,
 *   one for each round from the first on
 */
export async function compare({ peers, works, rounds, wantsSlow, options, report }) {
  const opened = await openPeers(peers, options, report);
  try {
    const trials = await prepareTrials(opened, works, wantsSlow, report);
    for (let round = 1; round <= rounds; round++) {
      const open = trials.filter(({ most, failed }) => round <= most && !failed);
      for (const work of works) {
        report.status(`round ${round} of ${rounds}: ${work.name}`);
        const beside = open.filter((trial) => trial.work === work);
        await sampleAll(beside, report);
      }
    }
    return trials.filter(({ failed }) => !failed).map(resultOf);
  } finally {
    for (const { process } of opened) process.end();
  }
}
