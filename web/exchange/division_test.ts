// SPDX-License-Identifier: Apache-2.0

// Rules in stages: the rules of data/rules read with their examples; the stages and floors that they
// must have, computed by hand; divisions that hold, and each way in which one does not. That whole
// documents are judged as by the first checker, tests/agreement shows.

import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { Refusal } from "../base/refusal";
import { readJson } from "../codec/json";
import { freeOffer } from "./allocation";
import { checkDivision, type Division, stagesOf } from "./division";
import { divisionFrom, instanceFrom, instanceLimits, type NamedInstance } from "./instance_json";
import { floorsOfStage } from "./stage_floors";

const rules = new URL("../../data/rules/", import.meta.url);

async function readOne(document: object): Promise<NamedInstance> {
    const octets = new TextEncoder().encode(JSON.stringify(document));
    return instanceFrom(readJson(octets, instanceLimits), webcrypto.subtle);
}

function parsed(solution: object) {
    return readJson(new TextEncoder().encode(JSON.stringify(solution)), instanceLimits);
}

test("every rule of data/rules is read with its examples", async () => {
    // Pairs of least cost are not read yet: what they need stands in section 11 of allocation.md.
    const isRead = (name: string) => name.endsWith(".json") && name !== "least-cost.json";
    const files = readdirSync(rules).filter(isRead);
    assert.ok(files.length >= 15);
    for (const file of files) {
        const rule = readJson(readFileSync(new URL(file, rules)), instanceLimits);
        const examples = readJson(readFileSync(new URL(`examples/${file}`, rules)), instanceLimits);
        assert.ok(Array.isArray(examples));
        for (const example of examples) {
            assert.ok(example instanceof Map);
            const named = await instanceFrom(new Map([...example, ["rule", rule]]), webcrypto.subtle);
            assert.equal(`${named.rule?.id}.json`, file);
            if (file === "choices-in-order.json") assert.ok(stagesOf(named.rule!.pool).length === 2);
            if (named.name === "Older rounds fade") assert.equal(named.instance.carryOver[0], 4n);
        }
    }
});

const pool = {
    members: { A: { w: 3 }, B: { w: 1 }, C: { w: 1 } }, offers: { X: 6, Y: 3 },
    groups: { g: ["B"] },
    needs: {
        n1: { member: "A", qty: 4, choices: [["X"], ["Y"]], end_use: "e" },
        n2: { member: "B", qty: 4, lawful: ["Y"] },
        n3: { member: "C", qty: 3, lawful: ["X", "Y"], min: 2, rank: 1 },
    },
    rule: {
        id: "r", version: 2, one_each: true, by_choice: true, minimums: true,
        tiers: [["unused"], ["e"]], floor: { group: "g", share: "1/2" }, member_cap: "1/2",
    },
};

const given = (from: Record<string, number>) => ({
    from, units: Object.values(from).reduce((sum, units) => sum + units, 0), outcome: "no_better_off",
});
const early = (choice: number) => ({
    tier: 2, choice, certificate: {}, members: { A: 4, B: 0, C: 0 }, needs: { n1: { X: 4 } },
});

/** A has its 4 in the first stage; then B, on the list, comes before C and has all of Y. */
function solution() {
    return {
        rounding: "sainte_lague", lottery: ["A", "B", "C"], rule: { id: "r", version: 2 },
        totals: { offered: 9, asked: 11, given: 9 }, dropped: [] as string[],
        members: { A: { units: 4, floor: 1 }, B: { units: 3, floor: 3 }, C: { units: 2, floor: 1 } },
        needs: { n1: given({ X: 4 }), n2: given({ Y: 3 }), n3: given({ X: 2 }) },
        certificate: { X: "C", Y: "C" }, stages: [early(1), early(2)],
    };
}

async function judge(bend: (document: ReturnType<typeof solution>) => void): Promise<string | undefined> {
    const named = await readOne(pool);
    const document = solution();
    bend(document);
    return checkDivision(named.rule!.pool, divisionFrom(parsed(document), named))?.what;
}

test("a division in stages holds, and no part of it may differ", async () => {
    assert.equal(await judge(() => {}), undefined);
    assert.match(await judge((it) => { it.members.B.floor = 2; }) ?? "", /floor/);
    assert.match(await judge((it) => { it.stages[0]!.choice = 2; }) ?? "", /another stage/);
    assert.match(await judge((it) => { it.stages[1]!.members.B = 1; }) ?? "", /sum over its pairs/);
    assert.match(await judge((it) => {
        Object.assign(it.stages[0]!, { members: { A: 3, B: 0, C: 1 }, needs: { n1: { X: 3 }, n3: { X: 1 } } });
    }) ?? "", /later stage/);
    assert.match(await judge((it) => { it.dropped = ["n3"]; }) ?? "", /more units than it asks/);
    await assert.rejects(judge((it) => { it.dropped = ["n3", "n3"]; }), Refusal);
    await assert.rejects(judge((it) => { it.stages.pop(); it.stages.pop(); delete (it as { stages?: unknown }).stages; }), Refusal);
    await assert.rejects(judge((it) => { it.rule.version = 1; }), Refusal);
});

test("nobody may be left with fewer units than are of use", async () => {
    const short = {
        members: { A: { w: 1 }, B: { w: 1 } }, offers: { X: 3 },
        needs: {
            n1: { member: "A", qty: 2, lawful: ["X"] }, n2: { member: "B", qty: 2, lawful: ["X"], min: 2 },
        },
    };
    const division: Division = {
        stages: [{
            tier: 0, choice: 0, allocation: {
                flowNeed: Uint32Array.of(0, 1), flowOffer: Uint32Array.of(0, 0),
                flowUnits: BigInt64Array.of(2n, 1n), totals: BigInt64Array.of(2n, 1n),
                certificate: Uint32Array.of(1),
            },
        }],
        dropped: new Set(), floors: new BigInt64Array(2),
    };
    const kept = await readOne({ ...short, rule: { minimums: true } });
    const free = await readOne({ ...short, rule: {} });
    assert.match(checkDivision(kept.rule!.pool, division)?.what ?? "", /of use/);
    assert.equal(checkDivision(free.rule!.pool, division), undefined);
    assert.notEqual(division.stages[0]!.allocation.certificate[0], freeOffer);
});

test("one each goes by the lottery, and makes others step aside", async () => {
    const named = await readOne({
        members: { A: { w: 1 }, B: { w: 9 }, C: { w: 9 } }, offers: { X: 1, Y: 1 }, lottery: ["A", "C", "B"],
        needs: {
            a: { member: "A", qty: 5, lawful: ["X", "Y"] }, b: { member: "B", qty: 5, lawful: ["X"] },
            c: { member: "C", qty: 5, lawful: ["X"] },
        },
    });
    const rule = { rounding: "dhondt" as const, oneEach: true };
    assert.deepEqual([...floorsOfStage(named.instance, new BigInt64Array(3), rule) ?? []], [1n, 0n, 1n]);
    assert.deepEqual([...floorsOfStage(named.instance, BigInt64Array.of(1n, 0n, 0n), rule) ?? []], [0n, 0n, 1n]);
    const tooMuch = { ...named.instance, floor: BigInt64Array.of(2n, 1n, 0n) };
    assert.equal(floorsOfStage(tooMuch, new BigInt64Array(3), rule), undefined);
});
