// SPDX-License-Identifier: Apache-2.0

// The places of members in a draw, from its seed; docs/spec/allocation.md section 7.

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
    draws.sort((a, b) => Number(a.last) - Number(b.last) || compareDigests(a.digest, b.digest));
    const ranks = new Uint32Array(ids.length);
    draws.forEach(({ member }, place) => { ranks[member] = place; });
    return ranks;
}

function compareDigests(a: Uint8Array, b: Uint8Array): number {
    for (let at = 0; at < a.length; ++at) {
        const difference = a[at]! - b[at]!;
        if (difference !== 0) return difference;
    }
    return 0;
}
