// SPDX-License-Identifier: Apache-2.0

// The lottery of a round: its seed, the places of members, the chain of redraws;
// docs/spec/allocation.md section 7.

/** The part of WebCrypto that is used here: `crypto.subtle` of a page, `webcrypto.subtle` of Node. */
export interface Sha256 {
    digest(algorithm: "SHA-256", octets: Uint8Array): Promise<ArrayBuffer | Uint8Array>;
}

/**
 * Place of each of `ids` (0 comes first), ascending by SHA-256(seed, id); the members numbered in
 * `withheld`, who committed and did not reveal, come after all others in the same order.
 */
export async function lotteryRanks(
    seed: Uint8Array, ids: readonly string[], withheld: ReadonlySet<number>, sha256: Sha256,
): Promise<Uint32Array> {
    const encoder = new TextEncoder();
    const draws = await Promise.all(ids.map(async (id, member) => {
        const octets = encoder.encode(id);
        const input = new Uint8Array(seed.length + octets.length);
        input.set(seed);
        input.set(octets, seed.length);
        const digest = new Uint8Array(await sha256.digest("SHA-256", input));
        return { member, last: withheld.has(member), digest };
    }));
    draws.sort((a, b) => Number(a.last) - Number(b.last) || compareOctets(a.digest, b.digest));
    const ranks = new Uint32Array(ids.length);
    draws.forEach(({ member }, place) => { ranks[member] = place; });
    return ranks;
}

/** One member's revealed value, 32 octets. */
export interface Reveal {
    readonly member: string;
    readonly value: Uint8Array;
}

/** Seed of a draw; `publicValue` is empty without a public source (beacon.ts). */
export async function lotterySeed(
    root: Uint8Array, reveals: readonly Reveal[], publicValue: Uint8Array, sha256: Sha256,
): Promise<Uint8Array> {
    const encoder = new TextEncoder();
    const named = reveals.map(({ member, value }) => ({ id: encoder.encode(member), value }));
    named.sort((a, b) => compareOctets(a.id, b.id));
    const parts = [encoder.encode("comity/allocation lottery\n"), root, bigEndian(named.length, 4)];
    for (const { id, value } of named) parts.push(bigEndian(id.length, 2), id, value);
    parts.push(publicValue);
    return new Uint8Array(await sha256.digest("SHA-256", joined(parts)));
}

/** Link `k` (from 1) of the chain of redraws, fixed with the seed. */
export async function redrawSeed(seed: Uint8Array, k: number, sha256: Sha256): Promise<Uint8Array> {
    const domain = new TextEncoder().encode("comity/allocation redraw\n");
    return new Uint8Array(await sha256.digest("SHA-256", joined([domain, seed, bigEndian(k, 4)])));
}

/** Most significant octet first. */
export function bigEndian(number: number, octets: number): Uint8Array {
    const written = new Uint8Array(octets);
    for (let at = octets - 1, rest = BigInt(number); at >= 0; --at, rest >>= 8n) {
        written[at] = Number(rest & 0xffn);
    }
    return written;
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
    const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
    let at = 0;
    for (const part of parts) {
        all.set(part, at);
        at += part.length;
    }
    return all;
}

function compareOctets(a: Uint8Array, b: Uint8Array): number {
    for (let at = 0; at < Math.min(a.length, b.length); ++at) {
        const difference = a[at]! - b[at]!;
        if (difference !== 0) return difference;
    }
    return a.length - b.length;
}
