// SPDX-License-Identifier: Apache-2.0

// An allocation that is right, of any size, and the time that its check takes. Members, offers and
// needs are synthetic; lists are random, no two alike. Each need has all it asks, so that every
// offer is free and the certificate is trivial; all lists are read nevertheless.

import { type Allocation, type AllocationInstance, freeOffer, type Rounding } from "../exchange/allocation";
import { checkCertificate } from "../exchange/certificate";
import { seededRandom } from "../exchange/slow_model";

export interface Subject {
    readonly instance: AllocationInstance;
    readonly rounding: Rounding;
    readonly allocation: Allocation;
}

export interface Size {
    readonly needs: number;
    readonly pairs: number;
}

const members = 200;
const offers = 5_000;

export function generate({ needs, pairs }: Size): Subject {
    const random = seededRandom(1);
    const upto = (last: number) => Math.floor(random() * (last + 1));
    // Offers between two of a list: uniform, with the mean that gives so many pairs.
    const widest = Math.max(1, Math.round((2 * offers * needs) / pairs) - 1);
    const begin = new Uint32Array(needs + 1);
    const lawful = new Uint32Array(Math.ceil(pairs * 1.1) + needs);
    const flowOffer = new Uint32Array(needs);
    let count = 0;
    for (let need = 0; need < needs; ++need) {
        for (let offer = upto(widest - 1); offer < offers; offer += 1 + upto(widest - 1)) {
            lawful[count++] = offer;
        }
        if (begin[need] === count) lawful[count++] = upto(offers - 1);
        flowOffer[need] = lawful[begin[need]!]!;
        begin[need + 1] = count;
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
            lawfulBegin: begin, lawfulOffers: lawful.subarray(0, count),
        },
        rounding: "sainte_lague",
        allocation: {
            flowNeed: Uint32Array.from({ length: needs }, (_, need) => need),
            flowOffer, flowUnits: needQuantity, totals,
            certificate: new Uint32Array(offers).fill(freeOffer),
        },
    };
}

/** Checks so many times; one line that says how long it took. */
export function measure({ instance, rounding, allocation }: Subject, runs: number): string {
    const times: number[] = [];
    for (let run = 0; run < runs; ++run) {
        const begin = performance.now();
        const fault = checkCertificate(instance, rounding, allocation);
        times.push(performance.now() - begin);
        if (fault !== undefined) throw new Error(`C${fault.condition}: ${fault.what}`);
    }
    const sorted = [...times].sort((a, b) => a - b);
    return `${instance.weight.length} members, ${instance.offerCapacity.length} offers,`
        + ` ${instance.needOwner.length} needs, lists of ${instance.lawfulOffers.length} offers,`
        + ` ${allocation.flowNeed.length} pairs with units: first check ${times[0]!.toFixed(1)} ms,`
        + ` median of ${runs} ${sorted[runs >> 1]!.toFixed(1)} ms, fastest ${sorted[0]!.toFixed(1)} ms`;
}

export const referenceSize: Size = { needs: 20_000, pairs: 1_240_000 };
export const largeSize: Size = { needs: 1_000_000, pairs: 77_000_000 };
