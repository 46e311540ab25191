// SPDX-License-Identifier: Apache-2.0

// Seeds, order and redraws are those of docs/spec/vectors/lottery.json, which a third implementation
// wrote and the C++ is tested on; the network's constants hash to the name of its chain; signatures
// that drand published verify, and with any bit bent they do not.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash, webcrypto } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import {
    canonicalNumbers, octetsOfHex, publishedSeedOctets, quicknet, quicknetNumberFor, quicknetRoundAt,
    quicknetSeedOctets, verifyQuicknet,
} from "./beacon";
import { bigEndian, lotteryRanks, lotterySeed, redrawSeed } from "./lottery";

interface VectorCase {
    name: string;
    root: string;
    reveals: Record<string, string>;
    public_value?: {
        kind: string; number?: number; signature?: string; randomness?: string; numbers?: string[];
    };
    seed: string;
    order: string[];
    redraws: string[];
}

const vectors = JSON.parse(readFileSync(
    new URL("../../docs/spec/vectors/lottery.json", import.meta.url), "utf8",
)) as { members: string[]; cases: VectorCase[] };

const sha256 = webcrypto.subtle;
const digestOf = (text: string) => octetsOfHex(text.replace(/^sha256:/, ""));
const textOf = (digest: Uint8Array) => `sha256:${Buffer.from(digest).toString("hex")}`;
const signatureOf = (text: string) => new Uint8Array(Buffer.from(text, "base64url"));

function seedOctets(value: VectorCase["public_value"]): Uint8Array {
    if (value === undefined) return new Uint8Array();
    if (value.kind === "published_draws") return publishedSeedOctets(value.numbers!);
    return quicknetSeedOctets(value.number!, digestOf(value.randomness!));
}

test("seeds, order and redraws are those of the vectors", async () => {
    assert.ok(vectors.cases.length >= 5);
    for (const vector of vectors.cases) {
        const reveals = Object.entries(vector.reveals)
            .map(([member, value]) => ({ member, value: digestOf(value) }));
        const octets = seedOctets(vector.public_value);
        const seed = await lotterySeed(digestOf(vector.root), reveals, octets, sha256);
        assert.equal(textOf(seed), vector.seed, vector.name);
        const backwards = await lotterySeed(digestOf(vector.root), reveals.reverse(), octets, sha256);
        assert.equal(textOf(backwards), vector.seed, vector.name);
        const ranks = await lotteryRanks(seed, vectors.members, new Set(), sha256);
        const order = [...vectors.members].sort(
            (a, b) => ranks[vectors.members.indexOf(a)]! - ranks[vectors.members.indexOf(b)]!);
        assert.deepEqual(order, vector.order, vector.name);
        for (const [at, link] of vector.redraws.entries()) {
            assert.equal(textOf(await redrawSeed(seed, at + 1, sha256)), link, vector.name);
        }
    }
    assert.equal(new Set(vectors.cases.map((vector) => vector.seed)).size, vectors.cases.length);
});

test("the constants of quicknet hash to the name of its chain", () => {
    const hash = createHash("sha256")
        .update(bigEndian(quicknet.period, 4)).update(bigEndian(quicknet.genesis, 8))
        .update(octetsOfHex(quicknet.publicKey)).update(octetsOfHex(quicknet.groupHash))
        .update(quicknet.beaconId);
    assert.equal(hash.digest("hex"), quicknet.chainHash);
});

test("a moment has the first round at or after it", () => {
    assert.equal(quicknetRoundAt(0), 1);
    assert.equal(quicknetRoundAt(quicknet.genesis), 1);
    assert.deepEqual([1, 2, 3, 4].map((later) => quicknetRoundAt(quicknet.genesis + later)), [2, 2, 2, 3]);
    assert.equal(quicknetRoundAt(1_798_761_600), 35_319_412);  // 2027-01-01T00:00:00Z
    assert.equal(quicknetNumberFor(1_798_761_600), 35_319_512);
});

test("published values of quicknet verify, and with any bit bent they do not", async () => {
    const published = vectors.cases.flatMap(({ public_value: value }) =>
        value?.kind === "drand_quicknet" ? [value] : []);
    assert.equal(published.length, 2);
    for (const value of published) {
        const signature = signatureOf(value.signature!);
        assert.ok(await verifyQuicknet(value.number!, signature, sha256));
        assert.equal(textOf(createHash("sha256").update(signature).digest()), value.randomness);
        for (const other of [value.number! - 1, value.number! + 1, 0, -1, 1.5]) {
            assert.equal(await verifyQuicknet(other, signature, sha256), false, `round ${other}`);
        }
    }
    const { number, signature } = published[0]!;
    for (let bit = 0; bit < 8 * 48; ++bit) {
        const bent = signatureOf(signature!);
        bent[bit >> 3]! ^= 1 << (bit & 7);
        assert.equal(await verifyQuicknet(number!, bent, sha256), false, `bit ${bit}`);
    }
    const whole = signatureOf(signature!);
    const longer = new Uint8Array(49);
    longer.set(whole);
    const infinity = new Uint8Array(48);
    infinity[0] = 0xc0;
    for (const wrong of [whole.subarray(1), longer, new Uint8Array(), new Uint8Array(48), infinity]) {
        assert.equal(await verifyQuicknet(number!, wrong, sha256), false, `${wrong.length} octets`);
    }
    // Another round's signature is a right point for the wrong message.
    assert.equal(await verifyQuicknet(number!, signatureOf(published[1]!.signature!), sha256), false);
});

test("numbers of a source have one form", () => {
    assert.equal(canonicalNumbers("10 9,0100,, 2"), "2.9.10.100.");
    assert.equal(canonicalNumbers("000,0"), "0.0.");
    assert.equal(canonicalNumbers("340282366920938463463374607431768211456 5"),
        "5.340282366920938463463374607431768211456.");
    for (const text of ["", " ", ",", "1.5", "-1", "+1", "0x10", "1e3", "a", "1\t2", "\u0661",
        "1".repeat(1025)]) {
        assert.throws(() => canonicalNumbers(text), { reason: "exchange/bad-numbers" }, text);
    }
    assert.throws(() => publishedSeedOctets([]), { reason: "exchange/bad-numbers" });
    assert.throws(() => publishedSeedOctets(Array<string>(65).fill("1")),
        { reason: "exchange/bad-numbers" });
});

test("the command says what holds by its exit code", () => {
    const command = fileURLToPath(new URL("check_beacon.js", import.meta.url));
    const exitCode = (...words: string[]) => {
        try {
            execFileSync(process.execPath, [command, ...words], { stdio: "pipe" });
            return 0;
        } catch (error) {
            return (error as { status: number }).status;
        }
    };
    const value = vectors.cases.find(({ public_value: one }) => one?.number === 123)!.public_value!;
    const hex = Buffer.from(value.signature!, "base64url").toString("hex");
    assert.equal(exitCode("123", hex), 0);
    assert.equal(exitCode("124", hex), 6);
    assert.equal(exitCode("123", hex.slice(2)), 6);
    for (const words of [[], ["123"], ["0", hex], ["123", "xy"], ["123", hex, "more"]]) {
        assert.equal(exitCode(...words), 2, words.join(" "));
    }
});
