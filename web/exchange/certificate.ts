// SPDX-License-Identifier: Apache-2.0

// Proves that an allocation is the one that the rule demands, in one pass over the lists of lawful
// offers: conditions C0 to C5 of docs/spec/allocation.md section 5.
//
// Written from that page alone, and a second time: src/exchange/certificate.cpp is the first, and
// tests/agreement holds the two against each other. What always holds: exact integers decide. Keys
// are compared once, to place every up-key and down-key in one order; from there on each condition
// compares places, which are small integers. Pure; runs in a browser and in Node.

import {
    type Allocation, type AllocationInstance, freeOffer, requireInstance, type Rounding,
} from "./allocation";

export interface CertificateFault {
    /** 0 to 5, as in C0 to C5: the first that does not hold. */
    readonly condition: number;
    /** Set as far as the condition speaks of one. */
    readonly member?: number;
    readonly need?: number;
    readonly offer?: number;
    /** Half a sentence: "holds more units than the need asks". */
    readonly what: string;
}

/**
 * The first fault, or undefined where the totals are the only ones that the rule allows. Throws a
 * Refusal for what is no instance (requireInstance); an allocation may hold anything.
 * O(length of the lists + flows log offers + members log members).
 */
export function checkCertificate(
    instance: AllocationInstance, rounding: Rounding, allocation: Allocation,
): CertificateFault | undefined {
    for (const fault of faultsOf(instance, rounding, allocation)) return fault;
    return undefined;
}

/** Which of 0 to 5 do not hold, ascending. Where 0 does not, the others have no meaning. */
export function failingConditions(
    instance: AllocationInstance, rounding: Rounding, allocation: Allocation,
): number[] {
    return Array.from(faultsOf(instance, rounding, allocation), ({ condition }) => condition);
}

/** The first fault of each condition, each looked for only when the one before was taken. */
function* faultsOf(
    instance: AllocationInstance, rounding: Rounding, allocation: Allocation,
): Generator<CertificateFault> {
    requireInstance(instance);
    const sums = sumsOf(instance, allocation);
    if ("condition" in sums) {
        yield sums;
        return;
    }
    const places = placesOfKeys(instance, rounding, allocation.totals);
    const top = topOfNeeds(instance, allocation.certificate, places);
    const looks = [
        () => unitsLeftFault(instance, allocation, sums),
        () => drawFault(instance, allocation, places, top),
        () => wantFault(instance, allocation, sums, places, top),
        () => holdFault(instance, allocation, sums, places, top),
        () => stepAsideFault(instance, sums, top),
    ];
    for (const look of looks) {
        const fault = look();
        if (fault !== undefined) yield fault;
    }
}

// --- C0 ---------------------------------------------------------------------------------------

interface Sums {
    /** Units that each need receives, and that each offer gives. */
    readonly received: BigInt64Array;
    readonly given: BigInt64Array;
}

/** C0: the sums over the pairs, or what makes the allocation none. */
function sumsOf(instance: AllocationInstance, allocation: Allocation): Sums | CertificateFault {
    const needs = instance.needOwner.length;
    const offers = instance.offerCapacity.length;
    const members = instance.weight.length;
    const { flowNeed, flowOffer, flowUnits, totals, certificate } = allocation;
    const fault = (what: string, where: Omit<CertificateFault, "condition" | "what"> = {}) =>
        ({ condition: 0, ...where, what });

    if (totals.length !== members) return fault("there must be one total for every member");
    if (certificate.length !== offers) return fault("there must be one bottleneck for every offer");
    for (let offer = 0; offer < offers; ++offer) {
        const bottleneck = certificate[offer]!;
        if (bottleneck !== freeOffer && bottleneck >= members) {
            return fault("has a bottleneck that is no member", { offer });
        }
    }
    if (flowOffer.length !== flowNeed.length || flowUnits.length !== flowNeed.length) {
        return fault("each pair must name a need, an offer and units");
    }

    const received = new BigInt64Array(needs);
    const given = new BigInt64Array(offers);
    const sums = new BigInt64Array(members);
    for (let flow = 0; flow < flowNeed.length; ++flow) {
        const need = flowNeed[flow]!;
        const offer = flowOffer[flow]!;
        const units = flowUnits[flow]!;
        if (need >= needs || offer >= offers) return fault("a pair names what is not there");
        if (flow > 0) {
            const needBefore = flowNeed[flow - 1]!;
            if (need < needBefore || (need === needBefore && offer <= flowOffer[flow - 1]!)) {
                return fault("comes out of order, or twice", { need, offer });
            }
        }
        if (!isLawful(instance, need, offer)) {
            return fault("is served by an offer that is not lawful for it", { need, offer });
        }
        if (units < 1n) return fault("has a pair that carries no unit", { need, offer });
        // Each step is compared with what is left, so that no sum can leave 64 bits.
        if (units > instance.needQuantity[need]! - received[need]!) {
            return fault("receives more units than it asks", { need, offer });
        }
        if (units > instance.offerCapacity[offer]! - given[offer]!) {
            return fault("gives more units than it has", { need, offer });
        }
        received[need] = received[need]! + units;
        given[offer] = given[offer]! + units;
        const owner = instance.needOwner[need]!;
        sums[owner] = sums[owner]! + units;
    }

    for (let member = 0; member < members; ++member) {
        const total = totals[member]!;
        if (total !== sums[member]!) {
            return fault("has a total that is not the sum over its pairs", { member });
        }
        if (total < instance.floor[member]!) return fault("is below its floor", { member });
        if (total > instance.cap[member]!) return fault("is above its cap", { member });
    }
    return { received, given };
}

function isLawful(instance: AllocationInstance, need: number, offer: number): boolean {
    const list = listOf(instance, need);
    let low = instance.lawfulBegin[list]!;
    let high = instance.lawfulBegin[list + 1]!;
    while (low < high) {
        const middle = Math.floor((low + high) / 2);
        if (instance.lawfulOffers[middle]! < offer) low = middle + 1;
        else high = middle;
    }
    return low < instance.lawfulBegin[list + 1]! && instance.lawfulOffers[low] === offer;
}

function listOf(instance: AllocationInstance, need: number): number {
    return instance.lawfulList === undefined ? need : instance.lawfulList[need]!;
}

// --- keys and their places --------------------------------------------------------------------

/** The up-keys and down-keys of all members in one ascending order: where each one stands. */
interface Places {
    readonly up: Int32Array;
    /** Without meaning for a member that holds nothing. */
    readonly down: Int32Array;
    /** Above all keys. */
    readonly free: number;
}

/** Products of numbers below it are exact: a rounded product reaches it only if the true one does. */
const exactBelow = 2 ** 53;

/** Keys as fractions: numerator / denominator, and the same rounded to the nearest double. */
interface Keys {
    readonly numerator: bigint[];
    readonly denominator: bigint[];
    readonly numeratorNear: Float64Array;
    readonly denominatorNear: Float64Array;
}

/** Totals are within caps, as C0 has made sure of. Entry 2m is the up-key of m, 2m + 1 its down-key. */
function placesOfKeys(
    instance: AllocationInstance, rounding: Rounding, totals: BigInt64Array,
): Places {
    const members = instance.weight.length;
    const keys: Keys = {
        numerator: [], denominator: [],
        numeratorNear: new Float64Array(2 * members), denominatorNear: new Float64Array(2 * members),
    };
    const entries: number[] = [];
    for (let member = 0; member < members; ++member) {
        const holds = instance.carryOver[member]! + totals[member]!;
        const weight = BigInt(instance.weight[member]!);
        for (let down = 0; down < 2; ++down) {
            const entry = 2 * member + down;
            const [numerator, denominator] = keyOf(rounding, holds - BigInt(down), weight);
            keys.numerator.push(numerator);
            keys.denominator.push(denominator);
            keys.numeratorNear[entry] = Number(numerator);
            keys.denominatorNear[entry] = Number(denominator);
            if (down === 0 || totals[member]! > 0n) entries.push(entry);
        }
    }
    entries.sort((a, b) => compareEntries(instance, rounding, keys, a, b));

    const places = { up: new Int32Array(members), down: new Int32Array(members), free: entries.length };
    entries.forEach((entry, place) => {
        (entry % 2 === 0 ? places.up : places.down)[entry >> 1] = place;
    });
    return places;
}

/** Section 2, up to a factor that all keys of a rounding share. */
function keyOf(rounding: Rounding, n: bigint, weight: bigint): [bigint, bigint] {
    switch (rounding) {
        case "adams": return [n, weight];
        case "sainte_lague": return [2n * n + 1n, weight];
        case "dhondt": return [n + 1n, weight];
        case "huntington_hill": return [n * (n + 1n), weight * weight];
        case "serial": return [0n, 1n];
    }
}

/**
 * Ranks of two members differ. The two keys of one member are equal only with "serial"; then the last unit
 * stands before the next one, so that no two entries are equal.
 */
function compareEntries(
    instance: AllocationInstance, rounding: Rounding, keys: Keys, a: number, b: number,
): number {
    const byKey = compareKeys(keys, a, b);
    if (byKey !== 0) return byKey;
    if (rounding === "adams") {
        const byWeight = instance.weight[a >> 1]! - instance.weight[b >> 1]!;
        if (byWeight !== 0) return byWeight;
    }
    const byRank = instance.tieRank[a >> 1]! - instance.tieRank[b >> 1]!;
    return byRank !== 0 ? byRank : (b & 1) - (a & 1);
}

function compareKeys(keys: Keys, a: number, b: number): number {
    const left = keys.numeratorNear[a]! * keys.denominatorNear[b]!;
    const right = keys.numeratorNear[b]! * keys.denominatorNear[a]!;
    // Rounding never carries a product over exactBelow: a side below it is exact, one that is not
    // is truly not. So one exact side is enough to tell which is less.
    if (left < exactBelow || right < exactBelow) return left - right;
    const exactLeft = keys.numerator[a]! * keys.denominator[b]!;
    const exactRight = keys.numerator[b]! * keys.denominator[a]!;
    return exactLeft < exactRight ? -1 : exactLeft > exactRight ? 1 : 0;
}

/** Less than any place: what a need without lawful offers has as its top. */
const noOffer = -1;

/** top(j) of each need: the largest place that its lawful offers are labelled with. */
function topOfNeeds(
    instance: AllocationInstance, certificate: Uint32Array, places: Places,
): Int32Array {
    const label = new Int32Array(certificate.length);
    for (let offer = 0; offer < label.length; ++offer) label[offer] = labelOf(certificate, offer, places);

    const { lawfulBegin, lawfulOffers } = instance;
    const topOfList = new Int32Array(lawfulBegin.length - 1);
    for (let list = 0; list < topOfList.length; ++list) {
        const end = lawfulBegin[list + 1]!;
        let top = noOffer;
        for (let at = lawfulBegin[list]!; at < end; ++at) {
            const place = label[lawfulOffers[at]!]!;
            if (place > top) top = place;
        }
        topOfList[list] = top;
    }
    if (instance.lawfulList === undefined) return topOfList;
    return Int32Array.from(instance.lawfulList, (list) => topOfList[list]!);
}

function labelOf(certificate: Uint32Array, offer: number, places: Places): number {
    const bottleneck = certificate[offer]!;
    return bottleneck === freeOffer ? places.free : places.up[bottleneck]!;
}

// --- C1 to C5 ---------------------------------------------------------------------------------

/** C1: an offer with units left is free. */
function unitsLeftFault(
    instance: AllocationInstance, allocation: Allocation, sums: Sums,
): CertificateFault | undefined {
    for (let offer = 0; offer < sums.given.length; ++offer) {
        if (sums.given[offer]! < instance.offerCapacity[offer]!
            && allocation.certificate[offer] !== freeOffer) {
            return { condition: 1, offer, what: "has units left and is not free" };
        }
    }
    return undefined;
}

/** C2: a need draws only on its least contested offers. */
function drawFault(
    instance: AllocationInstance, allocation: Allocation, places: Places, top: Int32Array,
): CertificateFault | undefined {
    for (let flow = 0; flow < allocation.flowNeed.length; ++flow) {
        const need = allocation.flowNeed[flow]!;
        const offer = allocation.flowOffer[flow]!;
        if (labelOf(allocation.certificate, offer, places) !== top[need]!) {
            return {
                condition: 2, member: instance.needOwner[need]!, need, offer,
                what: "draws on an offer that is more contested than another",
            };
        }
    }
    return undefined;
}

/** C3: all that a member in want could reach is held by someone no better off. */
function wantFault(
    instance: AllocationInstance, allocation: Allocation, sums: Sums, places: Places,
    top: Int32Array,
): CertificateFault | undefined {
    for (let need = 0; need < top.length; ++need) {
        const member = instance.needOwner[need]!;
        if (isUnmet(instance, sums, need) && top[need] !== noOffer
            && allocation.totals[member]! < instance.cap[member]!
            && top[need]! > places.up[member]!) {
            return { condition: 3, member, need, what: "could have a unit of someone better off" };
        }
    }
    return undefined;
}

/** C4: a member above its floor holds nothing that a worse-off member could use. */
function holdFault(
    instance: AllocationInstance, allocation: Allocation, sums: Sums, places: Places,
    top: Int32Array,
): CertificateFault | undefined {
    for (let need = 0; need < top.length; ++need) {
        const member = instance.needOwner[need]!;
        if (sums.received[need]! > 0n && allocation.totals[member]! > instance.floor[member]!
            && top[need]! < places.down[member]!) {
            return { condition: 4, member, need, what: "holds a unit that someone worse off could use" };
        }
    }
    return undefined;
}

/** C5: no member could move a unit between its needs so that someone worse off gets one. */
function stepAsideFault(
    instance: AllocationInstance, sums: Sums, top: Int32Array,
): CertificateFault | undefined {
    const members = instance.weight.length;
    const topUnmet = new Int32Array(members).fill(noOffer);
    const topHeld = new Int32Array(members).fill(0x7fff_ffff);
    for (let need = 0; need < top.length; ++need) {
        const member = instance.needOwner[need]!;
        const place = top[need]!;
        if (isUnmet(instance, sums, need) && place > topUnmet[member]!) topUnmet[member] = place;
        if (sums.received[need]! > 0n && place < topHeld[member]!) topHeld[member] = place;
    }
    for (let member = 0; member < members; ++member) {
        if (topUnmet[member]! > topHeld[member]!) {
            return { condition: 5, member, what: "could step aside for someone worse off" };
        }
    }
    return undefined;
}

function isUnmet(instance: AllocationInstance, sums: Sums, need: number): boolean {
    return sums.received[need]! < instance.needQuantity[need]!;
}
