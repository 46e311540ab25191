// SPDX-License-Identifier: Apache-2.0

// The documents of docs/spec/allocation.md and of tests/cases/allocation are read and judged; the
// order of a file changes nothing; every field of an instance and of a result, bent once, is refused
// with its place.

import assert from "node:assert/strict";
import { createHash, webcrypto } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { type Json, readJson } from "../codec/json";
import { freeOffer, unitsMax } from "./allocation";
import { checkCertificate } from "./certificate";
import {
    compareOctets, instanceFrom, instanceLimits, type NamedInstance, readAllocations, readInstances,
} from "./instance_json";
import { allocateSlowly } from "./slow_model";

/** Seen from web/dist, where the bundled test is. */
const repository = new URL("../../", import.meta.url);

function octets(text: string): Uint8Array {
    return new TextEncoder().encode(text);
}

async function readAll(text: string): Promise<NamedInstance[]> {
    return readInstances(octets(text), webcrypto.subtle);
}

async function readOne(text: string): Promise<NamedInstance> {
    const [named, ...others] = await readAll(text);
    assert.ok(named !== undefined && others.length === 0);
    return named;
}

const small = `{
    "members": {"A": {"w": 2}, "B": {"w": "1", "min": 1, "max": "4", "carry": 2}},
    "offers": {"X": 5, "Y": 3},
    "needs": {
        "n2": {"member": "B", "qty": 6, "lawful": ["Y", "X"]},
        "n1": {"member": "A", "qty": 6, "lawful": ["X"]}
    },
    "rounding": "adams"
}`;

// --- documents of others ----------------------------------------------------------------------

test("the example of the specification is read and holds", async () => {
    const page = readFileSync(new URL("docs/spec/allocation.md", repository), "utf8");
    const block = (heading: string) => {
        const begin = page.indexOf("```json\n", page.indexOf(heading)) + 8;
        return page.slice(begin, page.indexOf("```", begin));
    };
    const named = await readOne(block("## 8 "));
    assert.equal(named.name, "carry-over");
    assert.deepEqual([...named.instance.tieRank], [1, 0]);
    const [allocation] = readAllocations(octets(block("## 9 ")), [named]);
    assert.deepEqual(allocation, {
        flowNeed: Uint32Array.of(0, 1), flowOffer: Uint32Array.of(0, 0),
        flowUnits: BigInt64Array.of(3n, 4n), totals: BigInt64Array.of(3n, 4n),
        certificate: Uint32Array.of(1),
    });
    assert.equal(checkCertificate(named.instance, named.rounding, allocation), undefined);
});

/** The slow model of the rule gives the stated totals, and the checker accepts them and no others. */
async function judgeCases(file: URL): Promise<number> {
    let stated = 0;
    const cases = await readInstances(readFileSync(file), webcrypto.subtle);
    assert.ok(cases.length > 0);
    for (const named of cases) {
        const offered = named.instance.offerCapacity.reduce((sum, units) => sum + units, 0n);
        if (offered > 2000n) continue;  // too many for a model that gives units one by one
        const allocation = allocateSlowly(named.instance, named.rounding);
        assert.ok(allocation !== undefined, named.name);
        assert.equal(checkCertificate(named.instance, named.rounding, allocation), undefined, named.name);
        const shares = [...named.expectedShares].filter(([, share]) => !share.includes("/"));
        const units: [string, bigint][] = [...named.expectedUnits];
        // Where all exact shares are whole, the units are those.
        if (shares.length === named.expectedShares.size) {
            units.push(...shares.map(([id, share]): [string, bigint] => [id, BigInt(share)]));
        }
        for (const [id, expected] of units) {
            const member = named.members.number.get(id)!;
            assert.equal(allocation.totals[member], expected, `${named.name}: ${id}`);
            ++stated;
        }
    }
    return stated;
}

for (const file of readdirSync(new URL("tests/cases/allocation/", repository))) {
    test(`the cases of ${file} have the stated totals`, async () => {
        assert.ok(await judgeCases(new URL(`tests/cases/allocation/${file}`, repository)) > 0);
    });
}

// --- forms of an instance ---------------------------------------------------------------------

test("members, needs and offers are numbered by their ids", async () => {
    const { instance, needs, offers, members, rounding, name } = await readOne(small);
    assert.deepEqual([rounding, name], ["adams", ""]);
    assert.deepEqual([members.list, needs.list, offers.list], [["A", "B"], ["n1", "n2"], ["X", "Y"]]);
    assert.deepEqual(instance, {
        weight: Float64Array.of(2, 1), floor: BigInt64Array.of(0n, 1n),
        cap: BigInt64Array.of(unitsMax, 4n), carryOver: BigInt64Array.of(0n, 2n),
        tieRank: Uint32Array.of(0, 1), needOwner: Uint32Array.of(0, 1),
        needQuantity: BigInt64Array.of(6n, 6n), offerCapacity: BigInt64Array.of(5n, 3n),
        lawfulBegin: Uint32Array.of(0, 1, 3), lawfulOffers: Uint32Array.of(0, 0, 1),
        lawfulList: Uint32Array.of(0, 1),
    });
});

test("ids are ordered by their octets", async () => {
    assert.ok("\u{10000}" < "\ufffd");
    const ids = ["\ufffd", "\u{10000}", "a\u{10ffff}", "a", "b", "a\ue000", ""];
    const byOctets = [...ids].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    assert.deepEqual([...ids].sort(compareOctets), byOctets);
    const named = await readOne(JSON.stringify({
        members: Object.fromEntries(ids.map((id) => [id, { w: 1 }])), offers: {}, needs: {},
    }));
    assert.deepEqual(named.members.list, byOctets);
});

test("needs may share a list", async () => {
    const document = (needs: Record<string, Json>) => JSON.stringify({
        members: { A: { w: 1 } }, offers: { X: 1, Y: 1 },
        lists: { both: ["Y", "X"], nobodys: ["X"], none: [] },
        needs: Object.fromEntries(Object.entries(needs).map(([id, lawful]) =>
            [id, { member: "A", qty: 1, lawful }])),
    });
    const { instance } = await readOne(document({ a: "both", b: ["Y"], c: "both", d: "none", e: [] }));
    assert.deepEqual([...instance.lawfulList!], [0, 3, 0, 2, 4]);
    assert.deepEqual([...instance.lawfulBegin], [0, 2, 3, 3, 4, 4]);
    assert.deepEqual([...instance.lawfulOffers], [0, 1, 0, 1]);
    await assert.rejects(readAll(document({ a: "X" })),
        { reason: "exchange/bad-instance", message: '/needs/a/lawful: There is no list "X".' });
    const list = (from: string, to: string) => readAll(document({ a: "both" }).replace(from, to));
    await assert.rejects(list('["X"]', '["Z"]'), { message: '/lists/nobodys: There is no offer "Z".' });
    await assert.rejects(list('["X"]', '["X","X"]'),
        { message: "/lists/nobodys: An offer is listed twice." });
    await assert.rejects(list('["X"]', '"both"'), { message: "/lists/nobodys: Expected an array." });
});

test("an instance may be wrapped, and what stands outside wins", async () => {
    const wrapped = `{"name": "one", "seed": 1, "note": [1], "instance": ${small}}`;
    assert.equal((await readOne(wrapped)).name, "one");
    assert.deepEqual((await readAll(`[${wrapped}, ${small}]`)).map(({ name }) => name), ["one", ""]);
    assert.deepEqual(await readAll("[]"), []);

    const inside = small.replace('"rounding"', '"lottery": ["B", "A"], "rounding"');
    assert.deepEqual([...(await readOne(inside)).instance.tieRank], [1, 0]);
    const both = await readOne(
        `{"instance": ${inside}, "lottery": ["A", "B"], "rounding": "dhondt"}`);
    assert.deepEqual([...both.instance.tieRank], [0, 1]);
    assert.equal(both.rounding, "dhondt");
    const drawn = `{"instance": ${inside}, "seed": "x"}`;
    assert.deepEqual((await readOne(drawn)).instance.tieRank, await ranksOf('"seed": "x"'));
});

async function ranksOf(draw: string): Promise<Uint32Array> {
    return (await readOne(small.replace('"rounding"', `${draw}, "rounding"`))).instance.tieRank;
}

test("a seed draws the lottery", async () => {
    const members = ["A", "B", "é", "\u{10000}", "member 5", ""];
    const sha256 = (...parts: (string | Buffer)[]) => {
        const hash = createHash("sha256");
        for (const part of parts) hash.update(part);
        return hash.digest();
    };
    const hex = "0123456789abcdef".repeat(4);
    const draws: [Json, Buffer][] = [
        ["any text", sha256("any text")], [7, sha256("7")], [-7, sha256("-7")], ["", sha256("")],
        [`sha256:${hex}`, Buffer.from(hex, "hex")],
        [`sha256:${hex.toUpperCase()}`, sha256(`sha256:${hex.toUpperCase()}`)],
        [`sha256:${hex}0`, sha256(`sha256:${hex}0`)],
    ];
    for (const [seed, octetsOfSeed] of draws) {
        for (const withheld of [[], ["é"], ["A", "member 5"], members]) {
            const { instance } = await readOne(JSON.stringify({
                members: Object.fromEntries(members.map((id) => [id, { w: 1 }])),
                offers: {}, needs: {}, seed, withheld,
            }));
            const place = (id: string) =>
                (withheld.includes(id) ? "1" : "0") + sha256(octetsOfSeed, id).toString("hex");
            const order = [...members].sort((a, b) => place(a) < place(b) ? -1 : 1);
            const sorted = [...members].sort(compareOctets);
            assert.deepEqual([...instance.tieRank], sorted.map((id) => order.indexOf(id)), String(seed));
        }
    }
});

// --- what is refused --------------------------------------------------------------------------

test("a mistake in an instance is named with its place", async () => {
    const refusals: [from: string, to: string, place: string, reason?: string][] = [
        ['"w": 2', '"w": 0', "Member number 0 has a weight below 1"],
        ['"w": 2', '"w": "2/3"', "/members/A/w: "],
        ['"w": 2', '"w": -2', "/members/A/w: "],
        ['"w": 2', '"w": true', "/members/A/w: "],
        ['"w": 2', '"v": 2', "/members/A/v: "],
        ['"w": 2', "", '/members/A: The member "w" is missing'],
        ['"w": "1"', '"w": "01"', "/members/B/w: "],
        ['"w": "1"', '"w": "+1"', "/members/B/w: "],
        ['"w": "1"', '"w": " 1"', "/members/B/w: "],
        ['"w": "1"', '"w": ""', "/members/B/w: "],
        ['"max": "4"', '"max": "9223372036854775808"', "/members/B/max: "],
        ['"max": "4"', '"max": 0', "Member number 1 has a cap below its floor"],
        ['"max": "4"', '"max": "1152921504606846977"', "Member number 1", "exchange/instance-too-large"],
        ['"w": 2', '"w": "1099511627777"', "Member number 0", "exchange/instance-too-large"],
        ['"w": 2', '"w": "9223372036854775807"', "Member number 0", "exchange/instance-too-large"],
        ['"A": {"w": 2}', '"A": 2', "/members/A: "],
        ['"member": "B"', '"member": "C"', '/needs/n2/member: There is no member "C"'],
        ['"member": "B"', '"member": 1', "/needs/n2/member: "],
        ['"qty": 6', '"qty": -1', "/needs/n2/qty: "],
        ['"qty": 6,', "", "/needs/n2: "],
        ['"qty": 6', '"qty": 6, "more": 1', "/needs/n2/more: "],
        ['["X"]', '["Z"]', '/needs/n1/lawful: There is no offer "Z"'],
        ['["X"]', '["X", "X"]', "/needs/n1/lawful: An offer is listed twice"],
        ['["X"]', "[1]", "/needs/n1/lawful/0: "],
        ['["X"]', '"X"', "/needs/n1/lawful: "],
        ['["X"]', "1", "/needs/n1/lawful: "],
        ['"X": 5', '"X": true', "/offers/X: "],
        ['"X": 5', '"X": "1152921504606846976"', "The offers exceed", "exchange/instance-too-large"],
        ['"adams"', '"hamilton"', "/rounding: "],
        ['"adams"', "3", "/rounding: "],
        ['"rounding"', '"lottery": ["A"], "rounding"', "/lottery: "],
        ['"rounding"', '"lottery": ["A", "A"], "rounding"', "/lottery: "],
        ['"rounding"', '"lottery": ["A", "C"], "rounding"', "/lottery: "],
        ['"rounding"', '"lottery": ["A", "B"], "seed": 1, "rounding"', "/lottery: "],
        ['"rounding"', '"withheld": ["A"], "rounding"', "/withheld: "],
        ['"rounding"', '"seed": 1, "withheld": ["A", "A"], "rounding"', "/withheld: "],
        ['"rounding"', '"seed": 1, "withheld": ["C"], "rounding"', "/withheld: "],
        ['"rounding"', '"seed": true, "rounding"', "/seed: "],
        ['"rounding"', '"name": 1, "rounding"', "/name: "],
        ['"rounding"', '"r": 1, "rounding"', "/r: "],
        ['"rounding"', '"r": {"A": 1}, "rounding"', "/r/A: "],
        ['"rounding"', '"units": {"A": "x"}, "rounding"', "/units/A: "],
        ['"rounding"', '"more": 1, "rounding"', "/more: "],
        ['"offers"', '"offer"', "/offer: "],
    ];
    for (const [from, to, place, reason] of refusals) {
        assert.ok(small.includes(from), from);
        await assert.rejects(readAll(small.replace(from, to)), (error: Error & { reason: string }) => {
            assert.equal(error.message.slice(0, place.length), place);
            assert.equal(error.reason, reason ?? "exchange/bad-instance");
            return true;
        });
    }
    const outside: [text: string, place: string][] = [
        ["[3]", "/0: Expected an object"],
        ["[[]]", "/0: Expected an object"],
        [`{"instance": ${small}, "members": {}}`, "/members: "],
        [`{"instance": {"instance": ${small}}}`, "/instance/instance: "],
        [`{"instance": ${small.replace('"rounding"', '"name": "x", "rounding"')}}`, "/instance/name: "],
        [`{"instance": ${small.replace('"adams"', '"x"')}, "rounding": "adams"}`, "/instance/rounding: "],
        [`{"instance": ${small.replace('"rounding"', '"seed": 1, "rounding"')}, "withheld": ["A"]}`,
            "/withheld: "],
        ['{"members": {}, "needs": {}}', 'The member "offers" is missing'],
    ];
    for (const [text, place] of outside) {
        await assert.rejects(readAll(text), (error: Error) => error.message.startsWith(place), text);
    }
    const deep = '{"note": [[[[[[[1]]]]]]], "members": {}, "offers": {}, "needs": {}}';
    await readOne(deep);
    await assert.rejects(readAll(deep.replace("[1]", "[[1]]")), { reason: "codec/too-deep" });
});

const result = `{
    "certificate": {"X": "A", "Y": "B"},
    "lottery": ["A", "B"],
    "members": {"A": {"r": "5", "units": 5}, "B": {"r": "3", "units": 3}},
    "needs": {
        "n1": {"bottleneck": "A", "from": {"X": 5}, "holder": "B", "outcome": "no_better_off", "units": 5},
        "n2": {"bottleneck": "B", "from": {"Y": 3}, "holder": "B", "outcome": "no_better_off", "units": 3}
    },
    "rounding": "adams",
    "totals": {"asked": 12, "given": 8, "offered": 8}
}`;

test("a result is read, and its mistakes are named with their place", async () => {
    const named = await readOne(small);
    const [allocation] = readAllocations(octets(result), [named]);
    assert.equal(checkCertificate(named.instance, named.rounding, allocation!), undefined);
    assert.equal(readAllocations(octets(`[${result}]`), [named]).length, 1);

    const refusals: [from: string, to: string, place: string][] = [
        ['{"X": "A"', '{"Z": "A"', '/certificate: There is no offer "Z"'],
        ['{"X": "A"', '{"X": "C"', '/certificate/X: There is no member "C"'],
        ['{"X": "A"', '{"X": 1', "/certificate/X: "],
        ['["A", "B"]', '["B", "A"]', "/lottery: "],
        ['["A", "B"]', '["A"]', "/lottery: "],
        ['["A", "B"]', "1", "/lottery: "],
        ['"A": {"r"', '"C": {"r"', "/members/C: "],
        [', "B": {"r": "3", "units": 3}', "", '/members: The member "B" is missing'],
        ['"r": "5"', '"r": 5', "/members/A/r: "],
        ['"r": "5"', '"r": "05"', "/members/A/r: "],
        ['"units": 5}, "B"', '"units": "5"}, "B"', "/members/A/units: "],
        ['"units": 5}, "B"', '"units": 5, "x": 1}, "B"', "/members/A/x: "],
        ['"n1": {', '"n3": {', "/needs/n3: "],
        ['{"X": 5}', '{"Z": 5}', '/needs/n1/from: There is no offer "Z"'],
        ['{"X": 5}', '{"X": "5"}', "/needs/n1/from/X: "],
        ['{"X": 5}', '{"X": 4}', "/needs/n1/units: "],
        ['{"X": 5}', "5", "/needs/n1/from: "],
        ['"from": {"X": 5},', "", "/needs/n1: "],
        ['"holder": "B"', '"holder": "C"', "/needs/n1/holder: "],
        ['"outcome": "no_better_off"', '"outcome": "no"', "/needs/n1/outcome: "],
        ['"adams"', '"dhondt"', "/rounding: "],
        ['"given": 8', '"given": 7', "/totals/given: "],
        ['"asked": 12', '"asked": 13', "/totals/asked: "],
        ['"offered": 8', '"offered": 9', "/totals/offered: "],
        ['"offered": 8', '"offered": 8, "x": 1', "/totals/x: "],
        ['"rounding"', '"name": "x", "rounding"', "/name: "],
        ['"rounding"', '"more": "x", "rounding"', "/more: "],
        ['"rounding": "adams",', "", 'The member "rounding" is missing'],
    ];
    for (const [from, to, place] of refusals) {
        assert.ok(result.includes(from), from);
        assert.throws(() => readAllocations(octets(result.replace(from, to)), [named]),
            (error: Error & { reason: string }) => {
                assert.equal(error.message.slice(0, place.length), place);
                assert.equal(error.reason, "exchange/bad-solution");
                return true;
            });
    }
    for (const text of [`[${result}, ${result}]`, "[]"]) {
        assert.throws(() => readAllocations(octets(text), [named]), { reason: "exchange/bad-solution" });
    }
    assert.throws(() => readAllocations(octets(result), [named, named]), /one solution for each of the 2/);
});

test("an offer that the certificate does not list is free", async () => {
    const named = await readOne(small);
    const [allocation] = readAllocations(octets(result.replace(', "Y": "B"', "")), [named]);
    assert.deepEqual([...allocation!.certificate], [0, freeOffer]);
    const fault = checkCertificate(named.instance, named.rounding, allocation!);
    assert.equal(fault?.condition, 3);
});

test("pairs that carry nothing, or less, are left to C0", async () => {
    const named = await readOne(small);
    for (const units of [0, -1]) {
        const bent = result.replace('"from": {"Y": 3}', `"from": {"X": ${units}, "Y": ${3 - units}}`);
        assert.notEqual(bent, result);
        const [allocation] = readAllocations(octets(bent), [named]);
        assert.equal(checkCertificate(named.instance, named.rounding, allocation!)?.condition, 0);
    }
});

test("large numbers travel as text", async () => {
    const large = small.replace('"X": 5', '"X": "1000000000000000000"')
        .replace('"Y": 3', '"Y": "152921504606846976"').replaceAll('"qty": 6', '"qty": "576460752303423488"');
    const { instance } = await readOne(large);
    assert.deepEqual([...instance.offerCapacity], [10n ** 18n, unitsMax - 10n ** 18n]);
    assert.deepEqual([...instance.needQuantity], [unitsMax / 2n, unitsMax / 2n]);
});

test("a line of agreement reads instances that were parsed already", async () => {
    const document = readJson(octets(`{"x": ${small}}`), { ...instanceLimits, depthMax: 9 });
    assert.ok(document instanceof Map);
    const named = await instanceFrom(document.get("x")!, webcrypto.subtle, ["x"]);
    assert.deepEqual(named.instance, (await readOne(small)).instance);
});
