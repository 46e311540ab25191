// SPDX-License-Identifier: Apache-2.0

// An instance, and who got what of it, as columns of typed arrays; docs/spec/allocation.md section 1.
//
// Members, needs and offers are numbered from 0. Units are 64-bit, because an instance may hold up
// to 2^60 of them; what is smaller than 2^53 by its own bound is an ordinary number.

import { Refusal } from "../base/refusal";

export const unitsMax = 1n << 60n;
export const weightMax = 2 ** 40;
export const membersMax = 2 ** 20;
export const needsMax = 2 ** 28;
export const offersMax = 2 ** 24;
export const pairsMax = 2 ** 32 - 2;

export type Rounding = "adams" | "sainte_lague" | "dhondt" | "huntington_hill" | "serial";
export const roundings: readonly Rounding[] = ["adams", "sainte_lague", "dhondt", "huntington_hill", "serial"];

/** One entry a member in the first five, one a need and one an offer in those named so. */
export interface AllocationInstance {
    /** Whole numbers, 1 to weightMax. */
    readonly weight: Float64Array;
    readonly floor: BigInt64Array;
    /** unitsMax: no cap. */
    readonly cap: BigInt64Array;
    /** Units of earlier rounds that still count. */
    readonly carryOver: BigInt64Array;
    /** No two members share one; lower comes first. */
    readonly tieRank: Uint32Array;
    /** The member. */
    readonly needOwner: Uint32Array;
    readonly needQuantity: BigInt64Array;
    readonly offerCapacity: BigInt64Array;
    /** Where each list of lawful offers begins in lawfulOffers, and after them where the last ends. */
    readonly lawfulBegin: Uint32Array;
    /** Strictly ascending within a list. */
    readonly lawfulOffers: Uint32Array;
    /** Of each need its list, which several may share; absent: the need's own number. */
    readonly lawfulList?: Uint32Array;
}

/** In a certificate: nobody who wants more can reach this offer. */
export const freeOffer = 0xffff_ffff;

export interface Allocation {
    /** The pairs that carry units, ascending by need, then offer; the columns are of one length. */
    readonly flowNeed: Uint32Array;
    readonly flowOffer: Uint32Array;
    readonly flowUnits: BigInt64Array;
    /** Units of each member. */
    readonly totals: BigInt64Array;
    /** Of each offer: its bottleneck member, or freeOffer. */
    readonly certificate: Uint32Array;
}

/**
 * Refuses an instance that is none, so that every index in it may be followed afterwards:
 * "exchange/instance-too-large" over a bound of section 1, "exchange/bad-instance" otherwise.
 * O(members + needs + length of the lists).
 */
export function requireInstance(instance: AllocationInstance): void {
    const members = instance.weight.length;
    const needs = instance.needOwner.length;
    const offers = instance.offerCapacity.length;
    if (instance.floor.length !== members || instance.cap.length !== members
        || instance.carryOver.length !== members || instance.tieRank.length !== members
        || instance.needQuantity.length !== needs) {
        bad("The columns are not of one length.");
    }
    if (members > membersMax) tooLarge("There are more than 2^20 members.");
    if (needs > needsMax) tooLarge("There are more than 2^28 needs.");
    if (offers > offersMax) tooLarge("There are more than 2^24 offers.");
    if (instance.lawfulOffers.length > pairsMax) tooLarge("There are more than 2^32 - 2 pairs.");
    requireMembers(instance);
    requireSum(instance.needQuantity, "needs");
    requireSum(instance.offerCapacity, "offers");
    for (let need = 0; need < needs; ++need) {
        if (instance.needOwner[need]! >= members) bad(`Need number ${need} has no owner.`);
    }
    requireLists(instance);
}

function requireMembers(instance: AllocationInstance): void {
    const { weight, floor, cap, tieRank } = instance;
    for (let member = 0; member < weight.length; ++member) {
        const w = weight[member]!;
        if (!Number.isInteger(w) || w < 1) bad(`Member number ${member} has a weight below 1.`);
        if (w > weightMax) tooLarge(`Member number ${member} has a weight over 2^40.`);
        if (floor[member]! < 0n) bad(`Member number ${member} has a floor below zero.`);
        if (cap[member]! < floor[member]!) bad(`Member number ${member} has a cap below its floor.`);
        if (cap[member]! > unitsMax) tooLarge(`Member number ${member} has a cap over 2^60.`);
    }
    requireSum(instance.carryOver, "carry-over");
    const ranks = Uint32Array.from(tieRank).sort();
    for (let place = 1; place < ranks.length; ++place) {
        if (ranks[place - 1] === ranks[place]) bad("Two members share a lottery rank.");
    }
}

function requireSum(quantities: BigInt64Array, what: string): void {
    let sum = 0n;
    for (const quantity of quantities) {
        if (quantity < 0n) bad(`Of ${what}, one is below zero.`);
        sum += quantity;
        if (sum > unitsMax) tooLarge(`The ${what} exceed 2^60 units together.`);
    }
}

function requireLists(instance: AllocationInstance): void {
    const { lawfulBegin, lawfulOffers, lawfulList } = instance;
    const lists = lawfulBegin.length - 1;
    const needs = instance.needOwner.length;
    if (lawfulBegin[0] !== 0 || lawfulBegin[lists] !== lawfulOffers.length) {
        bad("The lists of lawful offers do not fit together.");
    }
    for (let list = 0; list < lists; ++list) {
        const begin = lawfulBegin[list]!;
        const end = lawfulBegin[list + 1]!;
        if (begin > end || end > lawfulOffers.length) {
            bad("The lists of lawful offers do not fit together.");
        }
        let last = -1;
        for (let at = begin; at < end; ++at) {
            const offer = lawfulOffers[at]!;
            if (offer <= last || offer >= instance.offerCapacity.length) {
                bad("A list of lawful offers is not ascending, or names an offer that is not there.");
            }
            last = offer;
        }
    }
    if (lawfulList === undefined ? lists !== needs : lawfulList.length !== needs) {
        bad("There must be one list of lawful offers a need.");
    }
    for (const list of lawfulList ?? []) {
        if (list >= lists) bad("A need has no list of lawful offers.");
    }
}

function bad(message: string): never {
    throw new Refusal("exchange/bad-instance", message);
}

function tooLarge(message: string): never {
    throw new Refusal("exchange/instance-too-large", message);
}
