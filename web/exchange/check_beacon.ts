// SPDX-License-Identifier: Apache-2.0

// The check of a public value as a command of Node, without a network:
//
//   node check_beacon.js NUMBER SIGNATURE
//
// SIGNATURE in hexadecimal digits, as drand and `comity round show` print it. Exit code 0: drand's
// network quicknet signed this round; 6: it did not; 2: the words of the command cannot be read.

import { webcrypto } from "node:crypto";

import { Refusal } from "../base/refusal";
import { octetsOfHex, quicknet, verifyQuicknet } from "./beacon";

const exitHolds = 0;
const exitBadInput = 2;
const exitDoesNotHold = 6;

async function main([numberText, signatureText, ...others]: string[]): Promise<number> {
    if (numberText === undefined || signatureText === undefined || others.length > 0
        || !/^[1-9][0-9]{0,14}$/.test(numberText)) {
        console.error("usage: check_beacon NUMBER SIGNATURE");
        return exitBadInput;
    }
    const number = Number(numberText);
    const signature = octetsOfHex(signatureText);
    if (!await verifyQuicknet(number, signature, webcrypto.subtle)) {
        console.error(`drand's network quicknet did not sign round ${number} like this.`);
        return exitDoesNotHold;
    }
    const randomness = Buffer.from(await webcrypto.subtle.digest("SHA-256", signature));
    const time = new Date(1000 * (quicknet.genesis + (number - 1) * quicknet.period));
    console.log(`drand's network quicknet signed round ${number} (${time.toISOString()}).`
        + ` Randomness: sha256:${randomness.toString("hex")}`);
    return exitHolds;
}

try {
    process.exitCode = await main(process.argv.slice(2));
} catch (error) {
    if (!(error instanceof Refusal)) throw error;
    console.error(error.message);
    process.exitCode = exitBadInput;
}
