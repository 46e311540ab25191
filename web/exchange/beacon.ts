// SPDX-License-Identifier: Apache-2.0

// Public values of a lottery: what drand's network quicknet signed, verified here, and numbers that
// issuers of lotteries published; docs/spec/allocation.md section 7.1.

import { bls12_381 } from "@noble/curves/bls12-381.js";

import { Refusal } from "../base/refusal";
import { bigEndian, joined, type Sha256 } from "./lottery";

/** As the chain describes itself; `chainHash` is SHA-256 over all the rest, which a test recomputes. */
export const quicknet = {
    chainHash: "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971",
    publicKey: "83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c"
        + "8c4b450b6a0a6c3ac6a5776a2d1064510d1fec758c921cc22b0e17e63aaf4bcb"
        + "5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a",
    groupHash: "f477d5c89f21a17c863a7f937c6a6d15859414d2be09cd448d4279af331c5d3e",
    beaconId: "quicknet",
    /** POSIX seconds of round 1. */
    genesis: 1692803367,
    /** Seconds. */
    period: 3,
} as const;

const signatureOctets = 48;
const compressedFlag = 0x80;
/** RFC 9380; drand's scheme bls-unchained-g1-rfc9380. */
const hashToCurveTag = "BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_";

export const numbersLengthMax = 1024;
export const sourcesMax = 64;

/** Number of the first round of quicknet at or after a moment in POSIX seconds. */
export function quicknetRoundAt(seconds: number): number {
    if (seconds <= quicknet.genesis) return 1;
    return Math.ceil((seconds - quicknet.genesis) / quicknet.period) + 1;
}

/** Seconds after `draws_at` in which no value may exist, since the log follows the clock with a delay. */
export const revealMargin = 300;

/** Number of the round of quicknet that counts for a draw at `drawsAt`, in POSIX seconds. */
export function quicknetNumberFor(drawsAt: number): number {
    return quicknetRoundAt(drawsAt + revealMargin);
}

/** Whether the network signed the number of this round. False for whatever is no signature at all. */
export async function verifyQuicknet(
    number: number, signature: Uint8Array, sha256: Sha256,
): Promise<boolean> {
    if (!Number.isSafeInteger(number) || number < 1 || signature.length !== signatureOctets) return false;
    // The library reads 48 octets as compressed whether or not they say so; one signature, one form.
    if ((signature[0]! & compressedFlag) === 0) return false;
    const { shortSignatures, G2 } = bls12_381;
    const message = new Uint8Array(await sha256.digest("SHA-256", bigEndian(number, 8)));
    let point;
    try {
        point = shortSignatures.Signature.fromBytes(signature);
    } catch {
        return false;  // no compressed point of the group
    }
    if (point.is0()) return false;
    return shortSignatures.verify(
        point, shortSignatures.hash(message, hashToCurveTag), G2.Point.fromHex(quicknet.publicKey),
    );
}

/** The octets of a round of quicknet in a seed. */
export function quicknetSeedOctets(number: number, randomness: Uint8Array): Uint8Array {
    const encoder = new TextEncoder();
    return joined([
        encoder.encode("drand\n"), octetsOfHex(quicknet.chainHash), bigEndian(number, 8), randomness,
    ]);
}

/** The numbers of one source in canonical form: RFC 3797, section 4. */
export function canonicalNumbers(numbers: string): string {
    if (numbers.length > numbersLengthMax || !/^[0-9 ,]*$/.test(numbers)) throw badNumbers();
    const found = numbers.split(/[ ,]+/).filter((digits) => digits !== "").map(BigInt);
    if (found.length === 0) throw badNumbers();
    found.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    return found.map((number) => `${number}.`).join("");
}

/** The octets of published numbers in a seed, one text for each named draw. */
export function publishedSeedOctets(sources: readonly string[]): Uint8Array {
    if (sources.length === 0 || sources.length > sourcesMax) throw badNumbers();
    const key = sources.map((source) => `${canonicalNumbers(source)}/`).join("");
    return new TextEncoder().encode(`published\n${key}`);
}

function badNumbers(): Refusal {
    return new Refusal("exchange/bad-numbers",
        "A source is whole numbers in the digits 0 to 9, with spaces or commas between them.");
}

/** Refuses what is not an even number of hexadecimal digits. */
export function octetsOfHex(text: string): Uint8Array {
    if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) {
        throw new Refusal("base/bad-hex", "Give an even number of hexadecimal digits.");
    }
    return Uint8Array.from({ length: text.length / 2 },
        (_, at) => Number.parseInt(text.slice(2 * at, 2 * at + 2), 16));
}
