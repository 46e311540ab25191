// SPDX-License-Identifier: Apache-2.0

// Proves that a division is what a rule allows: stage by stage, each an instance of its own that
// checkCertificate judges; docs/spec/allocation.md section 10.
//
// Written from that page alone, as certificate.ts is. The floors of each stage are computed again
// (stage_floors.ts). Which needs were set aside for their least quantity is taken as given.

import { Refusal } from "../base/refusal";
import type { Allocation, AllocationInstance } from "./allocation";
import { type CertificateFault, checkCertificate } from "./certificate";
import { type FloorRule, floorsOfStage } from "./stage_floors";

/** A pool under a rule. Weights, caps and carry-over of `instance` are what the rule makes them. */
export interface RuledPool {
    readonly instance: AllocationInstance;
    /** Of each need: lists of offers, first choice first; one list where the rule opens all at once. */
    readonly choices: readonly (readonly Uint32Array[])[];
    /** Of each need, from 0. */
    readonly tier: Uint32Array;
    /** Of each need: fewer units are of no use. */
    readonly minimum: BigInt64Array;
    readonly minimums: boolean;
    readonly floors: FloorRule;
}

export interface StageName {
    readonly tier: number;
    readonly choice: number;
}

/** One stage in needs and offers of the pool: all units given so far, and its certificate. */
export interface Stage extends StageName {
    readonly allocation: Allocation;
}

export interface Division {
    readonly stages: readonly Stage[];
    /** Needs that were set aside. */
    readonly dropped: ReadonlySet<number>;
    /** Of each member, the floors of all stages together. */
    readonly floors: BigInt64Array;
}

export interface DivisionFault {
    /** From 0; absent where the fault is one of the whole. */
    readonly stage?: number;
    /** Its members and needs are those of the stage. */
    readonly certificate?: CertificateFault;
    readonly what: string;
}

/** The stages that a pool has, in order; at least one. */
export function stagesOf(pool: Pick<RuledPool, "tier" | "choices">): StageName[] {
    const choicesOfTier: number[] = [];
    pool.tier.forEach((tier, need) => {
        choicesOfTier[tier] = Math.max(choicesOfTier[tier] ?? 1, pool.choices[need]!.length);
    });
    const stages: StageName[] = [];
    choicesOfTier.forEach((choices, tier) => {
        for (let choice = 0; choice < choices; ++choice) stages.push({ tier, choice });
    });
    return stages.length > 0 ? stages : [{ tier: 0, choice: 0 }];
}

/**
 * The first fault, or undefined where the division is one that the rule allows. Refusals: those of
 * requireInstance and floorsOfStage, and "exchange/floors-in-stages". O(stages of checkCertificate), and floors unit by unit.
 */
export function checkDivision(pool: RuledPool, division: Division): DivisionFault | undefined {
    const names = stagesOf(pool);
    if (names.length > 1 && pool.instance.floor.some((floor) => floor > 0n)) {
        throw new Refusal("exchange/floors-in-stages",
            "Members' own floors go with rules of one stage only.");
    }
    if (names.length !== division.stages.length) return { what: "there are other stages" };
    for (const need of division.dropped) {
        if (!pool.minimums || pool.minimum[need]! <= 1n) {
            return { what: "a need without a least quantity was set aside" };
        }
    }
    const floors = new BigInt64Array(pool.instance.weight.length);
    let before: Allocation | undefined;
    for (const [number, name] of names.entries()) {
        const { tier, choice, allocation } = division.stages[number]!;
        if (tier !== name.tier || choice !== name.choice) {
            return { stage: number, what: "another stage comes here" };
        }
        const stage = stageAfter(pool, name, before, division.dropped);
        const floor = floorsOfStage(stage.instance, stage.held, pool.floors);
        if (floor === undefined) return { stage: number, what: "its floors cannot be met together" };
        stage.instance.floor.set(floor);
        const staged = inStage(pool, stage, allocation);
        if (typeof staged === "string") return { stage: number, what: staged };
        const certificate = checkCertificate(stage.instance, pool.floors.rounding, staged);
        if (certificate !== undefined) return { stage: number, certificate, what: certificate.what };
        floor.forEach((units, member) => { floors[member] = floors[member]! + units; });
        before = allocation;
    }
    return minimumFault(pool, before!) ?? floorFault(floors, division.floors);
}

function minimumFault(pool: RuledPool, result: Allocation): DivisionFault | undefined {
    if (!pool.minimums) return undefined;
    const received = new Map<number, bigint>();
    result.flowNeed.forEach((need, flow) => {
        received.set(need, (received.get(need) ?? 0n) + result.flowUnits[flow]!);
    });
    for (const [need, units] of received) {
        if (units < pool.minimum[need]!) return { what: "a need holds fewer units than are of use" };
    }
    return undefined;
}

function floorFault(computed: BigInt64Array, stated: BigInt64Array): DivisionFault | undefined {
    if (computed.every((units, member) => units === stated[member])) return undefined;
    return { what: "a floor is not the one that the rule sets" };
}

// --- one stage ----------------------------------------------------------------------------------

interface StageInstance {
    readonly instance: AllocationInstance;
    /** What each member of the pool holds from earlier stages. */
    readonly held: BigInt64Array;
    /** By need, then choice, the need of the instance: what is settled, what is open. */
    readonly settled: ReadonlyMap<string, Settled>;
    readonly open: ReadonlyMap<string, number>;
}

interface Settled {
    readonly need: number;
    readonly choice: number;
    readonly part: number;
    readonly units: bigint;
}

const partKey = (need: number, choice: number) => `${need} ${choice}`;

/** The choice that an offer belongs to; -1 for an offer that the need may not use. */
function choiceOf(pool: RuledPool, need: number, offer: number): number {
    return pool.choices[need]?.findIndex((offers) => isIn(offers, offer)) ?? -1;
}

function isIn(ascending: Uint32Array, offer: number): boolean {
    let low = 0;
    let high = ascending.length;
    while (low < high) {
        const middle = (low + high) >> 1;
        if (ascending[middle]! < offer) low = middle + 1;
        else high = middle;
    }
    return ascending[low] === offer;
}

function stageAfter(
    pool: RuledPool, { tier, choice }: StageName, before: Allocation | undefined,
    dropped: ReadonlySet<number>,
): StageInstance {
    const { instance } = pool;
    const members = instance.weight.length;
    const given = new Map<string, bigint>();
    const received = new BigInt64Array(instance.needOwner.length);
    const held = new BigInt64Array(members);
    before?.flowNeed.forEach((need, flow) => {
        const units = before.flowUnits[flow]!;
        const key = partKey(need, choiceOf(pool, need, before.flowOffer[flow]!));
        given.set(key, (given.get(key) ?? 0n) + units);
        received[need] = received[need]! + units;
        const owner = instance.needOwner[need]!;
        held[owner] = held[owner]! + units;
    });

    const owners: number[] = [];
    const quantities: bigint[] = [];
    const lawfulBegin: number[] = [0];
    const lawfulOffers: number[] = [];
    const lawfulList: number[] = [];
    // Needs that share a list in the pool share it here.
    const listNumbers = new Map<Uint32Array, number>();
    const addPart = (owner: number, quantity: bigint, offers: Uint32Array) => {
        let list = listNumbers.get(offers);
        if (list === undefined) {
            list = listNumbers.size;
            listNumbers.set(offers, list);
            for (const offer of offers) lawfulOffers.push(offer);
            lawfulBegin.push(lawfulOffers.length);
        }
        lawfulList.push(list);
        quantities.push(quantity);
        return owners.push(owner) - 1;
    };
    const settled = new Map<string, Settled>();
    const open = new Map<string, number>();
    instance.needOwner.forEach((owner, need) => {
        for (const [number, offers] of pool.choices[need]!.entries()) {
            const key = partKey(need, number);
            const units = given.get(key);
            if (units !== undefined) {
                const part = addPart(members + owner, units, offers);
                settled.set(key, { need, choice: number, part, units });
            }
            if (pool.tier[need] !== tier || number !== choice) continue;
            const asks = dropped.has(need) ? 0n : instance.needQuantity[need]! - received[need]!;
            open.set(key, addPart(owner, asks, offers));
        }
    });
    return {
        held, settled, open,
        instance: {
            ...withSettled(instance, held, settled.size > 0),
            needOwner: Uint32Array.from(owners), needQuantity: BigInt64Array.from(quantities),
            offerCapacity: instance.offerCapacity,
            lawfulBegin: Uint32Array.from(lawfulBegin), lawfulOffers: Uint32Array.from(lawfulOffers),
            lawfulList: Uint32Array.from(lawfulList),
        },
    };
}

type MemberColumns = Pick<AllocationInstance, "weight" | "floor" | "cap" | "carryOver" | "tieRank">;

/** The members of a stage: those of the pool, and after them once more what is settled. */
function withSettled(
    { weight, floor, cap, carryOver, tieRank }: AllocationInstance, held: BigInt64Array,
    anySettled: boolean,
): MemberColumns {
    const open: MemberColumns = {
        weight, tieRank,
        floor: floor.slice(),
        cap: cap.map((units, member) => units - held[member]!),
        carryOver: carryOver.map((units, member) => units + held[member]!),
    };
    if (!anySettled) return open;
    const ranks = [...tieRank.keys()].sort((a, b) => tieRank[a]! - tieRank[b]!);
    const settledRank = new Uint32Array(ranks.length);
    const firstRank = tieRank.reduce((most, rank) => Math.max(most, rank), 0) + 1;
    ranks.forEach((member, place) => { settledRank[member] = firstRank + place; });
    return {
        weight: Float64Array.from([...weight, ...weight]),
        tieRank: Uint32Array.from([...tieRank, ...settledRank]),
        floor: BigInt64Array.from([...open.floor, ...held]),
        cap: BigInt64Array.from([...open.cap, ...held]),
        carryOver: BigInt64Array.from([...open.carryOver, ...carryOver]),
    };
}

/** An allocation of the pool in needs and members of a stage, or why the stage cannot carry it. */
function inStage(
    pool: RuledPool, stage: StageInstance, allocation: Allocation,
): Allocation | string {
    const flows: [part: number, offer: number, units: bigint][] = [];
    const settledLeft = new Map<number, bigint>();
    for (const { part, units } of stage.settled.values()) settledLeft.set(part, units);
    for (let flow = 0; flow < allocation.flowNeed.length; ++flow) {
        const need = allocation.flowNeed[flow]!;
        const offer = allocation.flowOffer[flow]!;
        let units = allocation.flowUnits[flow]!;
        const key = partKey(need, choiceOf(pool, need, offer));
        const settled = stage.settled.get(key)?.part;
        const open = stage.open.get(key);
        if (settled === undefined && open === undefined) return "a pair belongs to a later stage, or none";
        if (settled !== undefined) {
            // Both parts may use the same offers, so that it does not matter which unit is whose.
            const left = settledLeft.get(settled)!;
            const kept = open === undefined || units < left ? units : left;
            settledLeft.set(settled, left - kept);
            if (kept > 0n || units === 0n) flows.push([settled, offer, kept]);
            units -= kept;
            if (units === 0n) continue;
        }
        flows.push([open!, offer, units]);
    }
    flows.sort(([partA, offerA], [partB, offerB]) => partA - partB || offerA - offerB);
    const openTotals = allocation.totals.map((units, member) => units - stage.held[member]!);
    const anySettled = stage.instance.weight.length > openTotals.length;
    return {
        flowNeed: Uint32Array.from(flows, ([part]) => part),
        flowOffer: Uint32Array.from(flows, ([, offer]) => offer),
        flowUnits: BigInt64Array.from(flows, ([, , units]) => units),
        totals: anySettled ? BigInt64Array.from([...openTotals, ...stage.held]) : openTotals,
        certificate: allocation.certificate,
    };
}
