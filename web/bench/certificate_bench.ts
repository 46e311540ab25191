// SPDX-License-Identifier: Apache-2.0

// Milliseconds of one check:
//
//   node web/dist/certificate_bench.js [INSTANCE.json SOLUTION.json]
//
// Without files, an instance of 200 members, 5,000 offers, 20,000 needs and about 1.24 million
// lawful pairs, no two needs with the same list. Each need has all it asks, so that every offer is
// free and the certificate is trivial; all lists are read nevertheless. `comity allocation generate`
// and `solve --json` write one that is not trivial.

import { webcrypto } from "node:crypto";
import { readFileSync } from "node:fs";

import { type Allocation, type AllocationInstance, freeOffer, type Rounding } from "../exchange/allocation";
import { checkCertificate } from "../exchange/certificate";
import { readAllocations, readInstances } from "../exchange/instance_json";
import { seededRandom } from "../exchange/slow_model";

const members = 200;
const offers = 5_000;
const needs = 20_000;
const pairsKept = 0.0124;
const runs = 21;

interface Subject {
    readonly instance: AllocationInstance;
    readonly rounding: Rounding;
    readonly allocation: Allocation;
}

function generate(): Subject {
    const random = seededRandom(1);
    const upto = (last: number) => Math.floor(random() * (last + 1));
    const begin = [0];
    const lawful: number[] = [];
    const flowOffer: number[] = [];
    for (let need = 0; need < needs; ++need) {
        for (let offer = 0; offer < offers; ++offer) {
            if (random() < pairsKept) lawful.push(offer);
        }
        if (begin[need] === lawful.length) lawful.push(upto(offers - 1));
        flowOffer.push(lawful[begin[need]!]!);
        begin.push(lawful.length);
    }
    const needOwner = Uint32Array.from({ length: needs }, () => upto(members - 1));
    const needQuantity = BigInt64Array.from({ length: needs }, () => BigInt(1 + upto(99)));
    const offerCapacity = new BigInt64Array(offers).fill(1n);
    const totals = new BigInt64Array(members);
    for (let need = 0; need < needs; ++need) {
        offerCapacity[flowOffer[need]!]! += needQuantity[need]!;
        totals[needOwner[need]!]! += needQuantity[need]!;
    }
    return {
        instance: {
            weight: Float64Array.from({ length: members }, () => 1 + upto(1_000_000)),
            floor: new BigInt64Array(members),
            cap: new BigInt64Array(members).fill(1n << 60n),
            carryOver: new BigInt64Array(members),
            tieRank: Uint32Array.from({ length: members }, (_, member) => member),
            needOwner, needQuantity, offerCapacity,
            lawfulBegin: Uint32Array.from(begin), lawfulOffers: Uint32Array.from(lawful),
        },
        rounding: "sainte_lague",
        allocation: {
            flowNeed: Uint32Array.from({ length: needs }, (_, need) => need),
            flowOffer: Uint32Array.from(flowOffer), flowUnits: needQuantity, totals,
            certificate: new Uint32Array(offers).fill(freeOffer),
        },
    };
}

async function read(instanceFile: string, solutionFile: string): Promise<Subject> {
    const begin = performance.now();
    const [named, ...others] = await readInstances(readFileSync(instanceFile), webcrypto.subtle);
    if (named === undefined || others.length > 0) throw new Error("The file must hold one instance.");
    const [allocation] = readAllocations(readFileSync(solutionFile), [named]);
    console.log(`Reading the two documents: ${(performance.now() - begin).toFixed(0)} ms`);
    return { instance: named.instance, rounding: named.rounding, allocation: allocation! };
}

const [instanceFile, solutionFile] = process.argv.slice(2);
const { instance, rounding, allocation } = instanceFile === undefined || solutionFile === undefined
    ? generate() : await read(instanceFile, solutionFile);
console.log(`${instance.weight.length} members, ${instance.offerCapacity.length} offers,`
    + ` ${instance.needOwner.length} needs, lists of ${instance.lawfulOffers.length} offers,`
    + ` ${allocation.flowNeed.length} pairs with units`);

const times: number[] = [];
for (let run = 0; run < runs; ++run) {
    const begin = performance.now();
    const fault = checkCertificate(instance, rounding, allocation);
    times.push(performance.now() - begin);
    if (fault !== undefined) throw new Error(`C${fault.condition}: ${fault.what}`);
}
const sorted = [...times].sort((a, b) => a - b);
console.log(`First check ${times[0]!.toFixed(1)} ms, median of ${runs}`
    + ` ${sorted[runs >> 1]!.toFixed(1)} ms, fastest ${sorted[0]!.toFixed(1)} ms`);
