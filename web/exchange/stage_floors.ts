// SPDX-License-Identifier: Apache-2.0

// The floors that a rule sets in one stage: one unit each, and a share for a group;
// docs/spec/allocation.md section 10. They are found as section 2 says it, one unit after the other,
// by augmenting paths in whole numbers. What would take too long is refused, not guessed.

import { Refusal } from "../base/refusal";
import type { AllocationInstance, Rounding } from "./allocation";

/** Steps along lawful pairs that a stage may take; beyond them this checker cannot judge. */
export const floorStepsMax = 2 ** 31;

export interface FloorRule {
    readonly rounding: Rounding;
    readonly oneEach: boolean;
    /** Units that the group may have first in all stages together, and who is in it. */
    readonly reserved?: { readonly units: bigint; readonly inGroup: readonly boolean[] };
}

/**
 * Floors of the first members of a stage, as many as `held` has entries: what each holds from earlier
 * stages. All other members of the stage are settled. Undefined where the stage's own floors cannot be
 * met. Refusals: "exchange/cannot-judge" past floorStepsMax.
 */
export function floorsOfStage(
    stage: AllocationInstance, held: BigInt64Array, rule: FloorRule,
): BigInt64Array | undefined {
    let floor: BigInt64Array | undefined = stage.floor.slice();
    if (rule.oneEach) {
        const cap = stage.floor.slice();
        for (let member = 0; member < held.length; ++member) {
            if (held[member] === 0n && cap[member] === 0n && stage.cap[member]! > 0n) cap[member] = 1n;
        }
        floor = new UnitFlow({ ...stage, floor, cap }).divide("serial", undefined);
        if (floor === undefined) return undefined;
    }
    const { reserved } = rule;
    if (reserved !== undefined) {
        let left = reserved.units;
        const cap = floor.slice();
        for (let member = 0; member < held.length; ++member) {
            if (!reserved.inGroup[member]) continue;
            left -= held[member]! + floor[member]!;
            cap[member] = stage.cap[member]!;
        }
        // The next unit always comes later in the order of the rule: the first ones are those that count.
        if (left > 0n) floor = new UnitFlow({ ...stage, floor, cap }).divide(rule.rounding, left);
    }
    return floor?.slice(0, held.length);
}

/** A unit for `need` from an offer, which another need gives up; or the member's first step. */
interface Step {
    readonly need: number;
    readonly insteadNeed: number;
    readonly insteadOffer: number;
}

const none = -1;

class UnitFlow {
    private readonly total: BigInt64Array;
    private readonly room: BigInt64Array;
    private readonly spare: BigInt64Array;
    private readonly needsOf: number[][] = [];
    /** Of each offer, the needs that hold units of it. */
    private readonly holders: Map<number, bigint>[] = [];
    private steps = 0;

    constructor(private readonly instance: AllocationInstance) {
        this.total = new BigInt64Array(instance.weight.length);
        this.room = instance.needQuantity.slice();
        this.spare = instance.offerCapacity.slice();
        for (let member = 0; member < this.total.length; ++member) this.needsOf.push([]);
        instance.needOwner.forEach((member, need) => this.needsOf[member]!.push(need));
        for (let offer = 0; offer < this.spare.length; ++offer) this.holders.push(new Map());
    }

    /**
     * The totals of section 2 when floors and `units` more are given (undefined: all there are);
     * undefined where the floors cannot be met.
     */
    divide(rounding: Rounding, units: bigint | undefined): BigInt64Array | undefined {
        const { floor, cap } = this.instance;
        for (let member = 0; member < floor.length; ++member) {
            if (this.give(member, floor[member]!) < floor[member]!) return undefined;
        }
        let left = units ?? 1n << 62n;
        const open = [...this.total.keys()].filter((member) => this.total[member]! < cap[member]!);
        while (left > 0n && open.length > 0) {
            const at = this.placeOfNext(open, rounding);
            const member = open[at]!;
            // Without keys the first in the lottery stays the first.
            let most = cap[member]! - this.total[member]!;
            if (rounding !== "serial") most = 1n;
            if (most > left) most = left;
            const given = this.give(member, most);
            left -= given;
            if (given < most || this.total[member] === cap[member]) open.splice(at, 1);
        }
        return this.total;
    }

    private placeOfNext(open: readonly number[], rounding: Rounding): number {
        let first = 0;
        for (let at = 1; at < open.length; ++at) {
            if (this.isBefore(open[at]!, open[first]!, rounding)) first = at;
        }
        this.count(open.length);
        return first;
    }

    private isBefore(a: number, b: number, rounding: Rounding): boolean {
        const { weight, tieRank } = this.instance;
        const [upA, downA] = this.keyOf(a, rounding);
        const [upB, downB] = this.keyOf(b, rounding);
        const difference = upA * downB - upB * downA;
        if (difference !== 0n) return difference < 0n;
        if (rounding === "adams" && weight[a] !== weight[b]) return weight[a]! < weight[b]!;
        return tieRank[a]! < tieRank[b]!;
    }

    private keyOf(member: number, rounding: Rounding): [bigint, bigint] {
        const n = this.instance.carryOver[member]! + this.total[member]!;
        const w = BigInt(this.instance.weight[member]!);
        switch (rounding) {
            case "adams": return [n, w];
            case "sainte_lague": return [2n * n + 1n, 2n * w];
            case "dhondt": return [n + 1n, w];
            case "huntington_hill": return [n * (n + 1n), w * w];
            case "serial": return [0n, 1n];
        }
    }

    /** Up to `most` units more for a member, all others keeping their totals; returns how many. */
    private give(member: number, most: bigint): bigint {
        let given = 0n;
        while (given < most) {
            const units = this.augment(member, most - given);
            if (units === 0n) break;
            given += units;
        }
        this.total[member] = this.total[member]! + given;
        return given;
    }

    private augment(member: number, most: bigint): bigint {
        const steps = new Map<number, Step>();
        const last = this.reachSpare(member, steps);
        if (last === none) return 0n;
        let units = this.spare[last]! < most ? this.spare[last]! : most;
        for (const { need, insteadNeed, insteadOffer } of this.path(last, steps)) {
            if (need !== insteadNeed && this.room[need]! < units) units = this.room[need]!;
            if (insteadOffer === none) continue;
            const holds = this.holders[insteadOffer]!.get(insteadNeed)!;
            if (holds < units) units = holds;
        }
        this.spare[last] = this.spare[last]! - units;
        for (const { need, insteadNeed, insteadOffer, offer } of this.path(last, steps)) {
            this.add(need, offer, units);
            if (insteadOffer !== none) this.add(insteadNeed, insteadOffer, -units);
        }
        return units;
    }

    /** Breadth first, to the first offer with units left. */
    private reachSpare(member: number, steps: Map<number, Step>): number {
        const waiting: number[] = [];
        const seen = new Set<number>();
        const askedMembers = new Set<number>();
        let found = none;
        const reachFrom = (need: number, insteadNeed: number, insteadOffer: number) => {
            if (seen.has(need)) return;
            seen.add(need);
            const list = this.instance.lawfulList?.[need] ?? need;
            const end = this.instance.lawfulBegin[list + 1]!;
            for (let at = this.instance.lawfulBegin[list]!; at < end; ++at) {
                this.count(1);
                const offer = this.instance.lawfulOffers[at]!;
                if (steps.has(offer)) continue;
                steps.set(offer, { need, insteadNeed, insteadOffer });
                waiting.push(offer);
                if (found === none && this.spare[offer]! > 0n) found = offer;
            }
        };
        const reachFromMember = (owner: number, insteadNeed: number, insteadOffer: number) => {
            if (askedMembers.has(owner)) return;
            askedMembers.add(owner);
            for (const need of this.needsOf[owner]!) {
                this.count(1);
                if (this.room[need]! > 0n) reachFrom(need, insteadNeed, insteadOffer);
            }
        };
        reachFromMember(member, none, none);
        for (let at = 0; at < waiting.length && found === none; ++at) {
            const offer = waiting[at]!;
            for (const need of this.holders[offer]!.keys()) {
                this.count(1);
                reachFrom(need, need, offer);
                reachFromMember(this.instance.needOwner[need]!, need, offer);
            }
        }
        return found;
    }

    private *path(last: number, steps: Map<number, Step>): Generator<Step & { offer: number }> {
        for (let offer = last; offer !== none;) {
            const step = steps.get(offer)!;
            yield { ...step, offer };
            offer = step.insteadOffer;
        }
    }

    private add(need: number, offer: number, units: bigint): void {
        this.room[need] = this.room[need]! - units;
        const holders = this.holders[offer]!;
        const holds = (holders.get(need) ?? 0n) + units;
        if (holds > 0n) holders.set(need, holds);
        else holders.delete(need);
    }

    private count(steps: number): void {
        this.steps += steps;
        if (this.steps > floorStepsMax) {
            throw new Refusal("exchange/cannot-judge",
                "The floors of this rule take too long for this checker; use comity allocation check.");
        }
    }
}
