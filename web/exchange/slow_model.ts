// SPDX-License-Identifier: Apache-2.0

// The rule by its definition, for tests: one unit at a time, each time looked for anew, and the
// certificate as docs/spec/allocation.md describes it. Knows small instances only, and shares nothing
// with the checker but the types.

import { type Allocation, type AllocationInstance, freeOffer, type Rounding } from "./allocation";

/** Pairs in the order of needs, then offers; units of each. */
type Units = Map<string, { need: number; offer: number; units: number }>;

/** The totals of the rule, pairs that carry them, a certificate; undefined where floors cannot be met. */
export function allocateSlowly(
    instance: AllocationInstance, rounding: Rounding,
): Allocation | undefined {
    const state = new State(instance);
    for (let member = 0; member < instance.weight.length; ++member) {
        while (state.total(member) < Number(instance.floor[member])) {
            if (!state.giveUnit(member)) return undefined;
        }
    }
    for (;;) {
        const next = state.inOrder(rounding).find((member) => state.giveUnit(member));
        if (next === undefined) break;
    }
    return state.allocation(rounding);
}

/** Some allocation that keeps to everything but the rule; undefined if it misses a floor. */
export function allocateAnyhow(
    instance: AllocationInstance, random: () => number,
): Allocation | undefined {
    const state = new State(instance);
    const tries = Math.floor(random() * 20);
    for (let i = 0; i < tries; ++i) state.giveUnit(Math.floor(random() * instance.weight.length));
    const isShort = instance.floor.some((floor, member) => state.total(member) < Number(floor));
    return isShort ? undefined : state.allocation("sainte_lague");
}

/** Key of the next unit of a member that holds n, as a fraction. */
function keyOf(rounding: Rounding, n: bigint, w: bigint): [bigint, bigint] {
    if (rounding === "adams") return [n, w];
    if (rounding === "sainte_lague") return [2n * n + 1n, 2n * w];
    if (rounding === "dhondt") return [n + 1n, w];
    if (rounding === "serial") return [0n, 1n];
    return [n * (n + 1n), w * w];
}

class State {
    private readonly units: Units = new Map();

    constructor(private readonly instance: AllocationInstance) {}

    total(member: number): number {
        let sum = 0;
        for (const { need, units } of this.units.values()) {
            if (this.instance.needOwner[need] === member) sum += units;
        }
        return sum;
    }

    /** Members by the key of their next unit. */
    inOrder(rounding: Rounding): number[] {
        const { weight, carryOver, tieRank } = this.instance;
        const key = (member: number) =>
            keyOf(rounding, carryOver[member]! + BigInt(this.total(member)), BigInt(weight[member]!));
        return [...weight.keys()].sort((a, b) => {
            const [nA, dA] = key(a);
            const [nB, dB] = key(b);
            if (nA * dB !== nB * dA) return nA * dB < nB * dA ? -1 : 1;
            const byWeight = rounding === "adams" ? weight[a]! - weight[b]! : 0;
            return byWeight || tieRank[a]! - tieRank[b]!;
        });
    }

    /** One unit more for a member, all others keeping their totals; false if there is none. */
    giveUnit(member: number): boolean {
        if (this.total(member) >= Number(this.instance.cap[member])) return false;
        const cameFrom = this.reach(member);
        const spare = [...cameFrom.keys()].find((offer) => this.given(offer) < this.capacity(offer));
        if (spare === undefined) return false;
        let offer = spare;
        for (;;) {
            const { need, instead } = cameFrom.get(offer)!;
            this.add(need, offer, 1);
            if (instead === undefined) return true;
            this.add(instead.need, instead.offer, -1);
            offer = instead.offer;
        }
    }

    allocation(rounding: Rounding): Allocation {
        const { offerCapacity, weight, cap } = this.instance;
        const certificate = new Uint32Array(offerCapacity.length).fill(freeOffer);
        for (const member of this.inOrder(rounding).reverse()) {
            if (this.total(member) >= Number(cap[member])) continue;
            for (const offer of this.reach(member).keys()) certificate[offer] = member;
        }
        const flows = [...this.units.values()].filter(({ units }) => units > 0)
            .sort((a, b) => a.need - b.need || a.offer - b.offer);
        return {
            flowNeed: Uint32Array.from(flows, ({ need }) => need),
            flowOffer: Uint32Array.from(flows, ({ offer }) => offer),
            flowUnits: BigInt64Array.from(flows, ({ units }) => BigInt(units)),
            totals: BigInt64Array.from(weight, (_, member) => BigInt(this.total(member))),
            certificate,
        };
    }

    /**
     * The offers that could give the member a unit if others step aside, in the order in which they
     * are found: for which need, and which unit is given up for that.
     */
    private reach(member: number): Map<number, Step> {
        const found = new Map<number, Step>();
        const waiting: number[] = [];
        const reachFrom = (need: number, instead: Step["instead"]) => {
            for (const offer of this.lawful(need)) {
                if (found.has(offer)) continue;
                found.set(offer, { need, instead });
                waiting.push(offer);
            }
        };
        for (const need of this.needsWithRoom(member)) reachFrom(need, undefined);
        for (let offer = waiting.shift(); offer !== undefined; offer = waiting.shift()) {
            for (const held of this.units.values()) {
                if (held.offer !== offer || held.units === 0) continue;
                const instead = { need: held.need, offer };
                reachFrom(held.need, instead);
                for (const need of this.needsWithRoom(this.instance.needOwner[held.need]!)) {
                    reachFrom(need, instead);
                }
            }
        }
        return found;
    }

    private needsWithRoom(member: number): number[] {
        return [...this.instance.needOwner.keys()].filter((need) =>
            this.instance.needOwner[need] === member
            && this.received(need) < Number(this.instance.needQuantity[need]));
    }

    private lawful(need: number): Uint32Array {
        const list = this.instance.lawfulList?.[need] ?? need;
        const { lawfulBegin, lawfulOffers } = this.instance;
        return lawfulOffers.subarray(lawfulBegin[list]!, lawfulBegin[list + 1]!);
    }

    private received(need: number): number {
        return this.sum((pair) => pair.need === need);
    }

    private given(offer: number): number {
        return this.sum((pair) => pair.offer === offer);
    }

    private capacity(offer: number): number {
        return Number(this.instance.offerCapacity[offer]);
    }

    private sum(counts: (pair: { need: number; offer: number }) => boolean): number {
        let sum = 0;
        for (const pair of this.units.values()) sum += counts(pair) ? pair.units : 0;
        return sum;
    }

    private add(need: number, offer: number, units: number): void {
        const key = `${need} ${offer}`;
        const pair = this.units.get(key) ?? { need, offer, units: 0 };
        pair.units += units;
        this.units.set(key, pair);
    }
}

interface Step {
    readonly need: number;
    readonly instead: { need: number; offer: number } | undefined;
}

/** A seeded generator of numbers from 0 to 1 (mulberry32), so that a failure can be repeated. */
export function seededRandom(seed: number): () => number {
    let state = seed;
    return () => {
        state = (state + 0x6d2b79f5) | 0;
        let mixed = Math.imul(state ^ (state >>> 15), state | 1);
        mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
}

/** Up to 3 members, 5 needs and 3 offers; weights, carry-over, often floors and caps, shared lists. */
export function randomInstance(random: () => number): AllocationInstance {
    const upto = (last: number) => Math.floor(random() * (last + 1));
    const members = 1 + upto(2);
    const needs = 1 + upto(4);
    const offers = 1 + upto(2);
    const column = (length: number, entry: () => number) =>
        BigInt64Array.from({ length }, () => BigInt(entry()));
    const floor = column(members, () => random() < 0.2 ? upto(2) : 0);
    const shifted = upto(members - 1);
    const lists = 1 + upto(needs - 1);
    const lawful = Array.from({ length: lists }, () =>
        [...Array(offers).keys()].filter(() => random() < 0.6));
    const lawfulBegin = [0];
    for (const list of lawful) lawfulBegin.push(lawfulBegin[lawfulBegin.length - 1]! + list.length);
    return {
        weight: Float64Array.from({ length: members }, () => 1 + upto(2)),
        floor,
        cap: BigInt64Array.from(floor, (least) => random() < 0.3 ? least + BigInt(upto(3)) : 1n << 60n),
        carryOver: column(members, () => random() < 0.3 ? upto(3) : 0),
        tieRank: Uint32Array.from({ length: members }, (_, member) => (member + shifted) % members),
        needOwner: Uint32Array.from({ length: needs }, () => upto(members - 1)),
        needQuantity: column(needs, () => upto(3)),
        offerCapacity: column(offers, () => upto(3)),
        lawfulBegin: Uint32Array.from(lawfulBegin),
        lawfulOffers: Uint32Array.from(lawful.flat()),
        lawfulList: Uint32Array.from({ length: needs }, () => upto(lists - 1)),
    };
}
