// SPDX-License-Identifier: Apache-2.0

// Milliseconds of one check in node:
//
//   node web/dist/certificate_bench.js [large | INSTANCE.json SOLUTION.json]
//
// Without files, an instance of 200 members, 5,000 offers, 20,000 needs and about 1.24 million
// lawful pairs, or with `large` of a million needs and 77 million pairs (certificate_subject.ts).
// `comity allocation generate` and `solve --json` write one whose certificate is not trivial.
// In a browser: web/bench/certificate_in_chromium.sh.

import { webcrypto } from "node:crypto";
import { readFileSync } from "node:fs";

import { readAllocations, readInstances } from "../exchange/instance_json";
import { generate, largeSize, measure, referenceSize, type Subject } from "./certificate_subject";

async function read(instanceFile: string, solutionFile: string): Promise<Subject> {
    const begin = performance.now();
    const [named, ...others] = await readInstances(readFileSync(instanceFile), webcrypto.subtle);
    if (named === undefined || others.length > 0) throw new Error("The file must hold one instance.");
    const [allocation] = readAllocations(readFileSync(solutionFile), [named]);
    console.log(`Reading the two documents: ${(performance.now() - begin).toFixed(0)} ms`);
    return { instance: named.instance, rounding: named.rounding, allocation: allocation! };
}

const [first, second] = process.argv.slice(2);
if (first === "large") {
    console.log(measure(generate(largeSize), 5));
} else if (first === undefined || second === undefined) {
    console.log(measure(generate(referenceSize), 21));
} else {
    console.log(measure(await read(first, second), 21));
}
