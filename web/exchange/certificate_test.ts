// SPDX-License-Identifier: Apache-2.0

// Why we trust this checker: on small instances every possible certificate is tried, for the totals
// of the rule and for others, and one is accepted if and only if the totals are those of the rule.
// Then each condition is broken by hand where no other is, and numbers are as large as they may be.
// Agreement with the other checker is tested by tests/agreement.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
    type Allocation, type AllocationInstance, freeOffer, roundings, unitsMax,
} from "./allocation";
import { checkCertificate } from "./certificate";
import { allocateAnyhow, allocateSlowly, randomInstance, seededRandom } from "./slow_model";

interface Written {
    members: { w?: number; floor?: bigint; cap?: bigint; carry?: bigint }[];
    offers: bigint[];
    needs: { of: number; asks: bigint; lawful: number[] }[];
}

/** Ranks follow the order of the members. */
function instanceOf({ members, offers, needs }: Written): AllocationInstance {
    const lawfulBegin = [0];
    for (const need of needs) lawfulBegin.push(lawfulBegin[lawfulBegin.length - 1]! + need.lawful.length);
    return {
        weight: Float64Array.from(members, ({ w }) => w ?? 1),
        floor: BigInt64Array.from(members, ({ floor }) => floor ?? 0n),
        cap: BigInt64Array.from(members, ({ cap }) => cap ?? unitsMax),
        carryOver: BigInt64Array.from(members, ({ carry }) => carry ?? 0n),
        tieRank: Uint32Array.from(members.keys()),
        needOwner: Uint32Array.from(needs, ({ of }) => of),
        needQuantity: BigInt64Array.from(needs, ({ asks }) => asks),
        offerCapacity: BigInt64Array.from(offers),
        lawfulBegin: Uint32Array.from(lawfulBegin),
        lawfulOffers: Uint32Array.from(needs.flatMap(({ lawful }) => lawful)),
    };
}

function allocationOf(
    flows: [need: number, offer: number, units: bigint][], totals: bigint[], certificate: number[],
): Allocation {
    return {
        flowNeed: Uint32Array.from(flows, ([need]) => need),
        flowOffer: Uint32Array.from(flows, ([, offer]) => offer),
        flowUnits: BigInt64Array.from(flows, ([, , units]) => units),
        totals: BigInt64Array.from(totals),
        certificate: Uint32Array.from(certificate),
    };
}

function verdict(instance: AllocationInstance, allocation: Allocation): string {
    const fault = checkCertificate(instance, "sainte_lague", allocation);
    return fault === undefined ? "holds" : `C${fault.condition}`;
}

// --- every certificate of small instances -----------------------------------------------------

function* everyCertificate(instance: AllocationInstance): Generator<Uint32Array> {
    const members = instance.weight.length;
    const choice = new Uint32Array(instance.offerCapacity.length);
    for (;;) {
        yield choice.map((member) => member === members ? freeOffer : member);
        let offer = 0;
        while (offer < choice.length && choice[offer] === members) choice[offer++] = 0;
        if (offer === choice.length) return;
        choice[offer]! += 1;
    }
}

test("any certificate is accepted if and only if the totals are those of the rule", () => {
    const random = seededRandom(40);
    let ofTheRule = 0;
    let others = 0;
    for (let round = 0; round < 12_000; ++round) {
        const instance = randomInstance(random);
        const rounding = roundings[round % roundings.length]!;
        const best = allocateSlowly(instance, rounding);
        const tried = allocateAnyhow(instance, random);
        if (best === undefined || tried === undefined) continue;
        assert.equal(checkCertificate(instance, rounding, best), undefined, `round ${round}`);
        let isAccepted = false;
        for (const certificate of everyCertificate(instance)) {
            isAccepted ||= checkCertificate(instance, rounding, { ...tried, certificate }) === undefined;
        }
        const isOfTheRule = tried.totals.every((total, member) => total === best.totals[member]);
        assert.equal(isAccepted, isOfTheRule, `round ${round}`);
        if (isOfTheRule) ++ofTheRule;
        else ++others;
    }
    assert.ok(ofTheRule > 1500 && others > 1500, `${ofTheRule} and ${others}`);
});

test("needs that share a list are judged as needs with lists of their own", () => {
    const random = seededRandom(41);
    for (let round = 0; round < 3000; ++round) {
        const { lawfulList, ...shared } = randomInstance(random);
        const lists = [...lawfulList!].map((list) =>
            [...shared.lawfulOffers.subarray(shared.lawfulBegin[list]!, shared.lawfulBegin[list + 1]!)]);
        const begin = [0];
        for (const list of lists) begin.push(begin[begin.length - 1]! + list.length);
        const own = {
            ...shared, lawfulBegin: Uint32Array.from(begin), lawfulOffers: Uint32Array.from(lists.flat()),
        };
        const tried = allocateAnyhow({ ...shared, lawfulList: lawfulList! }, random);
        if (tried === undefined) continue;
        for (const certificate of everyCertificate(own)) {
            assert.deepEqual(
                checkCertificate({ ...shared, lawfulList: lawfulList! }, "adams", { ...tried, certificate }),
                checkCertificate(own, "adams", { ...tried, certificate }));
        }
    }
});

// --- each condition by hand -------------------------------------------------------------------

/** A and B share X; A may also use Y, which it does not need. All that follows bends this. */
const plain = instanceOf({
    members: [{}, { floor: 1n, cap: 5n }],
    offers: [4n, 2n],
    needs: [{ of: 0, asks: 2n, lawful: [0, 1] }, { of: 1, asks: 9n, lawful: [0] }],
});
const right = allocationOf([[0, 1, 2n], [1, 0, 4n]], [2n, 4n], [1, freeOffer]);

test("what is right holds", () => {
    assert.equal(checkCertificate(plain, "sainte_lague", right), undefined);
});

test("C0: what is no allocation is refused, with its place", () => {
    const bent: [string, Allocation, object][] = [
        ["an unlawful pair", allocationOf([[0, 1, 2n], [1, 0, 4n], [1, 1, 1n]], [2n, 5n], [1, freeOffer]),
            { need: 1, offer: 1 }],
        ["a need that is not there", allocationOf([[0, 1, 2n], [2, 0, 4n]], [2n, 4n], [1, freeOffer]), {}],
        ["an offer that is not there", allocationOf([[0, 1, 2n], [1, 2, 4n]], [2n, 4n], [1, freeOffer]), {}],
        ["a pair twice", allocationOf([[0, 1, 1n], [0, 1, 1n], [1, 0, 4n]], [2n, 4n], [1, freeOffer]),
            { need: 0, offer: 1 }],
        ["out of order", allocationOf([[1, 0, 4n], [0, 1, 2n]], [2n, 4n], [1, freeOffer]),
            { need: 0, offer: 1 }],
        ["offers out of order", allocationOf([[0, 1, 1n], [0, 0, 1n]], [2n, 0n], [1, freeOffer]),
            { need: 0, offer: 0 }],
        ["no unit", allocationOf([[0, 0, 0n], [0, 1, 2n], [1, 0, 4n]], [2n, 4n], [1, freeOffer]),
            { need: 0, offer: 0 }],
        ["less than none", allocationOf([[0, 0, -1n], [0, 1, 2n], [1, 0, 4n]], [1n, 4n], [1, freeOffer]),
            { need: 0, offer: 0 }],
        ["over a quantity", allocationOf([[0, 0, 1n], [0, 1, 2n], [1, 0, 3n]], [3n, 3n], [1, freeOffer]),
            { need: 0, offer: 1 }],
        ["over a capacity", allocationOf([[0, 1, 2n], [1, 0, 5n]], [2n, 5n], [1, freeOffer]),
            { need: 1, offer: 0 }],
        ["over a capacity together", allocationOf([[0, 0, 2n], [1, 0, 3n]], [2n, 3n], [1, freeOffer]),
            { need: 1, offer: 0 }],
        ["over 64 bits", allocationOf([[0, 0, (1n << 63n) - 1n], [0, 1, 2n]], [2n, 4n], [1, freeOffer]),
            { need: 0, offer: 0 }],
        ["another total", allocationOf([[0, 1, 2n], [1, 0, 4n]], [2n, 3n], [1, freeOffer]), { member: 1 }],
        ["below a floor", allocationOf([[0, 1, 2n]], [2n, 0n], [1, freeOffer]), { member: 1 }],
        ["a total too few", allocationOf([[0, 1, 2n], [1, 0, 4n]], [2n], [1, freeOffer]), {}],
        ["a bottleneck too few", allocationOf([[0, 1, 2n], [1, 0, 4n]], [2n, 4n], [1]), {}],
        ["a bottleneck that is no member", allocationOf([[0, 1, 2n], [1, 0, 4n]], [2n, 4n], [1, 2]),
            { offer: 1 }],
    ];
    for (const [what, allocation, place] of bent) {
        const fault = checkCertificate(plain, "sainte_lague", allocation);
        assert.ok(fault !== undefined, what);
        const { what: words, ...found } = fault;
        assert.deepEqual(found, { condition: 0, ...place }, `${what}: ${words}`);
    }
    const columns = { ...right, flowUnits: right.flowUnits.subarray(1) };
    assert.equal(verdict(plain, columns), "C0");

    const capped = { ...plain, cap: BigInt64Array.from([unitsMax, 3n]) };
    assert.deepEqual(checkCertificate(capped, "sainte_lague", right),
        { condition: 0, member: 1, what: "is above its cap" });
});

test("C1: an offer with units left must be free", () => {
    const left = allocationOf([[0, 1, 1n], [1, 0, 4n]], [1n, 4n], [1, 1]);
    const fault = checkCertificate(plain, "sainte_lague", left);
    assert.equal(fault?.condition, 1);
    assert.equal(fault?.offer, 1);
});

test("C2: a need draws on its least contested offers only", () => {
    const contested = allocationOf([[0, 0, 1n], [0, 1, 1n], [1, 0, 3n]], [2n, 3n], [1, freeOffer]);
    const fault = checkCertificate(plain, "sainte_lague", contested);
    assert.deepEqual([fault?.condition, fault?.member, fault?.need, fault?.offer], [2, 0, 0, 0]);
});

/** A and B want X, and nothing else is there. */
const shared = instanceOf({
    members: [{}, {}],
    offers: [4n],
    needs: [{ of: 0, asks: 9n, lawful: [0] }, { of: 1, asks: 9n, lawful: [0] }],
});

test("C3: no member in want could reach a unit of someone better off", () => {
    const unequal = allocationOf([[0, 0, 1n], [1, 0, 3n]], [1n, 3n], [1]);
    const fault = checkCertificate(shared, "sainte_lague", unequal);
    assert.deepEqual([fault?.condition, fault?.member, fault?.need], [3, 0, 0]);
    // At its cap a member wants nothing.
    const capped = { ...shared, cap: BigInt64Array.from([1n, unitsMax]) };
    assert.equal(verdict(capped, unequal), "holds");
});

test("C4: nobody above its floor holds a unit that someone worse off could use", () => {
    const unequal = allocationOf([[0, 0, 1n], [1, 0, 3n]], [1n, 3n], [0]);
    const fault = checkCertificate(shared, "sainte_lague", unequal);
    assert.deepEqual([fault?.condition, fault?.member, fault?.need], [4, 1, 1]);
    // What a floor demands is not taken.
    const floored = { ...shared, floor: BigInt64Array.from([0n, 3n]) };
    assert.equal(verdict(floored, unequal), "holds");
});

test("C5: a member steps aside where it can", () => {
    // A, at its cap, holds X and could as well use Y, of which C has most; B has nothing and could
    // use X only. A's total would stay, so that no condition but C5 sees it.
    const instance = instanceOf({
        members: [{ cap: 1n }, {}, {}],
        offers: [1n, 4n],
        needs: [
            { of: 0, asks: 1n, lawful: [0] }, { of: 0, asks: 1n, lawful: [1] },
            { of: 1, asks: 1n, lawful: [0] }, { of: 2, asks: 4n, lawful: [1] },
        ],
    });
    const selfish = allocationOf([[0, 0, 1n], [3, 1, 4n]], [1n, 0n, 4n], [1, 2]);
    const fault = checkCertificate(instance, "sainte_lague", selfish);
    assert.deepEqual([fault?.condition, fault?.member], [5, 0]);
    for (const certificate of everyCertificate(instance)) {
        assert.notEqual(verdict(instance, { ...selfish, certificate }), "holds");
    }
    const aside = allocationOf([[1, 1, 1n], [2, 0, 1n], [3, 1, 3n]], [1n, 1n, 3n], [2, 2]);
    assert.equal(verdict(instance, aside), "holds");
});

test("the first condition that fails is the one that is named", () => {
    // Units left over, a contested draw, and A holding two where B has three of nine.
    const flows: [number, number, bigint][] = [[0, 0, 1n], [0, 1, 1n], [1, 0, 3n]];
    assert.equal(verdict(plain, allocationOf(flows, [2n, 3n], [0, 1])), "C1");
    assert.equal(verdict(plain, allocationOf(flows, [2n, 3n], [0, freeOffer])), "C2");
    assert.equal(verdict(plain, allocationOf(flows, [2n, 4n], [0, 1])), "C0");
});

// --- large numbers ----------------------------------------------------------------------------

test("keys that differ by one part in 2^99 are told apart", () => {
    // With k = 2^18: (2^40 k - 1) (2^40 - 1) is one more than (2^40 k - k - 1) 2^40, and
    // (2^40 k + 1) (2^40 - 1) is one less than (2^40 k - k + 1) 2^40. To a double all are equal.
    const weights = [2 ** 40, 2 ** 40 - 1];
    const k = 1n << 18n;
    const side = k << 40n;
    for (const [upKeyOfA, downKeyOfB, holds] of [
        [side - 1n, side - k - 1n, true], [side + 1n, side - k + 1n, false],
    ] as const) {
        for (const ranks of [[0, 1], [1, 0]]) {
            const a = upKeyOfA - 1n;
            const instance = {
                ...instanceOf({
                    members: weights.map((w) => ({ w })),
                    offers: [a + downKeyOfB],
                    needs: [0, 1].map((of) => ({ of, asks: 1n << 59n, lawful: [0] })),
                }),
                tieRank: Uint32Array.from(ranks),
            };
            const allocation = allocationOf(
                [[0, 0, a], [1, 0, downKeyOfB]], [a, downKeyOfB], [0]);
            const fault = checkCertificate(instance, "dhondt", allocation);
            assert.equal(fault === undefined, holds, `ranks ${ranks}: C${fault?.condition}`);
        }
    }
});

test("the largest instance that there may be is judged exactly in every rounding", () => {
    for (const rounding of roundings) {
        const half = unitsMax / 2n;
        const instance = instanceOf({
            members: [{ w: 2 ** 40, carry: half }, { w: 2 ** 40, carry: half }],
            offers: [unitsMax],
            needs: [{ of: 0, asks: half, lawful: [0] }, { of: 1, asks: half, lawful: [0] }],
        });
        const flows = (a: bigint, b: bigint, bottleneck: number) =>
            allocationOf([[0, 0, a], [1, 0, b]], [a, b], [bottleneck]);
        assert.equal(checkCertificate(instance, rounding, flows(half, half, freeOffer)), undefined);
        assert.equal(checkCertificate(instance, rounding, flows(half, half - 1n, freeOffer))?.condition, 3);

        // One unit less than both ask: the lower rank has it, and the other one misses it.
        const scarce = { ...instance, offerCapacity: BigInt64Array.from([unitsMax - 1n]) };
        assert.equal(checkCertificate(scarce, rounding, flows(half, half - 1n, 1)), undefined);
        assert.notEqual(checkCertificate(scarce, rounding, flows(half - 1n, half, 0)), undefined);
    }
});

test("equal keys: the lighter member with adams, else the lower rank", () => {
    // Both hold nothing and one unit is there; with adams both keys are 0.
    const instance = instanceOf({
        members: [{ w: 3 }, { w: 2 }],
        offers: [1n],
        needs: [{ of: 0, asks: 1n, lawful: [0] }, { of: 1, asks: 1n, lawful: [0] }],
    });
    const toA = allocationOf([[0, 0, 1n]], [1n, 0n], [1]);
    const toB = allocationOf([[1, 0, 1n]], [0n, 1n], [0]);
    assert.notEqual(checkCertificate(instance, "adams", toA), undefined);
    assert.equal(checkCertificate(instance, "adams", toB), undefined);
    // With Huntington and Hill the key of a member without units is 0 as well.
    assert.equal(checkCertificate(instance, "huntington_hill", toA), undefined);
    assert.notEqual(checkCertificate(instance, "huntington_hill", toB), undefined);
});

// --- what is no instance ----------------------------------------------------------------------

test("what is no instance is refused before anything is read", () => {
    const bent: [Partial<Record<keyof AllocationInstance, unknown>>, string][] = [
        [{ weight: Float64Array.from([0, 1]) }, "exchange/bad-instance"],
        [{ weight: Float64Array.from([1.5, 1]) }, "exchange/bad-instance"],
        [{ weight: Float64Array.from([NaN, 1]) }, "exchange/bad-instance"],
        [{ weight: Float64Array.from([2 ** 40 + 1, 1]) }, "exchange/instance-too-large"],
        [{ weight: Float64Array.from([1]) }, "exchange/bad-instance"],
        [{ floor: BigInt64Array.from([-1n, 0n]) }, "exchange/bad-instance"],
        [{ floor: BigInt64Array.from([0n, 6n]) }, "exchange/bad-instance"],
        [{ cap: BigInt64Array.from([unitsMax + 1n, 5n]) }, "exchange/instance-too-large"],
        [{ carryOver: BigInt64Array.from([-1n, 0n]) }, "exchange/bad-instance"],
        [{ carryOver: BigInt64Array.from([unitsMax, 1n]) }, "exchange/instance-too-large"],
        [{ tieRank: Uint32Array.from([1, 1]) }, "exchange/bad-instance"],
        [{ needOwner: Uint32Array.from([0, 2]) }, "exchange/bad-instance"],
        [{ needQuantity: BigInt64Array.from([-1n, 1n]) }, "exchange/bad-instance"],
        [{ needQuantity: BigInt64Array.from([unitsMax, 1n]) }, "exchange/instance-too-large"],
        [{ offerCapacity: BigInt64Array.from([unitsMax, 1n]) }, "exchange/instance-too-large"],
        [{ offerCapacity: BigInt64Array.from([1n]) }, "exchange/bad-instance"],
        [{ lawfulBegin: Uint32Array.from([]) }, "exchange/bad-instance"],
        [{ lawfulBegin: Uint32Array.from([0, 2]) }, "exchange/bad-instance"],
        [{ lawfulBegin: Uint32Array.from([0, 4, 3]) }, "exchange/bad-instance"],
        [{ lawfulBegin: Uint32Array.from([1, 2, 3]) }, "exchange/bad-instance"],
        [{ lawfulOffers: Uint32Array.from([1, 0, 0]) }, "exchange/bad-instance"],
        [{ lawfulOffers: Uint32Array.from([0, 0, 0]) }, "exchange/bad-instance"],
        [{ lawfulList: Uint32Array.from([0]) }, "exchange/bad-instance"],
        [{ lawfulList: Uint32Array.from([0, 2]) }, "exchange/bad-instance"],
    ];
    for (const [change, reason] of bent) {
        assert.throws(() => checkCertificate({ ...plain, ...change } as AllocationInstance, "adams", right),
            { reason }, Object.keys(change).join());
    }
});
