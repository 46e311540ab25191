// SPDX-License-Identifier: Apache-2.0

// The checker as a command of Node:
//
//   node check_allocation.js INSTANCE.json SOLUTION.json
//   node check_allocation.js --lines < LINES
//
// The first prints one sentence. Exit code 0: every certificate holds; 6: one does not, or its
// document says what cannot be true; 2: the input cannot be read. The second reads one JSON object a
// line, {"instance", "solution", "holds", "condition"}, in which another checker states whether the
// certificate holds, and if not a condition that fails (under a rule: only that it does not hold). It counts the lines on which this checker says
// the same, and shows the first on which it does not (exit code 1). Where several conditions fail, the
// two may name different ones; those lines are counted as well.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";

import { Refusal } from "../base/refusal";
import { type Json, readJson, shownName } from "../codec/json";
import { type CertificateFault, checkCertificate, failingConditions } from "./certificate";
import { checkDivision, type Division, type DivisionFault } from "./division";
import {
    allocationFrom, divisionFrom, instanceFrom, instanceLimits, type NamedInstance, readDivisions,
    readInstances,
} from "./instance_json";
import type { Sha256 } from "./lottery";

/** WebCrypto would do, but hands each of the many short texts to another thread. */
const sha256: Sha256 = {
    digest: async (_, octets) => createHash("sha256").update(octets).digest(),
};

const exitHolds = 0;
const exitDiffers = 1;
const exitBadInput = 2;
const exitDoesNotHold = 6;

/** A line holds an instance and its solution, one level deeper than by themselves. */
const lineLimits = { octetsMax: 2 ** 22, depthMax: instanceLimits.depthMax + 1 };
const lineFeed = 0x0a;

/** What a line says under a rule, where one verdict covers all stages. */
const differs = "does not hold";

class Usage extends Error {}

async function main(options: string[]): Promise<number> {
    try {
        if (options.length === 1 && options[0] === "--lines") return await compareLines();
        const [instances, solutions] = options;
        if (options.length !== 2 || instances === undefined || solutions === undefined) {
            throw new Usage("usage: check_allocation INSTANCE.json SOLUTION.json | --lines");
        }
        return await checkFiles(instances, solutions);
    } catch (error) {
        const known = error instanceof Refusal || error instanceof Usage || isSystemError(error);
        if (!known) throw error;
        console.error(error.message);
        const untrue = error instanceof Refusal && error.reason === "exchange/bad-solution";
        return untrue ? exitDoesNotHold : exitBadInput;
    }
}

function isSystemError(error: unknown): error is Error {
    return error instanceof Error && "syscall" in error;
}

async function checkFiles(instanceFile: string, solutionFile: string): Promise<number> {
    const instances = await readInstances(await readFile(instanceFile), sha256);
    const divisions = readDivisions(await readFile(solutionFile), instances);
    for (const [number, named] of instances.entries()) {
        const fault = faultOf(named, divisions[number]!);
        if (fault !== undefined) {
            const which = named.name !== "" ? `${shownName(named.name)}: `
                : instances.length > 1 ? `Instance ${number}: ` : "";
            console.error(which + fault);
            return exitDoesNotHold;
        }
    }
    console.log(`Every certificate holds: ${instances.length} checked.`
        + " Exact shares and reasons are not part of it.");
    return exitHolds;
}

/** What does not hold, as a sentence. */
function faultOf(named: NamedInstance, division: Division): string | undefined {
    if (named.rule === undefined) {
        const fault = checkCertificate(named.instance, named.rounding, division.stages[0]!.allocation);
        return fault === undefined ? undefined : faultSentence(named, fault);
    }
    const fault = checkDivision(named.rule.pool, division);
    return fault === undefined ? undefined : stageSentence(division, fault);
}

function stageSentence(division: Division, { stage, certificate, what }: DivisionFault): string {
    if (stage === undefined) return `The division is not what the rule allows: ${what}.`;
    const { tier, choice } = division.stages[stage]!;
    const where = `tier ${tier + 1}, choice ${choice + 1}`;
    if (certificate === undefined) return `The stage of ${where} is not one: ${what}.`;
    return `The certificate of ${where} does not hold at C${certificate.condition}: ${what}.`;
}

function faultSentence(named: NamedInstance, fault: CertificateFault): string {
    const places = [
        fault.member === undefined ? "" : `, member ${shownName(named.members.list[fault.member]!)}`,
        fault.need === undefined ? "" : `, need ${shownName(named.needs.list[fault.need]!)}`,
        fault.offer === undefined ? "" : `, offer ${shownName(named.offers.list[fault.offer]!)}`,
    ];
    return `The certificate does not hold at C${fault.condition}${places.join("")}: ${fault.what}.`;
}

// --- against another checker ------------------------------------------------------------------

async function compareLines(): Promise<number> {
    let agree = 0;
    let differ = 0;
    let first = "";
    for await (const line of linesOf(process.stdin)) {
        const { stated, found } = await judgeLine(line);
        if (found[0] === stated) {
            ++agree;
        } else if (++differ === 1) {
            first = `First, line ${agree + 1}: stated "${stated}", found "${found.join(", ")}"\n`
                + Buffer.from(line).toString();
        }
    }
    console.log(`${agree} agree, ${differ} differ`);
    if (differ > 0) console.log(first);
    return differ > 0 ? exitDiffers : exitHolds;
}

async function* linesOf(stream: AsyncIterable<Buffer | string>): AsyncGenerator<Uint8Array> {
    let rest: Buffer = Buffer.alloc(0);
    for await (const chunk of stream) {
        rest = Buffer.concat([rest, Buffer.from(chunk)]);
        let begin = 0;
        for (;;) {
            const end = rest.indexOf(lineFeed, begin);
            if (end < 0) break;
            yield rest.subarray(begin, end);
            begin = end + 1;
        }
        rest = rest.subarray(begin);
        if (rest.length > lineLimits.octetsMax) {
            throw new Usage(`A line has more than ${lineLimits.octetsMax} octets.`);
        }
    }
    if (rest.length > 0) yield rest;
}

interface LineVerdicts {
    /** "holds", or "C3". */
    readonly stated: string;
    /** The same, of every condition that fails; or why the documents were refused. */
    readonly found: readonly string[];
}

async function judgeLine(octets: Uint8Array): Promise<LineVerdicts> {
    const line = readJson(octets, lineLimits);
    if (!(line instanceof Map)) throw new Usage("A line is not an object.");
    const stated = statedVerdict(line);
    const instance = line.get("instance");
    const solution = line.get("solution");
    if (instance === undefined || solution === undefined) {
        throw new Usage("A line lacks its instance or its solution.");
    }
    try {
        const named = await instanceFrom(instance, sha256, ["instance"]);
        if (named.rule !== undefined) {
            const fault = checkDivision(named.rule.pool, divisionFrom(solution, named, ["solution"]));
            return { stated, found: [fault === undefined ? "holds" : differs] };
        }
        const allocation = allocationFrom(solution, named, ["solution"]);
        const failing = failingConditions(named.instance, named.rounding, allocation);
        const found = failing.length === 0 ? ["holds"] : failing.map((condition) => `C${condition}`);
        return { stated, found };
    } catch (error) {
        if (error instanceof Refusal) {
            if (error.reason === "exchange/bad-solution" && stated === differs) {
                return { stated, found: [differs] };
            }
            return { stated, found: [`${error.reason} ${error.message}`] };
        }
        throw error;
    }
}

function statedVerdict(line: ReadonlyMap<string, Json>): string {
    const holds = line.get("holds");
    const condition = line.get("condition");
    if (holds === true && condition === undefined) return "holds";
    if (holds === false && condition === undefined) return differs;
    if (holds === false && typeof condition === "number") return `C${condition}`;
    throw new Usage("A line does not say whether it holds.");
}

process.exitCode = await main(process.argv.slice(2));
